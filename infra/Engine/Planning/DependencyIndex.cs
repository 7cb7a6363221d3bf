using Reco.Engine.State;

namespace Reco.Engine.Planning;

/// <summary>Who depends on whom among the entries of a snapshot. The reverse edges are made once and serve every question
/// of a run, so that questions cost no more than what they find.</summary>
internal sealed class DependencyIndex
{
    private readonly IReadOnlyList<ResourceState> entries;
    private readonly Dictionary<ResourceState, int> positions;
    private readonly Dictionary<string, List<int>> byUrn = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<int>> dependents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<int>> children = new(StringComparer.Ordinal);

    /// <summary>Indexes entries that stand in dependency order.</summary>
    public DependencyIndex(IReadOnlyList<ResourceState> entries)
    {
        this.entries = entries;
        positions = new Dictionary<ResourceState, int>(entries.Count, ReferenceEqualityComparer.Instance);
        for (var index = 0; index < entries.Count; index++)
        {
            var entry = entries[index];
            positions[entry] = index;
            Add(byUrn, entry.Urn, index);
            foreach (var urn in entry.Dependencies())
            {
                Add(dependents, urn, index);
            }

            if (ProviderReference.UrnOf(entry.Provider) is { Length: > 0 } provider)
            {
                Add(dependents, provider, index);
            }

            if (entry.Parent.Length > 0)
            {
                Add(children, entry.Parent, index);
            }
        }
    }

    /// <summary>True for an entry of this index.</summary>
    public bool Contains(ResourceState entry) => positions.ContainsKey(entry);

    /// <summary>Entries of a URN, in order.</summary>
    public IEnumerable<ResourceState> Of(string urn) => byUrn.TryGetValue(urn, out var found) ? found.Select(index => entries[index]) : [];

    /// <summary>Entries that depend on this one, directly or not, in dependency order.</summary>
    /// <param name="root">Where to start.</param>
    /// <param name="includeChildren">Counts children as dependents of their parent.</param>
    public List<ResourceState> DependingOn(ResourceState root, bool includeChildren)
    {
        if (!positions.TryGetValue(root, out var start))
        {
            return [];
        }

        var found = new SortedSet<int>();
        var queue = new Queue<int>([start]);
        while (queue.TryDequeue(out var index))
        {
            var urn = entries[index].Urn;
            var next = dependents.TryGetValue(urn, out var direct) ? direct : [];
            foreach (var dependent in includeChildren && children.TryGetValue(urn, out var below) ? next.Concat(below) : next)
            {
                // What stands before the one in question depends on another entry of the same URN.
                if (dependent > index && found.Add(dependent))
                {
                    queue.Enqueue(dependent);
                }
            }
        }

        return [.. found.Select(index => entries[index])];
    }

    /// <summary>Entries that must outlive this one: what it depends on, its parent and its provider. A dependency on a
    /// component is one on the component's children too.</summary>
    public IEnumerable<ResourceState> DependenciesOf(ResourceState entry)
    {
        if (!positions.TryGetValue(entry, out var position))
        {
            yield break;
        }

        foreach (var urn in entry.Dependencies())
        {
            foreach (var index in Before(urn, position))
            {
                yield return entries[index];
                if (!entries[index].Custom)
                {
                    foreach (var child in Descendants(urn, position))
                    {
                        yield return entries[child];
                    }
                }
            }
        }

        foreach (var urn in (string[])[entry.Parent, ProviderReference.UrnOf(entry.Provider)])
        {
            foreach (var index in Before(urn, position))
            {
                yield return entries[index];
            }
        }
    }

    private IEnumerable<int> Before(string urn, int position) =>
        urn.Length > 0 && byUrn.TryGetValue(urn, out var found) ? found.Where(index => index < position) : [];

    private IEnumerable<int> Descendants(string urn, int position)
    {
        var queue = new Queue<string>([urn]);
        while (queue.TryDequeue(out var parent))
        {
            foreach (var child in children.TryGetValue(parent, out var found) ? found : [])
            {
                if (child < position)
                {
                    yield return child;
                    queue.Enqueue(entries[child].Urn);
                }
            }
        }
    }

    private static void Add(Dictionary<string, List<int>> map, string key, int index)
    {
        if (map.TryGetValue(key, out var list))
        {
            list.Add(index);
        }
        else
        {
            map[key] = [index];
        }
    }
}
