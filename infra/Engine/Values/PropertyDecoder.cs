using System.Collections.Immutable;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace Reco.Engine.Values;

/// <summary>The wire's <see cref="Struct"/> to property values. Throws <see cref="EngineException"/> for malformed
/// values and, where they are rejected, unknown ones.</summary>
internal static class PropertyDecoder
{
    /// <summary>Decodes a map; none is an empty one.</summary>
    public static PropertyMap Decode(Struct? source, MarshalOptions options)
    {
        if (source is null || source.Fields.Count == 0)
        {
            return PropertyMap.Empty;
        }

        var entries = new List<KeyValuePair<string, PropertyValue>>(source.Fields.Count);
        foreach (var (name, value) in source.Fields)
        {
            if (Decode(name, value, options) is { } decoded)
            {
                entries.Add(new(name, decoded));
            }
        }

        return new PropertyMap(entries);
    }

    /// <summary>Decodes one value; null where it is unknown and unknowns are not kept.</summary>
    /// <param name="name">Property name, for errors.</param>
    /// <param name="value">Wire value.</param>
    /// <param name="options">What to keep.</param>
    public static PropertyValue? Decode(string name, Value value, MarshalOptions options)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.BoolValue:
                return new PropertyValue.BoolValue(value.BoolValue);
            case Value.KindOneofCase.NumberValue:
                // JSON, and with it the state, has no form of these.
                return double.IsFinite(value.NumberValue)
                    ? new PropertyValue.NumberValue(value.NumberValue)
                    : throw new EngineException($"Property '{name}' holds the number {value.NumberValue.ToString(CultureInfo.InvariantCulture)}, which the state cannot hold: give a finite number or leave the property out.");
            case Value.KindOneofCase.StringValue:
                return Signatures.IsUnknown(value.StringValue) ? Unknown(name, options) : new PropertyValue.StringValue(value.StringValue);
            case Value.KindOneofCase.ListValue:
                // An unknown element that is not kept becomes null: positions carry meaning.
                return new PropertyValue.ListValue([.. value.ListValue.Values.Select(item => Decode(name, item, options) ?? PropertyValue.Null)]);
            case Value.KindOneofCase.StructValue:
                return value.StructValue.Fields.TryGetValue(Signatures.Key, out var signature)
                    ? DecodeSigned(name, signature.StringValue, value.StructValue, options)
                    : new PropertyValue.MapValue(Decode(value.StructValue, options));
            default:
                return PropertyValue.Null;
        }
    }

    private static PropertyValue? Unknown(string name, MarshalOptions options)
    {
        if (options.RejectUnknowns)
        {
            throw new EngineException($"Property '{name}' has an unknown value outside a preview.");
        }

        return options.KeepUnknowns ? PropertyValue.Unknown : null;
    }

    private static PropertyValue? DecodeSigned(string name, string signature, Struct source, MarshalOptions options)
    {
        switch (signature)
        {
            case Signatures.Secret:
                var element = Decode(name, Required(name, "secret", source, "value"), options);
                return element is null || !options.KeepSecrets ? element : new PropertyValue.SecretValue(element);
            case Signatures.Output:
                return DecodeOutput(name, source, options);
            case Signatures.ResourceReference:
                return DecodeReference(name, source, options);
            case Signatures.Asset:
                var asset = new PropertyValue.AssetValue(Text(source, "hash") ?? "", Text(source, "text"), Text(source, "path"), Text(source, "uri"));
                return options.AssetDirectory is null ? asset : AssetHasher.EnsureHash(asset, options.AssetDirectory);
            case Signatures.Archive:
                var assets = source.Fields.TryGetValue("assets", out var members) ? Decode(members.StructValue, options) : null;
                var archive = new PropertyValue.ArchiveValue(Text(source, "hash") ?? "", assets, Text(source, "path"), Text(source, "uri"));
                return options.AssetDirectory is null ? archive : AssetHasher.EnsureHash(archive, options.AssetDirectory);
            case Signatures.ByteString:
                throw new EngineException($"Property '{name}' is a string that is not valid UTF-8; this engine does not support such strings.");
            default:
                throw new EngineException($"Property '{name}' has the unrecognised signature '{signature}'.");
        }
    }

    private static PropertyValue? DecodeOutput(string name, Struct source, MarshalOptions options)
    {
        var element = source.Fields.TryGetValue("value", out var value) ? Decode(name, value, options) : null;
        var secret = source.Fields.TryGetValue("secret", out var flag) && flag.BoolValue;
        if (options.KeepOutputs)
        {
            ImmutableArray<string> dependencies = source.Fields.TryGetValue("dependencies", out var list)
                ? [.. list.ListValue.Values.Select(item => item.StringValue)]
                : [];
            return new PropertyValue.OutputValue(element, secret, dependencies);
        }

        element ??= value is null ? Unknown(name, options) : null;
        return secret && element is not null && options.KeepSecrets ? new PropertyValue.SecretValue(element) : element;
    }

    private static PropertyValue? DecodeReference(string name, Struct source, MarshalOptions options)
    {
        var urn = Required(name, "resource reference", source, "urn").StringValue;
        PropertyValue? id = null;
        if (source.Fields.TryGetValue("id", out var wireId))
        {
            var text = wireId.KindCase == Value.KindOneofCase.StringValue ? wireId.StringValue : "";
            id = text.Length == 0 || Signatures.IsUnknown(text) ? PropertyValue.Unknown : new PropertyValue.StringValue(text);
        }

        if (options.KeepResources)
        {
            return new PropertyValue.ResourceReferenceValue(urn, id, Text(source, "packageVersion") ?? "");
        }

        return id switch
        {
            null => new PropertyValue.StringValue(urn),
            PropertyValue.ComputedValue => Unknown(name, options),
            _ => id,
        };
    }

    private static Value Required(string name, string kind, Struct source, string member) =>
        source.Fields.TryGetValue(member, out var value)
            ? value
            : throw new EngineException($"Property '{name}' holds a malformed {kind}: it has no '{member}'.");

    private static string? Text(Struct source, string member) =>
        source.Fields.TryGetValue(member, out var value) && value.KindCase == Value.KindOneofCase.StringValue ? value.StringValue : null;
}
