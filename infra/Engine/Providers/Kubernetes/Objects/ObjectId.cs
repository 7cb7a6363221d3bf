namespace Reco.Providers.Kubernetes.Objects;

/// <summary>A resource's ID: <c>namespace/name</c>, or <c>name</c> of an object without namespace.</summary>
internal sealed record ObjectId(string Namespace, string Name)
{
    /// <summary>Reads an ID.</summary>
    /// <exception cref="FormatException">No name in it.</exception>
    public static ObjectId Parse(string id)
    {
        var slash = id.IndexOf('/', StringComparison.Ordinal);
        var name = id[(slash + 1)..];
        return name.Length > 0
            ? new ObjectId(slash < 0 ? "" : id[..slash], name)
            : throw new FormatException($"\"{id}\" is not the ID of a Kubernetes object: expected <namespace>/<name>, or <name> of an object without namespace.");
    }

    /// <inheritdoc/>
    public override string ToString() => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";
}
