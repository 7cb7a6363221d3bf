using System.Text.Json.Nodes;

namespace Reco.LocalCluster.Storage;

/// <summary>A kind under one of its API versions.</summary>
/// <param name="Kind">The kind as it is kept.</param>
/// <param name="Version">The served version.</param>
/// <param name="Definition">The entry of <c>spec.versions</c> of its definition; null of a built-in kind.</param>
internal sealed record ServedKind(ResourceKind Kind, string Version, JsonObject? Definition)
{
    /// <summary>Whether anybody but the cluster defined it.</summary>
    public bool IsCustom => Definition is not null;

    /// <summary><c>apiVersion</c> under this version.</summary>
    public string ApiVersion => Kind.Group.Length == 0 ? Version : $"{Kind.Group}/{Version}";

    /// <summary>Subresources that objects of the kind have.</summary>
    public IReadOnlyList<string> Subresources { get; } = Definition is null ? BuiltIn(Kind)
        : [.. new[] { "status", "scale" }.Where(name => Definition.At("subresources", name) is not null)];

    private static string[] BuiltIn(ResourceKind kind) => kind.Kind switch
    {
        "Pod" => ["status", "log", "eviction"],
        "Deployment" or "ReplicaSet" or "StatefulSet" => ["status", "scale"],
        "ServiceAccount" => ["token"],
        "ConfigMap" or "Secret" or "Event" or "Endpoints" or "EndpointSlice" or "Role" or "RoleBinding" or "ClusterRole" or "ClusterRoleBinding"
            or "Lease" or "StorageClass" or "PriorityClass" or "LimitRange" or "IngressClass" or "NetworkPolicy" => [],
        _ => ["status"],
    };
}

/// <summary>Every kind that the API serves: the built-in ones and those of CustomResourceDefinitions.</summary>
internal sealed class KindCatalog
{
    private readonly Lock gate = new();
    private readonly Dictionary<(string Group, string Version, string Plural), ServedKind> served =
        ResourceKinds.All.ToDictionary(kind => (kind.Group, kind.Version, kind.Plural), kind => new ServedKind(kind, kind.Version, null));

    /// <summary>All of them.</summary>
    public IReadOnlyList<ServedKind> All
    {
        get
        {
            lock (gate)
            {
                return [.. served.Values];
            }
        }
    }

    /// <summary>The kind of a URL; null where it is not served.</summary>
    public ServedKind? Find(string group, string version, string plural)
    {
        lock (gate)
        {
            return served.GetValueOrDefault((group, version, plural));
        }
    }

    /// <summary>Begins to serve what a CustomResourceDefinition defines, and ends to serve what it does not define any more.</summary>
    /// <returns>The kind as its objects are kept.</returns>
    public ResourceKind? Define(JsonObject definition)
    {
        if (KindOf(definition) is not { } kind)
        {
            return null;
        }

        lock (gate)
        {
            Forget(kind);
            foreach (var version in definition.Items("spec", "versions").Where(version => version.Flag("served")))
            {
                var name = version.Text("name") ?? "";
                served[(kind.Group, name, kind.Plural)] = new ServedKind(kind, name, version.Copy());
            }
        }

        return kind;
    }

    /// <summary>Ends to serve what a CustomResourceDefinition defines.</summary>
    public void Undefine(JsonObject definition)
    {
        lock (gate)
        {
            if (KindOf(definition) is { } kind)
            {
                Forget(kind);
            }
        }
    }

    /// <summary>The kind that a CustomResourceDefinition defines; null of one that is not complete.</summary>
    public static ResourceKind? KindOf(JsonObject definition)
    {
        var stored = definition.Items("spec", "versions").FirstOrDefault(version => version.Flag("storage")).Text("name");
        return definition.Text("spec", "group") is { } group && stored is not null
            && definition.Text("spec", "names", "kind") is { } kind && definition.Text("spec", "names", "plural") is { } plural
            ? new ResourceKind(group, stored, kind, plural, definition.Text("spec", "scope") == "Namespaced")
            : null;
    }

    private void Forget(ResourceKind kind)
    {
        foreach (var key in served.Keys.Where(key => key.Group == kind.Group && key.Plural == kind.Plural && served[key].IsCustom).ToArray())
        {
            served.Remove(key);
        }
    }
}
