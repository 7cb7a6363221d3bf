using System.Collections.Concurrent;
using System.Collections.Frozen;
using Reco.Scoring.Hosting;
using Reco.Scoring.Search;

namespace Reco.Scoring.Models;

/// <summary>The items' attributes as columns of codes, for filters. Made on first use, or beforehand by <see cref="Warm"/>.</summary>
internal sealed class ItemAttributes(ItemCatalogue items)
{
    private const string Category = "category";
    private const int CachedSets = 256;

    private readonly Lazy<FrozenDictionary<string, Column>> columns = new(() => Build(items));
    private readonly ConcurrentDictionary<(string Attribute, string Value), ulong[]> sets = new();

    /// <summary>Names of the attributes.</summary>
    public IEnumerable<string> Names => columns.Value.Keys.Order(StringComparer.Ordinal);

    /// <summary>Makes the columns now.</summary>
    public void Warm() => _ = columns.Value;

    /// <summary>Finds the items whose every named attribute has one of the values given for it.</summary>
    /// <returns>One bit an item.</returns>
    /// <exception cref="ApiException">No item has an attribute of that name.</exception>
    public ulong[] Select(IReadOnlyDictionary<string, IReadOnlyList<string>> filter)
    {
        ulong[]? selected = null;
        foreach (var (attribute, values) in filter)
        {
            if (!columns.Value.TryGetValue(attribute, out var column))
            {
                throw new ApiException(StatusCodes.Status400BadRequest, $"items have no attribute \"{attribute}\"; they have {string.Join(", ", Names)}");
            }

            var any = new ulong[(items.Count + 63) / 64];
            foreach (var value in values)
            {
                Or(any, SetOf(attribute, value, column));
            }

            selected = selected is null ? any : And(selected, any);
        }

        return selected ?? [];
    }

    private ulong[] SetOf(string attribute, string value, Column column)
    {
        if (sets.TryGetValue((attribute, value), out var known))
        {
            return known;
        }

        var set = new ulong[(items.Count + 63) / 64];
        if (column.Values.TryFind(value, out var number))
        {
            var code = number + 1;
            for (var item = 0; item < column.ByItem.Length; item++)
            {
                if (column.ByItem[item] == code)
                {
                    set[item >> 6] |= 1UL << item;
                }
            }

            if (sets.Count < CachedSets)
            {
                sets.TryAdd((attribute, value), set);
            }
        }

        return set;
    }

    private static void Or(ulong[] target, ulong[] other)
    {
        for (var i = 0; i < target.Length; i++)
        {
            target[i] |= other[i];
        }
    }

    private static ulong[] And(ulong[] target, ulong[] other)
    {
        for (var i = 0; i < target.Length; i++)
        {
            target[i] &= other[i];
        }

        return target;
    }

    private static FrozenDictionary<string, Column> Build(ItemCatalogue items)
    {
        var columns = new Dictionary<string, Column>(StringComparer.Ordinal);
        for (var item = 0; item < items.Count; item++)
        {
            var index = item;
            items.VisitAttributes(item, (name, value) => Add(columns, name, value, index, items.Count));
        }

        // The item's own category, unless an attribute has that name.
        if (!columns.ContainsKey(Category))
        {
            for (var item = 0; item < items.Count; item++)
            {
                if (items.Category(item) is { Length: > 0 } category)
                {
                    Add(columns, Category, category, item, items.Count);
                }
            }
        }

        return columns.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static void Add(Dictionary<string, Column> columns, string name, string value, int item, int count)
    {
        if (!columns.TryGetValue(name, out var column))
        {
            column = new Column(new int[count], new StringTable());
            columns.Add(name, column);
        }

        // 0 is "the item does not have it".
        column.ByItem[item] = column.Values.Add(value) + 1;
    }

    private sealed record Column(int[] ByItem, StringTable Values);
}
