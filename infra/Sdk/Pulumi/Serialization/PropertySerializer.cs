using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Enum = System.Enum;
using Type = System.Type;

namespace Pulumi.Serialization;

/// <summary>Which of the engine's abilities a serialisation uses.</summary>
/// <param name="KeepResources">Resources travel as references, else as their id.</param>
/// <param name="KeepOutputs">Outputs travel with secretness and dependencies, else as secret, unknown or plain values.</param>
/// <param name="IgnoreReferences">A reference to a resource is no dependency on it.</param>
internal readonly record struct SerializationMode(bool KeepResources, bool KeepOutputs = false, bool IgnoreReferences = false)
{
    /// <summary>The simplest form.</summary>
    public static SerializationMode Plain => default;
}

/// <summary>Turns one property of a program into its wire form, and notes the resources that it depends on.</summary>
/// <param name="mode">Abilities of the engine.</param>
internal sealed class PropertySerializer(SerializationMode mode)
{
    /// <summary>Resources that the value depends on.</summary>
    public HashSet<Resource> Dependencies { get; } = [];

    /// <summary>Serialises a value; null if there is none.</summary>
    /// <param name="path">Where the value is, for errors.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="InvalidOperationException">The value is of a type that has no wire form.</exception>
    public async Task<Value?> SerializeAsync(string path, object? value)
        => value switch
        {
            null or ValueTuple => null,
            bool flag => Value.ForBool(flag),
            int number => Value.ForNumber(number),
            double number => Value.ForNumber(number),
            string text => Value.ForString(text),
            InputArgs args => await ObjectAsync(path, args.ToDictionary()).ConfigureAwait(false),
            AssetOrArchive asset => await AssetAsync(path, asset).ConfigureAwait(false),
            Task => throw new InvalidOperationException($"{path} is a Task. Wrap it: Output.Create(task)."),
            IInput input => await SerializeAsync(path, input.Unwrapped).ConfigureAwait(false),
            IUnion union => await SerializeAsync(path, union.Value).ConfigureAwait(false),
            JsonElement json => Json(json),
            IOutput output => await OutputAsync(path, output).ConfigureAwait(false),
            Resource resource => await ResourceAsync(path, resource).ConfigureAwait(false),
            IDictionary map => await ObjectAsync(path, Entries(path, map)).ConfigureAwait(false),
            IList list => await ListAsync(path, list).ConfigureAwait(false),
            Enum constant when constant.GetTypeCode() == TypeCode.Int32 => Value.ForNumber((int)value),
            _ => await ByTypeAsync(path, value).ConfigureAwait(false),
        };

    /// <summary>Whether a wire value is unknown, or has an unknown value inside.</summary>
    public static bool ContainsUnknowns(Value value)
        => value.KindCase switch
        {
            Value.KindOneofCase.StringValue => value.StringValue == Constants.UnknownValue,
            Value.KindOneofCase.ListValue => value.ListValue.Values.Any(ContainsUnknowns),
            Value.KindOneofCase.StructValue => value.StructValue.Fields.Values.Any(ContainsUnknowns),
            _ => false,
        };

