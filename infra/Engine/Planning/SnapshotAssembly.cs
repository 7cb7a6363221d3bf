using System.Collections.Immutable;
using Reco.Engine.State;

namespace Reco.Engine.Planning;

/// <summary>Puts entries together to a snapshot: references to former URNs follow, and everything stands in dependency
/// order. Used at the end of a run, and for what a journal left behind by a crash adds up to.</summary>
internal static class SnapshotAssembly
{
    /// <summary>The entries of a snapshot.</summary>
    public static ImmutableArray<ResourceState> Assemble(IReadOnlyList<ResourceState> entries)
    {
        entries = WithMovedMarks(entries);
        var renamed = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            foreach (var alias in entry.Aliases)
            {
                renamed[alias] = entry.Urn;
            }
        }

        // A former URN that lives on as a resource of its own is not a former one.
        foreach (var entry in entries)
        {
            if (renamed.Count == 0)
            {
                break;
            }

            if (!entry.Delete)
            {
                renamed.Remove(entry.Urn);
            }
        }

        if (renamed.Count == 0)
        {
            return [.. WithoutCircles(SnapshotOrder.Sort(entries))];
        }

        // A provider that was replaced under a new name stands under its old one until it is deleted.
        var standing = entries.Where(entry => renamed.ContainsKey(entry.Urn)).Select(entry => new ProviderReference(entry.Urn, entry.Id).ToString()).ToHashSet(StringComparer.Ordinal);
        return [.. WithoutCircles(SnapshotOrder.Sort([.. entries.Select(entry => entry.Rename(urn => renamed.GetValueOrDefault(urn, urn), standing.Contains))]))];
    }

    // A run that is kept to some targets can make one of them depend on what is no target and, as it was, depends on it.
    // No order suits both; the dependency that would point forward goes until a run brings the other up to date.
    private static IEnumerable<ResourceState> WithoutCircles(List<ResourceState> ordered)
    {
        var known = ordered.Select(entry => entry.Urn).ToHashSet(StringComparer.Ordinal);
        var seen = new HashSet<string>(known.Count, StringComparer.Ordinal);
        foreach (var entry in ordered)
        {
            yield return entry.WithoutDangling(urn => seen.Contains(urn) || !known.Contains(urn));
            seen.Add(entry.Urn);
        }
    }

    // A mark of something that was deleted before its replacement has nothing real behind it. Where its provider was
    // replaced, too, it belongs to the new one.
    private static IReadOnlyList<ResourceState> WithMovedMarks(IReadOnlyList<ResourceState> entries)
    {
        if (!entries.Any(entry => entry.PendingReplacement && entry.Provider.Length > 0))
        {
            return entries;
        }

        var providers = entries.Where(entry => Urn.IsProviderType(entry.Type)).ToList();
        var references = providers.Select(entry => new ProviderReference(entry.Urn, entry.Id).ToString()).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. entries.Select(entry => entry.PendingReplacement && entry.Provider.Length > 0 && !references.Contains(entry.Provider)
                && CopiesInUse.SuccessorOf(entry.Provider, providers.Where(provider => !provider.Delete)) is { } successor
                ? entry with { Provider = new ProviderReference(successor.Urn, successor.Id).ToString() } : entry),
        ];
    }
}
