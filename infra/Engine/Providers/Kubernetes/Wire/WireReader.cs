using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;

namespace Reco.Providers.Kubernetes.Wire;

/// <summary>Reads properties off the wire as a plain Kubernetes object: secrets become their value, unknowns the one
/// string <see cref="Signatures.Unknown"/>, whole numbers integers.</summary>
internal static class WireReader
{
    /// <summary>The object; empty for null.</summary>
    /// <exception cref="FormatException">A value that a Kubernetes object cannot hold.</exception>
    public static JsonObject Read(Struct? properties)
    {
        var result = new JsonObject();
        foreach (var (key, value) in properties?.Fields ?? [])
        {
            result[DashedKeys.ToKubernetes(key)] = ReadValue(value);
        }

        return result;
    }

    /// <summary>Whether the node stands for a value that is not known yet.</summary>
    public static bool IsUnknown(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) && Signatures.Unknowns.Contains(text);

    /// <summary>Whether the node is or holds a value that is not known yet.</summary>
    public static bool HasUnknown(JsonNode? node) => node switch
    {
        JsonObject members => members.Any(member => HasUnknown(member.Value)),
        JsonArray items => items.Any(HasUnknown),
        _ => IsUnknown(node),
    };

    private static JsonNode? ReadValue(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.BoolValue => JsonValue.Create(value.BoolValue),
        Value.KindOneofCase.NumberValue => ReadNumber(value.NumberValue),
        Value.KindOneofCase.StringValue => JsonValue.Create(
            Signatures.Unknowns.Contains(value.StringValue) ? Signatures.Unknown : value.StringValue),
        Value.KindOneofCase.ListValue => new JsonArray([.. value.ListValue.Values.Select(ReadValue)]),
        Value.KindOneofCase.StructValue => ReadStruct(value.StructValue),
        _ => null,
    };

    private static JsonNode? ReadStruct(Struct value)
    {
        if (!value.Fields.TryGetValue(Signatures.Key, out var signature))
        {
            return Read(value);
        }

        switch (signature.StringValue)
        {
            case Signatures.Secret:
                return ReadValue(value.Fields["value"]);
            case Signatures.Output:
                return value.Fields.TryGetValue("value", out var inner) ? ReadValue(inner) : JsonValue.Create(Signatures.Unknown);
            case Signatures.Resource:
                return ReadValue(value.Fields.TryGetValue("id", out var id) ? id : value.Fields["urn"]);
            default:
                throw new FormatException("A Kubernetes object cannot hold an asset or an archive: read the file in the program and pass its text.");
        }
    }

    private static JsonValue ReadNumber(double number) =>
        Math.Abs(number) < 1L << 53 && Math.Floor(number) == number
            ? JsonValue.Create((long)number)
            : JsonValue.Create(number);
}
