using System.Numerics;

namespace Reco.Scoring.Retrieval;

/// <summary>Which items a search may find. Applied inside the search: k items come back where k pass.</summary>
/// <param name="excluded">Items that may not be found, ascending; null for none.</param>
/// <param name="allowed">One bit an item, set for those that may be found; null or empty for all.</param>
internal readonly struct ItemFilter(int[]? excluded, ulong[]? allowed = null)
{
    private readonly int[] excluded = excluded ?? [];
    private readonly ulong[] allowed = allowed ?? [];

    /// <summary>The allowed items, one bit each; empty for all.</summary>
    public ReadOnlySpan<ulong> Allowed => allowed;

    /// <summary>Number of excluded items.</summary>
    public int CountExcluded => excluded?.Length ?? 0;

    /// <summary>Whether an item may be found.</summary>
    public bool Passes(int item) =>
        (allowed is not { Length: > 0 } || (allowed[item >> 6] & (1UL << item)) != 0) && (excluded is not { Length: > 0 } || Array.BinarySearch(excluded, item) < 0);

    /// <summary>Number of allowed items.</summary>
    public int CountAllowed()
    {
        var count = 0;
        foreach (var bits in Allowed)
        {
            count += BitOperations.PopCount(bits);
        }

        return count;
    }
}
