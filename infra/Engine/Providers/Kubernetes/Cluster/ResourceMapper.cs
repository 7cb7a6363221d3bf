using System.Collections.Concurrent;
using Reco.Providers.Kubernetes.Objects;

namespace Reco.Providers.Kubernetes.Cluster;

/// <summary>Where a kind is found in the API.</summary>
/// <param name="Plural">Its name in URLs.</param>
/// <param name="Namespaced">Whether its objects live in a namespace.</param>
internal sealed record ResourceMapping(string Plural, bool Namespaced);

/// <summary>Finds kinds in the API: built-in ones offline, others by asking the server.</summary>
internal sealed class ResourceMapper
{
    private readonly ConcurrentDictionary<GroupVersionKind, ResourceMapping> found = new();

    /// <summary>The mapping of a built-in kind; null of another.</summary>
    public static ResourceMapping? BuiltIn(GroupVersionKind kind) =>
        ModelCatalog.Plural(kind) is { } plural ? new ResourceMapping(plural, ResourceScope.IsNamespaced(kind.Kind)) : null;

    /// <summary>The mapping of a kind; null where the server does not know it.</summary>
    public async Task<ResourceMapping?> FindAsync(ClusterClient client, GroupVersionKind kind, CancellationToken cancellationToken)
    {
        if (BuiltIn(kind) is { } builtIn)
        {
            return builtIn;
        }

        if (found.TryGetValue(kind, out var known))
        {
            return known;
        }

        // What the server does not know is asked again: a CustomResourceDefinition may come later.
        var list = await client.GetAsync(ClusterClient.ApiPrefix(kind), cancellationToken).ConfigureAwait(false);
        var entry = list.Items("resources").FirstOrDefault(resource =>
            resource.Text("kind") == kind.Kind && resource.Text("name")?.Contains('/', StringComparison.Ordinal) == false);
        if (entry?.Text("name") is not { } plural)
        {
            return null;
        }

        return found[kind] = new ResourceMapping(plural, entry.Flag("namespaced"));
    }
}
