using System.Collections.Immutable;

namespace Reco.Engine.Values;

/// <summary>Questions about values and simple conversions of them.</summary>
internal static class PropertyInspection
{
    /// <summary>True where the value is or contains something unknown.</summary>
    public static bool ContainsUnknowns(this PropertyValue value) => Any(value, static v => v is PropertyValue.ComputedValue or PropertyValue.OutputValue { Element: null });

    /// <summary>True where the value is or contains a secret.</summary>
    public static bool ContainsSecrets(this PropertyValue value) => Any(value, static v => v is PropertyValue.SecretValue or PropertyValue.OutputValue { IsSecret: true });

    /// <summary>True where any value of the map contains something unknown.</summary>
    public static bool ContainsUnknowns(this PropertyMap map) => map.Values.Any(ContainsUnknowns);

    /// <summary>True where any value of the map contains a secret.</summary>
    public static bool ContainsSecrets(this PropertyMap map) => map.Values.Any(ContainsSecrets);

    /// <summary>The value as a secret; a secret stays what it is.</summary>
    public static PropertyValue AsSecret(this PropertyValue value) => value is PropertyValue.SecretValue ? value : new PropertyValue.SecretValue(value);

    /// <summary>The string that stands under the name, also inside a secret, or null.</summary>
    public static string? Text(this PropertyMap map, string name) =>
        map.TryGetValue(name, out var value) && Unwrap(value) is PropertyValue.StringValue text ? text.Value : null;

    /// <summary>The value without a secret around it (one level).</summary>
    public static PropertyValue Unwrap(this PropertyValue value) => value is PropertyValue.SecretValue secret ? Unwrap(secret.Element) : value;

    /// <summary>The value with no secrets and outputs at any depth.</summary>
    public static PropertyValue Plain(this PropertyValue value) => Rewrite(value, static v => v switch
    {
        PropertyValue.SecretValue secret => Plain(secret.Element),
        PropertyValue.OutputValue output => output.Element is null ? PropertyValue.Unknown : Plain(output.Element),
        _ => null,
    });

    /// <summary>The map with no secrets and outputs at any depth.</summary>
    public static PropertyMap Plain(this PropertyMap map) => Map(map, Plain);

    /// <summary>The value with outputs turned into unknown, secret or plain values.</summary>
    public static PropertyValue WithoutOutputs(this PropertyValue value) => Rewrite(value, static v =>
    {
        if (v is not PropertyValue.OutputValue output)
        {
            return null;
        }

        var element = output.Element is null ? PropertyValue.Unknown : WithoutOutputs(output.Element);
        return output.IsSecret ? element.AsSecret() : element;
    });

    /// <summary>The map with outputs turned into unknown, secret or plain values.</summary>
    public static PropertyMap WithoutOutputs(this PropertyMap map) => Map(map, WithoutOutputs);

    /// <summary>Every URN that outputs inside the value depend on, and every resource that it refers to.</summary>
    public static IEnumerable<string> OutputDependencies(this PropertyValue value)
    {
        var found = new List<string>();
        Any(value, v =>
        {
            if (v is PropertyValue.OutputValue output)
            {
                found.AddRange(output.Dependencies);
            }

            return false;
        });
        return found;
    }

    /// <summary>A map of the same names with converted values; the same map where nothing changed.</summary>
    public static PropertyMap Map(PropertyMap map, Func<PropertyValue, PropertyValue> convert)
    {
        List<KeyValuePair<string, PropertyValue>>? changed = null;
        foreach (var (name, value) in map)
        {
            var converted = convert(value);
            if (!ReferenceEquals(converted, value))
            {
                changed ??= [.. map];
                var index = changed.FindIndex(entry => entry.Key == name);
                changed[index] = new(name, converted);
            }
        }

        return changed is null ? map : new PropertyMap(changed);
    }

    /// <summary>Calls <paramref name="replace"/> on every value from the outside in; where it returns a value, that stands
    /// in the place of the whole subtree.</summary>
    public static PropertyValue Rewrite(PropertyValue value, Func<PropertyValue, PropertyValue?> replace)
    {
        if (replace(value) is { } replaced)
        {
            return replaced;
        }

        switch (value)
        {
            case PropertyValue.SecretValue secret:
                var element = Rewrite(secret.Element, replace);
                return ReferenceEquals(element, secret.Element) ? value : new PropertyValue.SecretValue(element);
            case PropertyValue.MapValue map:
                var members = Map(map.Map, item => Rewrite(item, replace));
                return ReferenceEquals(members, map.Map) ? value : new PropertyValue.MapValue(members);
            case PropertyValue.ListValue list:
                ImmutableArray<PropertyValue>.Builder? items = null;
                for (var index = 0; index < list.Items.Length; index++)
                {
                    var item = Rewrite(list.Items[index], replace);
                    if (!ReferenceEquals(item, list.Items[index]))
                    {
                        items ??= list.Items.ToBuilder();
                        items[index] = item;
                    }
                }

                return items is null ? value : new PropertyValue.ListValue(items.ToImmutable());
            default:
                return value;
        }
    }

    private static bool Any(PropertyValue value, Func<PropertyValue, bool> test) => test(value) || value switch
    {
        PropertyValue.SecretValue secret => Any(secret.Element, test),
        PropertyValue.OutputValue { Element: not null } output => Any(output.Element, test),
        PropertyValue.ListValue list => list.Items.Any(item => Any(item, test)),
        PropertyValue.MapValue map => map.Map.Values.Any(item => Any(item, test)),
        PropertyValue.ArchiveValue { Assets: not null } archive => archive.Assets.Values.Any(item => Any(item, test)),
        PropertyValue.ResourceReferenceValue { Id: not null } reference => Any(reference.Id, test),
        _ => false,
    };
}
