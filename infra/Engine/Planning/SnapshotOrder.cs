using Reco.Engine.State;

namespace Reco.Engine.Planning;

/// <summary>Puts snapshot entries into dependency order: parents, providers and dependencies before what needs them;
/// otherwise entries keep the order that they have. Also for states that were put together from a journal.</summary>
internal static class SnapshotOrder
{
    /// <summary>Sorts; time and memory grow linearly with entries and references. Where references run in a circle (which
    /// no engine writes) the order of the circle stays as it is.</summary>
    public static List<ResourceState> Sort(IReadOnlyList<ResourceState> entries)
    {
        var live = new Dictionary<string, int>(entries.Count, StringComparer.Ordinal);
        var old = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        var providers = new Dictionary<string, int>(StringComparer.Ordinal);
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

        var result = new List<ResourceState>(entries.Count);
        var marks = new byte[entries.Count];
        var stack = new Stack<(int Index, IEnumerator<int> Needs)>();
        for (var start = 0; start < entries.Count; start++)
        {
            if (marks[start] != 0)
            {
                continue;
            }

            marks[start] = 1;
            stack.Push((start, Needed(start).GetEnumerator()));
            while (stack.Count > 0)
            {
                var (index, needs) = stack.Peek();
                var pushed = false;
                while (needs.MoveNext())
                {
                    if (marks[needs.Current] == 0)
                    {
                        marks[needs.Current] = 1;
                        stack.Push((needs.Current, Needed(needs.Current).GetEnumerator()));
                        pushed = true;
                        break;
                    }
                }

                if (!pushed)
                {
                    stack.Pop();
                    marks[index] = 2;
                    result.Add(entries[index]);
                }
            }
        }

        return result;

        IEnumerable<int> Needed(int index)
        {
            var entry = entries[index];
            if (entry.Provider.Length > 0 && providers.TryGetValue(entry.Provider, out var provider) && provider != index)
            {
                // Of several providers of one URN it is this one.
                yield return provider;
            }

            foreach (var urn in entry.Needs())
            {
                // A live entry needs the live one; what awaits deletion belongs to what awaits deletion with it, and at
                // least some entry of that URN has to stand before it.
                var hasLive = live.TryGetValue(urn, out var found);
                var hasOld = old.TryGetValue(urn, out var copies);
                if (hasOld && (entry.Delete || !hasLive))
                {
                    foreach (var copy in copies!)
                    {
                        if (copy != index && (copy < index || (!hasLive && copy == copies[0])))
                        {
                            yield return copy;
                        }
                    }
                }

                if (hasLive && found != index && (!entry.Delete || !hasOld || copies!.TrueForAll(copy => copy >= index)))
                {
                    yield return found;
                }
            }
        }
    }
}