    private static Value Json(JsonElement json)
        => json.ValueKind switch
        {
            JsonValueKind.String => Value.ForString(json.GetString()!),
            JsonValueKind.Number => Value.ForNumber(json.GetDouble()),
            JsonValueKind.True or JsonValueKind.False => Value.ForBool(json.GetBoolean()),
            JsonValueKind.Array => Value.ForList([.. json.EnumerateArray().Select(Json)]),
            JsonValueKind.Object => Struct(json.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, Json(member.Value)))),
            _ => Value.ForNull(),
        };

    // Sorted, so that the same program always sends the same bytes.
    private static Value Struct(IEnumerable<KeyValuePair<string, Value>> fields)
    {
        var result = new Struct();
        foreach (var (name, value) in fields.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            result.Fields[name] = value;
        }
        return Value.ForStruct(result);
    }

    private static Value Special(string signature, params IEnumerable<(string Name, Value? Value)> fields)
        => Struct(fields.Where(field => field.Value is not null).Append((Constants.SignatureKey, Value.ForString(signature)))
            .Select(field => KeyValuePair.Create(field.Item1, field.Item2!)));

    private static IEnumerable<KeyValuePair<string, object?>> Entries(string path, IDictionary map)
    {
        foreach (DictionaryEntry entry in map)
        {
            yield return entry.Key is string key
                ? KeyValuePair.Create(key, entry.Value)
                : throw new InvalidOperationException($"{path} is a dictionary with keys of type {entry.Key.GetType().Name}; keys must be strings.");
        }
    }

    private static bool IsEmptyByDefault(IList list)
        => list.GetType() is { IsConstructedGenericType: true } type
            && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>)
            && (bool)type.GetProperty(nameof(ImmutableArray<int>.IsDefault))!.GetValue(list)!;

    // A member without a value is left out, unless the object came from the engine: then it is whole.
    private async Task<Value> ObjectAsync(string path, IEnumerable<KeyValuePair<string, object?>> members, bool keepNulls = false)
    {
        var fields = new List<KeyValuePair<string, Value>>();
        foreach (var (name, member) in members)
        {
            if ((await SerializeAsync($"{path}.{name}", member).ConfigureAwait(false) ?? (keepNulls ? Value.ForNull() : null)) is { } value)
            {
                fields.Add(KeyValuePair.Create(name, value));
            }
        }
        return Struct(fields);
    }

    private async Task<Value> ListAsync(string path, IList list)
    {
        // A default ImmutableArray cannot even be counted.
        var values = new Value[IsEmptyByDefault(list) ? 0 : list.Count];
        for (var i = 0; i < values.Length; i++)
        {
            // An element without a value keeps its place.
            values[i] = await SerializeAsync($"{path}[{i}]", list[i]).ConfigureAwait(false) ?? Value.ForNull();
        }
        return Value.ForList(values);
    }

    private async Task<Value> AssetAsync(string path, AssetOrArchive asset)
    {
        if (asset is InvalidAsset or InvalidArchive)
        {
            throw new InvalidOperationException($"{path} is an asset or archive that could not be read from the engine, so it cannot be sent either.");
        }
        return Special(asset.Signature, (asset.Property, await SerializeAsync(path, asset.Value).ConfigureAwait(false)));
    }

    private async Task<Value?> OutputAsync(string path, IOutput output)
    {
        var data = await output.GetDataAsync().ConfigureAwait(false);
        var inner = new PropertySerializer(mode with { KeepOutputs = false });
        var value = data.IsKnown ? await inner.SerializeAsync(path, data.Value).ConfigureAwait(false) : null;
        inner.Dependencies.UnionWith(data.Resources);
        Dependencies.UnionWith(inner.Dependencies);
        if (!mode.KeepOutputs)
        {
            return !data.IsKnown ? Value.ForString(Constants.UnknownValue)
                : data.IsSecret ? Special(Constants.SecretSignature, ("value", value ?? Value.ForNull()))
                : value;
        }
        if (data is { IsKnown: true, IsSecret: false } && inner.Dependencies.Count == 0)
        {
            return value;
        }
        var urns = await ResourceGraph.ExpandToUrnsAsync(inner.Dependencies).ConfigureAwait(false);
        return Special(
            Constants.OutputSignature,
            ("value", data.IsKnown ? value ?? Value.ForNull() : null),
            ("secret", data.IsSecret ? Value.ForBool(true) : null),
            ("dependencies", urns.Count == 0 ? null : Value.ForList([.. urns.Select(Value.ForString)])));
    }

    private async Task<Value?> ResourceAsync(string path, Resource resource)
    {
        var inner = mode is { KeepResources: true, IgnoreReferences: true } ? new PropertySerializer(mode) : this;
        if (resource is CustomResource)
        {
            inner.Dependencies.Add(resource);
        }
        var parts = inner.WithoutOutputs();
        var id = resource is CustomResource custom ? await parts.SerializeAsync($"{path}.id", custom.Id).ConfigureAwait(false) : null;
        // A component is no more than its URN: going through its properties could wait for its own children.
        if (!mode.KeepResources && id is not null)
        {
            inner.Dependencies.UnionWith(parts.Dependencies);
            return id;
        }
        var urn = await parts.SerializeAsync($"{path}.urn", resource.Urn).ConfigureAwait(false);
        inner.Dependencies.UnionWith(parts.Dependencies);
        if (!mode.KeepResources)
        {
            return urn;
        }
        return Special(
            Constants.ResourceSignature, (Constants.Urn, urn),
            (Constants.Id, id?.StringValue == Constants.UnknownValue ? Value.ForString("") : id));
    }

    private PropertySerializer WithoutOutputs() => mode.KeepOutputs ? new(mode with { KeepOutputs = false }) : this;

    private async Task<Value?> ByTypeAsync(string path, object value)
    {
        var type = value.GetType();
        if (type.IsValueType && type.IsDefined(typeof(EnumTypeAttribute)))
        {
            var conversion = type.GetMethod("op_Explicit", BindingFlags.Public | BindingFlags.Static, [type]);
            return await SerializeAsync(path, conversion?.Invoke(null, [value]) switch
            {
                string or double => conversion.Invoke(null, [value]),
                _ => throw new InvalidOperationException($"{path}: enumeration {type.FullName} needs an explicit conversion to string or double."),
            }).ConfigureAwait(false);
        }
        if (type.IsDefined(typeof(OutputTypeAttribute)))
        {
            var members = type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
                .Where(field => field.IsInitOnly)
                .Select(field => KeyValuePair.Create(WireName(type, field.Name), field.GetValue(value)));
            return await ObjectAsync(path, members, keepNulls: true).ConfigureAwait(false);
        }
        throw new InvalidOperationException(
            $"{path} is of type {type.FullName}, which resources cannot take. They take strings, bool, int, double, enumerations, lists, "
            + "dictionaries with string keys, args classes, assets, archives, JSON, resources, and inputs and outputs of those.");
    }

    // The constructor knows the wire name where that is no C# name; else the field's, starting in lower case.
    private static string WireName(Type type, string field)
    {
        var name = char.ToLowerInvariant(field[0]) + field[1..];
        return OutputConstructors.Find(type)?.GetParameters()
            .FirstOrDefault(p => string.Equals(p.Name, name, StringComparison.OrdinalIgnoreCase))
            ?.GetCustomAttribute<OutputConstructorParameterAttribute>()?.Name ?? name;
    }
}
