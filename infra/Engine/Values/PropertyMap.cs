using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Reco.Engine.Values;

/// <summary>An immutable map from property names to values, ordered by name (ordinal) and compared by content.</summary>
public sealed class PropertyMap : IReadOnlyDictionary<string, PropertyValue>, IEquatable<PropertyMap>
{
    /// <summary>The map with no entries.</summary>
    public static readonly PropertyMap Empty = new([]);

    private readonly SortedDictionary<string, PropertyValue> entries;

    /// <summary>Makes a map of the given entries; a name that comes twice keeps its last value.</summary>
    public PropertyMap(IEnumerable<KeyValuePair<string, PropertyValue>> entries)
    {
        this.entries = new SortedDictionary<string, PropertyValue>(StringComparer.Ordinal);
        foreach (var (name, value) in entries)
        {
            this.entries[name] = value;
        }
    }

    /// <inheritdoc/>
    public int Count => entries.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => entries.Keys;

    /// <inheritdoc/>
    public IEnumerable<PropertyValue> Values => entries.Values;

    /// <inheritdoc/>
    public PropertyValue this[string key] => entries[key];

    /// <summary>This map with one entry set.</summary>
    public PropertyMap With(string name, PropertyValue value) => new(entries.Append(KeyValuePair.Create(name, value)));

    /// <summary>This map without one entry.</summary>
    public PropertyMap Without(string name) => new(entries.Where(entry => entry.Key != name));

    /// <inheritdoc/>
    public bool ContainsKey(string key) => entries.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out PropertyValue value) => entries.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, PropertyValue>> GetEnumerator() => entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(PropertyMap? other) =>
        ReferenceEquals(this, other) || (other is not null && Count == other.Count && entries.SequenceEqual(other.entries));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PropertyMap);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var (name, value) in entries)
        {
            hash.Add(name, StringComparer.Ordinal);
            hash.Add(value);
        }

        return hash.ToHashCode();
    }
}
