namespace Reco.LocalCluster.Storage;

/// <summary>A kind that the API serves.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">API version.</param>
/// <param name="Kind">Kind.</param>
/// <param name="Plural">Name in URLs.</param>
/// <param name="Namespaced">Whether its objects live in a namespace.</param>
internal sealed record ResourceKind(string Group, string Version, string Kind, string Plural, bool Namespaced)
{
    /// <summary><c>apiVersion</c> of its objects.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";
}

/// <summary>Every kind that the API serves.</summary>
internal static class ResourceKinds
{
    public static readonly ResourceKind Namespace = new("", "v1", "Namespace", "namespaces", false);
    public static readonly ResourceKind ConfigMap = new("", "v1", "ConfigMap", "configmaps", true);
    public static readonly ResourceKind Secret = new("", "v1", "Secret", "secrets", true);
    public static readonly ResourceKind Service = new("", "v1", "Service", "services", true);
    public static readonly ResourceKind ServiceAccount = new("", "v1", "ServiceAccount", "serviceaccounts", true);
    public static readonly ResourceKind Claim = new("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", true);
    public static readonly ResourceKind Volume = new("", "v1", "PersistentVolume", "persistentvolumes", false);
    public static readonly ResourceKind Pod = new("", "v1", "Pod", "pods", true);
    public static readonly ResourceKind Event = new("", "v1", "Event", "events", true);
    public static readonly ResourceKind Endpoints = new("", "v1", "Endpoints", "endpoints", true);
    public static readonly ResourceKind EndpointSlice = new("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", true);
    public static readonly ResourceKind Deployment = new("apps", "v1", "Deployment", "deployments", true);
    public static readonly ResourceKind ReplicaSet = new("apps", "v1", "ReplicaSet", "replicasets", true);
    public static readonly ResourceKind Job = new("batch", "v1", "Job", "jobs", true);
    public static readonly ResourceKind CronJob = new("batch", "v1", "CronJob", "cronjobs", true);
    public static readonly ResourceKind Role = new("rbac.authorization.k8s.io", "v1", "Role", "roles", true);
    public static readonly ResourceKind RoleBinding = new("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true);
    public static readonly ResourceKind ClusterRole = new("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", false);
    public static readonly ResourceKind ClusterRoleBinding = new("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", false);

    /// <summary>Stored and served, but nothing acts on them here: there is one node, and its network is loopback.</summary>
    private static readonly ResourceKind[] Passive =
    [
        new("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", true),
        new("networking.k8s.io", "v1", "Ingress", "ingresses", true),
        new("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true),
        new("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true),
        new("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", false),
    ];

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<ResourceKind> All =
    [
        Namespace, ConfigMap, Secret, Service, ServiceAccount, Claim, Volume, Pod, Event, Endpoints, EndpointSlice, Deployment, ReplicaSet, Job, CronJob,
        Role, RoleBinding, ClusterRole, ClusterRoleBinding, .. Passive,
    ];

    private static readonly Dictionary<(string, string, string), ResourceKind> ByPath = All.ToDictionary(kind => (kind.Group, kind.Version, kind.Plural));

    /// <summary>The kind of a URL; null where it is not served.</summary>
    public static ResourceKind? Find(string group, string version, string plural) => ByPath.GetValueOrDefault((group, version, plural));
}
