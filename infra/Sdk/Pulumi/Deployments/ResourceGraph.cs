namespace Pulumi;

/// <summary>What resources stand for as dependencies.</summary>
internal static class ResourceGraph
{
    /// <summary>
    /// Replaces each component by the resources inside it, at any depth: the engine orders by real resources.
    /// Children of a custom resource do not count, nor those of a remote component, which waits for its children itself.
    /// </summary>
    public static HashSet<Resource> Expand(IEnumerable<Resource> resources)
    {
        var result = new HashSet<Resource>();
        var seen = new HashSet<Resource>();
        var open = new Stack<Resource>(resources);
        while (open.TryPop(out var resource))
        {
            if (!seen.Add(resource))
            {
                continue;
            }
            if (resource is not ComponentResource || resource.IsRemote)
            {
                result.Add(resource);
            }
            if (resource is ComponentResource)
            {
                foreach (var child in resource.Children)
                {
                    open.Push(child);
                }
            }
        }
        return result;
    }

    /// <summary>URNs of the expanded resources, sorted, so that the same program always sends the same request.</summary>
    public static async Task<SortedSet<string>> ExpandToUrnsAsync(IEnumerable<Resource> resources)
    {
        var urns = await Task.WhenAll(Expand(resources).Select(r => r.Urn.GetValueAsync(whenUnknown: ""))).ConfigureAwait(false);
        return new(urns.Where(urn => !string.IsNullOrEmpty(urn)), StringComparer.Ordinal);
    }
}
