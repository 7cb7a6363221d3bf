using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Api;

/// <summary>What a URL of the API names.</summary>
/// <param name="Served">Kind, under one of its versions.</param>
/// <param name="Space">Namespace; empty for all, or for a kind of the cluster.</param>
/// <param name="Name">Name; empty for the collection.</param>
/// <param name="Subresource">For example <c>status</c>; empty for the object.</param>
internal sealed record ResourcePath(ServedKind Served, string Space, string Name, string Subresource)
{
    /// <summary>Kind.</summary>
    public ResourceKind Kind => Served.Kind;

    /// <summary>The object.</summary>
    public ObjectKey Key => new(Kind, Space, Name);

    /// <summary>Reads the parts of a path; null where it names nothing that is served.</summary>
    public static ResourcePath? Parse(KindCatalog kinds, ReadOnlySpan<string> path)
    {
        var (group, version, rest) = path switch
        {
            ["api", var core, .. var tail] => ("", core, tail.ToArray()),
            ["apis", var named, var at, .. var tail] => (named, at, tail.ToArray()),
            _ => ("", "", Array.Empty<string>()),
        };
        ServedKind? Find(string plural) => kinds.Find(group, version, plural);
        return rest switch
        {
            ["namespaces", var space, var plural] when Find(plural) is { Kind.Namespaced: true } kind => new ResourcePath(kind, space, "", ""),
            ["namespaces", var space, var plural, var name] when Find(plural) is { Kind.Namespaced: true } kind => new ResourcePath(kind, space, name, ""),
            ["namespaces", var space, var plural, var name, var sub] when Find(plural) is { Kind.Namespaced: true } kind => new ResourcePath(kind, space, name, sub),
            [var plural] when Find(plural) is { } kind => new ResourcePath(kind, "", "", ""),
            [var plural, var name] when Find(plural) is { Kind.Namespaced: false } kind => new ResourcePath(kind, "", name, ""),
            [var plural, var name, var sub] when Find(plural) is { Kind.Namespaced: false } kind => new ResourcePath(kind, "", name, sub),
            _ => null,
        };
    }
}
