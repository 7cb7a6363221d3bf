using Google.Protobuf.WellKnownTypes;

namespace Reco.Policies;

/// <summary>A resource as a rule sees it: its inputs, of which some may not be known yet.</summary>
public sealed record PolicyResource
{
    private const string Signature = "4dabf18193072939515e22adb298388d";
    private const string Secret = "1b47061264138c4ac30d75fd1eb44270";
    private const string Output = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

    private static readonly HashSet<string> Unknowns = new(StringComparer.Ordinal)
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9", "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", "3eeb2bf0-c639-47a8-9e75-3b44932eb421", "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58", "e48ece36-62e2-4504-bad9-02848725956a", "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    };

    /// <summary>URN.</summary>
    public required string Urn { get; init; }

    /// <summary>Type token, for example <c>azure-native:storage:StorageAccount</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Name in the program.</summary>
    public required string Name { get; init; }

    /// <summary>Inputs in Pulumi's wire format.</summary>
    public required Struct Properties { get; init; }

    /// <summary>Whether Pulumi refuses to delete it.</summary>
    public bool IsProtected { get; init; }

    /// <summary>The value at a path of member names and list positions (as text), without its secret mark; null where there is
    /// none.</summary>
    public Value? At(params ReadOnlySpan<string> path) => At(Value.ForStruct(Properties), path);

    /// <summary>The value at a path below another value.</summary>
    public static Value? At(Value? value, params ReadOnlySpan<string> path)
    {
        var current = Plain(value);
        foreach (var step in path)
        {
            current = Plain(current?.KindCase switch
            {
                Value.KindOneofCase.StructValue => current.StructValue.Fields.GetValueOrDefault(step),
                Value.KindOneofCase.ListValue when int.TryParse(step, out var index) => current.ListValue.Values.ElementAtOrDefault(index),
                // Below something that is not known yet, nothing is.
                Value.KindOneofCase.StringValue when IsUnknown(current) => current,
                _ => null,
            });
        }

        return current;
    }

    /// <summary>Items of a list, members of a map; none of anything else.</summary>
    public static IEnumerable<Value> Items(Value? value) => Plain(value)?.KindCase switch
    {
        Value.KindOneofCase.ListValue => value!.ListValue.Values.Select(item => Plain(item)!),
        Value.KindOneofCase.StructValue => Plain(value)!.StructValue.Fields.Values.Select(item => Plain(item)!),
        _ => [],
    };

    /// <summary>The text of a value; null where it is no text or not known yet.</summary>
    public static string? Text(Value? value) => value is { KindCase: Value.KindOneofCase.StringValue } && !IsUnknown(value) ? value.StringValue : null;

    /// <summary>Whether a value is not known yet. A rule lets it pass: the update will ask again.</summary>
    public static bool IsUnknown(Value? value) => value is { KindCase: Value.KindOneofCase.StringValue } && Unknowns.Contains(value.StringValue);

    /// <summary>Whether a value is true, or not known yet.</summary>
    public static bool IsTrue(Value? value) => IsUnknown(value) || value is { KindCase: Value.KindOneofCase.BoolValue, BoolValue: true };

    /// <summary>Whether a value is absent.</summary>
    public static bool IsMissing(Value? value) => value is null or { KindCase: Value.KindOneofCase.NullValue or Value.KindOneofCase.None };

    /// <summary>Whether a value carries a secret mark.</summary>
    public static bool IsSecret(Value? value) =>
        value is { KindCase: Value.KindOneofCase.StructValue } && value.StructValue.Fields.TryGetValue(Signature, out var mark)
        && (mark.StringValue == Secret || (mark.StringValue == Output && value.StructValue.Fields.TryGetValue("secret", out var secret) && secret.BoolValue));

    private static Value? Plain(Value? value)
    {
        while (value is { KindCase: Value.KindOneofCase.StructValue } && value.StructValue.Fields.TryGetValue(Signature, out var mark) && mark.StringValue is Secret or Output)
        {
            value = value.StructValue.Fields.TryGetValue("value", out var inner) ? inner : Value.ForString("04da6b54-80e4-46f7-96ec-b56ff0331ba9");
        }

        return value;
    }
}
