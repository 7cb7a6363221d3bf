using System.Numerics;

namespace Reco.Scoring.Retrieval;

/// <summary>Which items a search may find. Applied inside the search: k items come back where k pass.</summary>
internal readonly ref struct ItemFilter
{
    private readonly ReadOnlySpan<int> excluded;
    private readonly ReadOnlySpan<ulong> allowed;

    /// <summary>Makes a filter.</summary>
    /// <param name="excluded">Items that may not be found, ascending.</param>
    /// <param name="allowed">One bit an item, set for those that may be found; empty for all.</param>
    public ItemFilter(ReadOnlySpan<int> excluded, ReadOnlySpan<ulong> allowed = default)
    {
        this.excluded = excluded;
        this.allowed = allowed;
    }

    /// <summary>True where every item passes.</summary>
    public bool IsEmpty => excluded.IsEmpty && allowed.IsEmpty;

    /// <summary>True where a set of allowed items is given.</summary>
    public bool HasAllowed => !allowed.IsEmpty;

    /// <summary>The allowed items, one bit each.</summary>
    public ReadOnlySpan<ulong> Allowed => allowed;

    /// <summary>Whether an item may be found.</summary>
    public bool Passes(int item) =>
        (allowed.IsEmpty || (allowed[item >> 6] & (1UL << item)) != 0) && (excluded.IsEmpty || excluded.BinarySearch(item) < 0);

    /// <summary>Number of allowed items.</summary>
    public int CountAllowed()
    {
        var count = 0;
        foreach (var bits in allowed)
        {
            count += BitOperations.PopCount(bits);
        }

        return count;
    }
}
