using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;

namespace Pulumi.Serialization;

/// <summary>
/// Turns a wire value into objects: null, bool, double, string, <see cref="ImmutableArray{T}"/> and
/// <see cref="ImmutableDictionary{TKey, TValue}"/> of object, assets, archives, resources and outputs.
/// A secret or unknown part makes the whole secret or unknown.
/// </summary>
internal static class PropertyDeserializer
{
    /// <summary>Reads a value.</summary>
    /// <exception cref="InvalidOperationException">A special object lacks its parts.</exception>
    public static OutputData<object?> Deserialize(Value value)
        => value.KindCase switch
        {
            Value.KindOneofCase.NumberValue => OutputData.Plain<object?>(value.NumberValue),
            Value.KindOneofCase.BoolValue => OutputData.Plain<object?>(value.BoolValue),
            Value.KindOneofCase.StringValue when value.StringValue == Constants.UnknownValue => OutputData.Unknown<object?>(null),
            Value.KindOneofCase.StringValue => OutputData.Plain<object?>(value.StringValue),
            Value.KindOneofCase.ListValue => List(value.ListValue),
            Value.KindOneofCase.StructValue => Text(value.StructValue, Constants.SignatureKey) switch
            {
                Constants.SecretSignature => Deserialize(Member(value.StructValue, "value", "secret")) with { IsSecret = true },
                Constants.AssetSignature => OutputData.Plain<object?>(Asset(value.StructValue)),
                Constants.ArchiveSignature => OutputData.Plain<object?>(Archive(value.StructValue)),
                Constants.ResourceSignature => OutputData.Plain<object?>(Reference(value.StructValue)),
                Constants.OutputSignature => OutputData.Plain<object?>(OutputValue(value.StructValue)),
                _ => Object(value.StructValue),
            },
            _ => OutputData.Plain<object?>(null),
        };

    private static OutputData<object?> List(ListValue list)
    {
        var facts = OutputData.Plain<object?>(null);
        var items = ImmutableArray.CreateBuilder<object?>(list.Values.Count);
        foreach (var element in list.Values)
        {
            facts = facts.Then(Deserialize(element));
            items.Add(facts.Value);
        }
        return facts.With<object?>(items.MoveToImmutable());
    }

    private static OutputData<object?> Object(Struct fields)
    {
        var facts = OutputData.Plain<object?>(null);
        var members = ImmutableDictionary.CreateBuilder<string, object?>();
        foreach (var (name, member) in fields.Fields)
        {
            // Providers keep bookkeeping of their own in such names.
            if (!name.StartsWith("__", StringComparison.Ordinal))
            {
                facts = facts.Then(Deserialize(member));
                members.Add(name, facts.Value);
            }
        }
        return facts.With<object?>(members.ToImmutable());
    }

    private static Asset Asset(Struct fields)
        => Text(fields, "path") is { } path ? new FileAsset(path)
            : Text(fields, "uri") is { } uri ? new RemoteAsset(uri)
            : Text(fields, "text") is { } text ? new StringAsset(text)
            : throw Malformed("asset", "path, uri or text");

    private static Archive Archive(Struct fields)
    {
        if (Text(fields, "path") is { } path)
        {
            return new FileArchive(path);
        }
        if (Text(fields, "uri") is { } uri)
        {
            return new RemoteArchive(uri);
        }
        if (!fields.Fields.TryGetValue("assets", out var assets) || assets.StructValue is null)
        {
            throw Malformed("archive", "path, uri or assets");
        }
        return new AssetArchive(assets.StructValue.Fields.ToDictionary(
            member => member.Key,
            member => Deserialize(member.Value).Value as AssetOrArchive ?? throw Malformed("archive", $"an asset or archive as '{member.Key}'")));
    }

    private static Resource Reference(Struct fields)
    {
        var urn = Text(fields, Constants.Urn) ?? throw Malformed("resource reference", "urn");
        return ResourcePackages.TryConstruct(urn, Text(fields, "packageVersion") ?? "") ?? new DependencyResource(urn);
    }

    private static Output<object?> OutputValue(Struct fields)
    {
        var isKnown = fields.Fields.TryGetValue("value", out var value);
        var isSecret = fields.Fields.TryGetValue("secret", out var secret) && secret.BoolValue;
        var urns = fields.Fields.TryGetValue("dependencies", out var list) ? list.ListValue?.Values.Select(v => v.StringValue) : null;
        var inner = isKnown ? Deserialize(value!) : OutputData.Unknown<object?>(null);
        return new(inner with
        {
            IsSecret = isSecret || inner.IsSecret,
            Resources = [.. inner.Resources, .. urns?.Select(urn => new DependencyResource(urn)) ?? []],
        });
    }

    private static Value Member(Struct fields, string name, string kind)
        => fields.Fields.TryGetValue(name, out var value) ? value : throw Malformed(kind, name);

    private static string? Text(Struct fields, string name)
        => fields.Fields.TryGetValue(name, out var value) && value.KindCase == Value.KindOneofCase.StringValue ? value.StringValue : null;

    private static InvalidOperationException Malformed(string kind, string missing)
        => new($"The engine sent a malformed {kind}: it lacks {missing}.");
}
