using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using Pulumi.Serialization;

namespace Pulumi;

/// <summary>Serialised properties, and the resources that each depends on.</summary>
/// <param name="Fields">Wire form.</param>
/// <param name="Dependencies">Resources by property.</param>
internal sealed record PropertyBag(Struct Fields, ImmutableDictionary<string, HashSet<Resource>> Dependencies)
{
    /// <summary>Serialises properties; those without a value are left out.</summary>
    /// <param name="what">What the properties are of, for errors.</param>
    /// <param name="properties">Values by name.</param>
    /// <param name="mode">Abilities of the engine.</param>
    /// <param name="skip">Names that are not sent.</param>
    /// <exception cref="InvalidOperationException">A value has no wire form.</exception>
    public static async Task<PropertyBag> SerializeAsync(
        string what, IEnumerable<KeyValuePair<string, object?>> properties, SerializationMode mode, params string[] skip)
    {
        var fields = new Struct();
        var dependencies = ImmutableDictionary.CreateBuilder<string, HashSet<Resource>>();
        foreach (var (name, property) in properties.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            if (skip.Contains(name))
            {
                continue;
            }
            var serializer = new PropertySerializer(mode);
            if (await serializer.SerializeAsync($"{what}.{name}", property).ConfigureAwait(false) is { } value)
            {
                fields.Fields[name] = value;
                dependencies[name] = serializer.Dependencies;
            }
        }
        return new(fields, dependencies.ToImmutable());
    }
}
