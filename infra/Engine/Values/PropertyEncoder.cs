using Google.Protobuf.WellKnownTypes;

namespace Reco.Engine.Values;

/// <summary>Property values to the wire's <see cref="Struct"/>.</summary>
internal static class PropertyEncoder
{
    /// <summary>Encodes a map.</summary>
    public static Struct Encode(PropertyMap map, MarshalOptions options)
    {
        var result = new Struct();
        foreach (var (name, value) in map)
        {
            if (Encode(value, options) is { } encoded)
            {
                result.Fields[name] = encoded;
            }
        }

        return result;
    }

    /// <summary>Encodes one value; null where the receiver is not to see it.</summary>
    public static Value? Encode(PropertyValue value, MarshalOptions options) => value switch
    {
        PropertyValue.NullValue => Value.ForNull(),
        PropertyValue.BoolValue boolean => Value.ForBool(boolean.Value),
        PropertyValue.NumberValue number => Value.ForNumber(number.Value),
        PropertyValue.StringValue text => Value.ForString(text.Value),
        PropertyValue.ListValue list => EncodeList(list, options),
        PropertyValue.MapValue map => Value.ForStruct(Encode(map.Map, options)),
        PropertyValue.ComputedValue => options.KeepUnknowns ? Value.ForString(Signatures.UnknownString) : null,
        PropertyValue.SecretValue secret => EncodeSecret(secret, options),
        PropertyValue.OutputValue output => EncodeOutput(output, options),
        PropertyValue.ResourceReferenceValue reference => EncodeReference(reference, options),
        PropertyValue.AssetValue asset => EncodeAsset(asset, options),
        PropertyValue.ArchiveValue archive => EncodeArchive(archive, options),
        _ => throw new InvalidOperationException($"No wire form for {value.GetType().Name}."),
    };

    private static Value EncodeList(PropertyValue.ListValue list, MarshalOptions options)
    {
        var items = new ListValue();
        foreach (var item in list.Items)
        {
            if (Encode(item, options) is { } encoded)
            {
                items.Values.Add(encoded);
            }
        }

        return new Value { ListValue = items };
    }

    private static Value? EncodeSecret(PropertyValue.SecretValue secret, MarshalOptions options)
    {
        if (!options.KeepSecrets)
        {
            return Encode(secret.Element, options);
        }

        return Encode(secret.Element, options) is { } element ? Signed(Signatures.Secret, ("value", element)) : null;
    }

    private static Value? EncodeOutput(PropertyValue.OutputValue output, MarshalOptions options)
    {
        if (!options.KeepOutputs)
        {
            var plain = output.Element ?? PropertyValue.Unknown;
            return Encode(output.IsSecret ? new PropertyValue.SecretValue(plain) : plain, options);
        }

        var result = Signed(Signatures.Output);
        if (output.Element is not null && Encode(output.Element, options) is { } element)
        {
            result.StructValue.Fields["value"] = element;
        }

        if (output.IsSecret)
        {
            result.StructValue.Fields["secret"] = Value.ForBool(true);
        }

        if (output.Dependencies.Length > 0)
        {
            result.StructValue.Fields["dependencies"] = Value.ForList([.. output.Dependencies.Select(Value.ForString)]);
        }

        return result;
    }

    private static Value? EncodeReference(PropertyValue.ResourceReferenceValue reference, MarshalOptions options)
    {
        if (!options.KeepResources)
        {
            return reference.Id is null ? Value.ForString(reference.Urn) : Encode(reference.Id, options);
        }

        var result = Signed(Signatures.ResourceReference, ("urn", Value.ForString(reference.Urn)));
        if (reference.Id is not null)
        {
            // An empty ID says "not known yet".
            result.StructValue.Fields["id"] = Value.ForString(reference.Id is PropertyValue.StringValue id ? id.Value : "");
        }

        if (reference.PackageVersion.Length > 0)
        {
            result.StructValue.Fields["packageVersion"] = Value.ForString(reference.PackageVersion);
        }

        return result;
    }

    private static Value EncodeAsset(PropertyValue.AssetValue asset, MarshalOptions options)
    {
        var result = Signed(Signatures.Asset);
        var fields = result.StructValue.Fields;
        AddText(fields, "hash", asset.Hash);
        if (!options.ElideAssets)
        {
            AddText(fields, "text", asset.Text);
            AddText(fields, "path", asset.Path);
            AddText(fields, "uri", asset.Uri);
        }

        return result;
    }

    private static Value EncodeArchive(PropertyValue.ArchiveValue archive, MarshalOptions options)
    {
        var result = Signed(Signatures.Archive);
        var fields = result.StructValue.Fields;
        AddText(fields, "hash", archive.Hash);
        if (!options.ElideAssets)
        {
            if (archive.Assets is not null)
            {
                fields["assets"] = Value.ForStruct(Encode(archive.Assets, options));
            }

            AddText(fields, "path", archive.Path);
            AddText(fields, "uri", archive.Uri);
        }

        return result;
    }

    private static void AddText(IDictionary<string, Value> fields, string name, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            fields[name] = Value.ForString(text);
        }
    }

    private static Value Signed(string signature, params ReadOnlySpan<(string Name, Value Value)> members)
    {
        var result = new Struct();
        result.Fields[Signatures.Key] = Value.ForString(signature);
        foreach (var (name, value) in members)
        {
            result.Fields[name] = value;
        }

        return Value.ForStruct(result);
    }
}
