using System.Text.Json;
using System.Text.Json.Nodes;
using Reco.Engine.Values;

namespace Reco.Engine.State;

/// <summary>Values in the JSON of checkpoints: as on the wire, with secrets encrypted.</summary>
/// <param name="encrypt">Turns the JSON text of a secret into what stands under <c>ciphertext</c>; null writes secrets in
/// plain text under <c>plaintext</c>, for an export that asks for it.</param>
/// <param name="decrypt">Turns <c>ciphertext</c> into JSON text.</param>
internal sealed class StateValueCodec(Func<string, string>? encrypt, Func<string, string>? decrypt)
{
    private const string Ciphertext = "ciphertext";
    private const string Plaintext = "plaintext";

    /// <summary>A map as a JSON object.</summary>
    public JsonObject Encode(PropertyMap map)
    {
        var result = new JsonObject();
        foreach (var (name, value) in map)
        {
            result[name] = Encode(value);
        }

        return result;
    }

    /// <summary>A value as JSON.</summary>
    public JsonNode? Encode(PropertyValue value) => value switch
    {
        PropertyValue.NullValue => null,
        PropertyValue.BoolValue entry => JsonValue.Create(entry.Value),
        PropertyValue.NumberValue entry => Number(entry.Value),
        PropertyValue.StringValue entry => JsonValue.Create(entry.Value),
        PropertyValue.ListValue entry => new JsonArray([.. entry.Items.Select(Encode)]),
        PropertyValue.MapValue entry => Encode(entry.Map),
        PropertyValue.SecretValue entry => Secret(entry.Element),
        PropertyValue.ComputedValue => JsonValue.Create(Signatures.UnknownString),
        PropertyValue.OutputValue entry => Encode(entry is { Element: null } ? PropertyValue.Unknown : entry.IsSecret ? new PropertyValue.SecretValue(entry.Element) : entry.Element),
        PropertyValue.ResourceReferenceValue entry => Reference(entry),
        PropertyValue.AssetValue entry => Signed(Signatures.Asset, ("hash", entry.Hash), ("text", entry.Text), ("path", entry.Path), ("uri", entry.Uri)),
        PropertyValue.ArchiveValue entry => Archive(entry),
        _ => throw new InvalidOperationException($"no JSON form of {value.GetType().Name}"),
    };

    /// <summary>A map from a JSON object.</summary>
    /// <exception cref="EngineException">A secret cannot be decrypted, or a signed value is malformed.</exception>
    public PropertyMap DecodeMap(JsonNode? node) => node is JsonObject map
        ? new PropertyMap(map.Select(entry => KeyValuePair.Create(entry.Key, Decode(entry.Value))))
        : PropertyMap.Empty;

    /// <summary>A value from JSON.</summary>
    public PropertyValue Decode(JsonNode? node) => node switch
    {
        null => PropertyValue.Null,
        JsonArray list => new PropertyValue.ListValue([.. list.Select(Decode)]),
        JsonObject map when map[Signatures.Key] is JsonValue signature && signature.TryGetValue<string>(out var kind) => DecodeSigned(map, kind),
        JsonObject map => new PropertyValue.MapValue(DecodeMap(map)),
        JsonValue value => value.GetValueKind() switch
        {
            JsonValueKind.True => new PropertyValue.BoolValue(true),
            JsonValueKind.False => new PropertyValue.BoolValue(false),
            JsonValueKind.Number => new PropertyValue.NumberValue(value.GetValue<double>()),
            _ => value.GetValue<string>() is var text && Signatures.IsUnknown(text) ? PropertyValue.Unknown : new PropertyValue.StringValue(text),
        },
        _ => PropertyValue.Null,
    };

    private static JsonNode Number(double value) =>
        value == Math.Truncate(value) && Math.Abs(value) < 1L << 53 ? JsonValue.Create((long)value) : JsonNode.Parse(NumberText.Of(value))!;

    private JsonObject Secret(PropertyValue element)
    {
        // The official engine encrypts the JSON of the plain value; secrets inside are part of it.
        var text = new StateValueCodec(null, null).Encode(Unwrap(element))?.ToJsonString(DeepJson.Line) ?? "null";
        return encrypt is null ? Signed(Signatures.Secret, (Plaintext, text)) : Signed(Signatures.Secret, (Ciphertext, encrypt(text)));
    }

    private static PropertyValue Unwrap(PropertyValue value) => PropertyInspection.Rewrite(value, static inner => inner is PropertyValue.SecretValue secret ? Unwrap(secret.Element) : null);

    private JsonObject Archive(PropertyValue.ArchiveValue archive)
    {
        var result = Signed(Signatures.Archive, ("hash", archive.Hash), ("path", archive.Path), ("uri", archive.Uri));
        if (archive.Assets is not null)
        {
            result["assets"] = Encode(archive.Assets);
        }

        return result;
    }

    private JsonObject Reference(PropertyValue.ResourceReferenceValue reference)
    {
        var result = Signed(Signatures.ResourceReference, ("urn", reference.Urn));
        if (reference.Id is not null)
        {
            result["id"] = reference.Id is PropertyValue.ComputedValue ? "" : Encode(reference.Id);
        }

        if (reference.PackageVersion.Length > 0)
        {
            result["packageVersion"] = reference.PackageVersion;
        }

        return result;
    }

    private static JsonObject Signed(string kind, params ReadOnlySpan<(string Name, string? Value)> members)
    {
        var result = new JsonObject { [Signatures.Key] = kind };
        foreach (var (name, value) in members)
        {
            if (!string.IsNullOrEmpty(value))
            {
                result[name] = value;
            }
        }

        return result;
    }

    private PropertyValue DecodeSigned(JsonObject map, string kind)
    {
        string? Text(string name) => map[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
        switch (kind)
        {
            case Signatures.Secret:
                var json = Text(Plaintext) ?? (Text(Ciphertext) is { } sealedText
                    ? (decrypt ?? throw new EngineException("the state holds encrypted secrets, and no secrets provider is set up to decrypt them", 1))(sealedText)
                    : throw new EngineException("the state holds a secret without ciphertext or plaintext", 1));
                return new PropertyValue.SecretValue(Decode(DeepJson.Parse(json)));
            case Signatures.ResourceReference:
                var id = map.ContainsKey("id") ? Text("id") is "" ? PropertyValue.Unknown : Decode(map["id"]) : null;
                return new PropertyValue.ResourceReferenceValue(Text("urn") ?? "", id, Text("packageVersion") ?? "");
            case Signatures.Asset:
                return new PropertyValue.AssetValue(Text("hash") ?? "", Text("text"), Text("path"), Text("uri"));
            case Signatures.Archive:
                return new PropertyValue.ArchiveValue(Text("hash") ?? "", map["assets"] is JsonObject assets ? DecodeMap(assets) : null, Text("path"), Text("uri"));
            case Signatures.Output:
                return map.ContainsKey("value") ? Decode(map["value"]) : PropertyValue.Unknown;
            default:
                throw new EngineException($"the state holds a value with the unknown signature '{kind}'", 1);
        }
    }
}
