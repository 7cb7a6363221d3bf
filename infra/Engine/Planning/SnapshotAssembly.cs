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

        return renamed.Count == 0
            ? [.. SnapshotOrder.Sort(entries)]
            : [.. SnapshotOrder.Sort([.. entries.Select(entry => entry.Rename(urn => renamed.GetValueOrDefault(urn, urn)))])];
    }
}
