using Google.Protobuf.WellKnownTypes;

namespace Reco.Providers.AzureNative.Wire;

/// <summary>Values of Pulumi's wire format. This provider takes no secrets: the engine strips the marks and puts them
/// back by name, so that here everything but an unknown is plain.</summary>
internal static class Plain
{
    /// <summary>The unknown value, whatever its type.</summary>
    public const string UnknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

    private static readonly HashSet<string> Unknowns = new(StringComparer.Ordinal)
    {
        UnknownText,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    };

    /// <summary>A value that is not known yet.</summary>
    public static Value Unknown => Value.ForString(UnknownText);

    /// <summary>Whether a value is not known yet.</summary>
    public static bool IsUnknown(Value value) => value.KindCase == Value.KindOneofCase.StringValue && Unknowns.Contains(value.StringValue);

    /// <summary>Whether a value is or holds something that is not known yet.</summary>
    public static bool HasUnknown(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.ListValue => value.ListValue.Values.Any(HasUnknown),
        Value.KindOneofCase.StructValue => value.StructValue.Fields.Values.Any(HasUnknown),
        _ => IsUnknown(value),
    };

    /// <summary>Whether a member is there: JSON's null counts as absent.</summary>
    public static bool Has(Struct? values, string key) =>
        values is not null && values.Fields.TryGetValue(key, out var value) && value.KindCase is not (Value.KindOneofCase.NullValue or Value.KindOneofCase.None);

    /// <summary>The text of a member; null where it is absent, unknown or no text.</summary>
    public static string? Text(Struct? values, string key) =>
        values is not null && values.Fields.TryGetValue(key, out var value) && value.KindCase == Value.KindOneofCase.StringValue && !IsUnknown(value)
            ? value.StringValue
            : null;

    /// <summary>What kind of value it is, in words; never the value itself, which may be secret.</summary>
    public static string Describe(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.StructValue => "an object",
        Value.KindOneofCase.ListValue => "a list",
        Value.KindOneofCase.StringValue => "a string",
        Value.KindOneofCase.NumberValue => "a number",
        Value.KindOneofCase.BoolValue => "a boolean",
        _ => "nothing",
    };
}
