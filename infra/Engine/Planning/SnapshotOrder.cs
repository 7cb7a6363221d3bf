using Reco.Engine.State;

namespace Reco.Engine.Planning;

/// <summary>Puts snapshot entries into dependency order: parents, providers and dependencies before what needs them;
/// otherwise entries keep the order that they have. Also for states that were put together from a journal.</summary>
internal static class SnapshotOrder
{
    /// <summary>Sorts; time and memory grow linearly with entries and references. Where references run in a circle (which
    /// no program makes in one run, but two runs with targets can), it is a dependency that points forward, not a parent or
    /// a provider, if the circle has one.</summary>
    public static List<ResourceState> Sort(IReadOnlyList<ResourceState> entries)
    {
        var references = new References(entries);
        var passedOver = new HashSet<(int, int)>();
        while (true)
        {
            if (TrySort(entries, references, passedOver) is { } sorted)
            {
                return sorted;
            }
        }
    }

    // Depth first. Null where a circle was found that would turn a parent or provider round: one of its dependencies is
    // passed over in the next attempt.
    private static List<ResourceState>? TrySort(IReadOnlyList<ResourceState> entries, References references, HashSet<(int, int)> passedOver)
    {
        var result = new List<ResourceState>(entries.Count);
        var marks = new byte[entries.Count];
        var path = new List<(int Index, IEnumerator<Reference> Needs)>();
        for (var start = 0; start < entries.Count; start++)
        {
            if (marks[start] != 0)
            {
                continue;
            }

            marks[start] = 1;
            path.Add((start, references.Of(start).GetEnumerator()));
            while (path.Count > 0)
            {
                var (index, needs) = path[^1];
                var pushed = false;
                while (!pushed && needs.MoveNext())
                {
                    var needed = needs.Current;
                    if (!needed.IsFirm && passedOver.Contains((index, needed.Index)))
                    {
                        continue;
                    }

                    if (marks[needed.Index] == 0)
                    {
                        marks[needed.Index] = 1;
                        path.Add((needed.Index, references.Of(needed.Index).GetEnumerator()));
                        pushed = true;
                    }
                    else if (marks[needed.Index] == 1 && needed.IsFirm && LooseIn(path, needed.Index) is { } loose)
                    {
                        passedOver.Add(loose);
                        return null;
                    }
                }

                if (!pushed)
                {
                    path.RemoveAt(path.Count - 1);
                    marks[index] = 2;
                    result.Add(entries[index]);
                }
            }
        }

        return result;
    }

    // The first reference on the way from an entry to the end of the path that is neither to a parent nor to a provider.
    private static (int, int)? LooseIn(List<(int Index, IEnumerator<Reference> Needs)> path, int from)
    {
        for (var at = path.FindIndex(step => step.Index == from); at < path.Count - 1; at++)
        {
            if (!path[at].Needs.Current.IsFirm)
            {
                return (path[at].Index, path[at + 1].Index);
            }
        }

        return null;
    }

    /// <summary>A reference to the entry at a place.</summary>
    /// <param name="Index">Place of what is referred to.</param>
    /// <param name="IsFirm">True for a parent or provider: an entry cannot be without.</param>
    private readonly record struct Reference(int Index, bool IsFirm);

    /// <summary>What each entry refers to, by place.</summary>
    private sealed class References
    {
        private readonly IReadOnlyList<ResourceState> entries;
        private readonly Dictionary<string, int> live;
        private readonly Dictionary<string, List<int>> old = new(StringComparer.Ordinal);
        private readonly Dictionary<string, int> providers = new(StringComparer.Ordinal);

        public References(IReadOnlyList<ResourceState> entries)
        {
            this.entries = entries;
            live = new Dictionary<string, int>(entries.Count, StringComparer.Ordinal);
            for (var index = 0; index < entries.Count; index++)
            {
                if (Urn.IsProviderType(entries[index].Type))
                {
                    providers[new ProviderReference(entries[index].Urn, entries[index].Id).ToString()] = index;
                }

                if (!entries[index].Delete)
                {
                    live[entries[index].Urn] = index;
                }
                else if (old.TryGetValue(entries[index].Urn, out var others))
                {
                    others.Add(index);
                }
                else
                {
                    old[entries[index].Urn] = [index];
                }
            }
        }

        public IEnumerable<Reference> Of(int index)
        {
            var entry = entries[index];
            if (entry.Provider.Length > 0 && providers.TryGetValue(entry.Provider, out var provider) && provider != index)
            {
                // Of several providers of one URN it is this one.
                yield return new Reference(provider, IsFirm: true);
            }

            foreach (var urn in entry.Needs())
            {
                // A live entry needs the live one; what awaits deletion belongs to what awaits deletion with it, and at
                // least some entry of that URN has to stand before it.
                var isFirm = urn == entry.Parent;
                var hasLive = live.TryGetValue(urn, out var found);
                var hasOld = old.TryGetValue(urn, out var copies);
                if (hasOld && (entry.Delete || !hasLive))
                {
                    foreach (var copy in copies!)
                    {
                        if (copy != index && (copy < index || (!hasLive && copy == copies[0])))
                        {
                            yield return new Reference(copy, isFirm);
                        }
                    }
                }

                if (hasLive && found != index && (!entry.Delete || !hasOld || copies!.TrueForAll(copy => copy >= index)))
                {
                    yield return new Reference(found, isFirm);
                }
            }
        }
    }
}
