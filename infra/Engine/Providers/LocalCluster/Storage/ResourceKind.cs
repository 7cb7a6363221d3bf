namespace Reco.LocalCluster.Storage;

/// <summary>A kind whose objects the cluster keeps.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">API version that its objects are kept in.</param>
/// <param name="Kind">Kind.</param>
/// <param name="Plural">Name in URLs.</param>
/// <param name="Namespaced">Whether its objects live in a namespace.</param>
internal sealed record ResourceKind(string Group, string Version, string Kind, string Plural, bool Namespaced)
{
    /// <summary><c>apiVersion</c> of its objects.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary><c>plural</c>, or <c>plural.group</c>: how messages and folders name it.</summary>
    public string FullName => Group.Length == 0 ? Plural : $"{Plural}.{Group}";
}

/// <summary>The built-in kinds.</summary>
internal static class ResourceKinds
{
    public static readonly ResourceKind Namespace = new("", "v1", "Namespace", "namespaces", false);
    public static readonly ResourceKind Node = new("", "v1", "Node", "nodes", false);
    public static readonly ResourceKind ConfigMap = new("", "v1", "ConfigMap", "configmaps", true);
    public static readonly ResourceKind Secret = new("", "v1", "Secret", "secrets", true);
    public static readonly ResourceKind Service = new("", "v1", "Service", "services", true);
    public static readonly ResourceKind ServiceAccount = new("", "v1", "ServiceAccount", "serviceaccounts", true);
    public static readonly ResourceKind Claim = new("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", true);
    public static readonly ResourceKind Volume = new("", "v1", "PersistentVolume", "persistentvolumes", false);
    public static readonly ResourceKind Pod = new("", "v1", "Pod", "pods", true);
    public static readonly ResourceKind Event = new("", "v1", "Event", "events", true);
    public static readonly ResourceKind Endpoints = new("", "v1", "Endpoints", "endpoints", true);
    public static readonly ResourceKind Quota = new("", "v1", "ResourceQuota", "resourcequotas", true);
    public static readonly ResourceKind LimitRange = new("", "v1", "LimitRange", "limitranges", true);
    public static readonly ResourceKind EndpointSlice = new("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", true);
    public static readonly ResourceKind Deployment = new("apps", "v1", "Deployment", "deployments", true);
    public static readonly ResourceKind ReplicaSet = new("apps", "v1", "ReplicaSet", "replicasets", true);
    public static readonly ResourceKind StatefulSet = new("apps", "v1", "StatefulSet", "statefulsets", true);
    public static readonly ResourceKind DaemonSet = new("apps", "v1", "DaemonSet", "daemonsets", true);
    public static readonly ResourceKind Job = new("batch", "v1", "Job", "jobs", true);
    public static readonly ResourceKind CronJob = new("batch", "v1", "CronJob", "cronjobs", true);
    public static readonly ResourceKind Role = new("rbac.authorization.k8s.io", "v1", "Role", "roles", true);
    public static readonly ResourceKind RoleBinding = new("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true);
    public static readonly ResourceKind ClusterRole = new("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", false);
    public static readonly ResourceKind ClusterRoleBinding = new("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", false);
    public static readonly ResourceKind StorageClass = new("storage.k8s.io", "v1", "StorageClass", "storageclasses", false);
    public static readonly ResourceKind Lease = new("coordination.k8s.io", "v1", "Lease", "leases", true);
    public static readonly ResourceKind NetworkPolicy = new("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", true);
    public static readonly ResourceKind Ingress = new("networking.k8s.io", "v1", "Ingress", "ingresses", true);
    public static readonly ResourceKind IngressClass = new("networking.k8s.io", "v1", "IngressClass", "ingressclasses", false);
    public static readonly ResourceKind DisruptionBudget = new("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true);
    public static readonly ResourceKind Autoscaler = new("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true);
    public static readonly ResourceKind PriorityClass = new("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", false);
    public static readonly ResourceKind Definition = new("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false);

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<ResourceKind> All =
    [
        Namespace, Node, ConfigMap, Secret, Service, ServiceAccount, Claim, Volume, Pod, Event, Endpoints, Quota, LimitRange, EndpointSlice,
        Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob, Role, RoleBinding, ClusterRole, ClusterRoleBinding, StorageClass, Lease,
        NetworkPolicy, Ingress, IngressClass, DisruptionBudget, Autoscaler, PriorityClass, Definition,
    ];

    /// <summary>Stored, checked and served, but nothing acts on them here; and why.</summary>
    public static readonly IReadOnlyDictionary<ResourceKind, string> NotEnforced = new Dictionary<ResourceKind, string>
    {
        [NetworkPolicy] = "the local cluster's network is this machine's loopback, which every process of this machine reaches",
        [Ingress] = "the local cluster has no ingress controller: use the Service's own address",
        [DisruptionBudget] = "the local cluster evicts nothing",
        [Autoscaler] = "the local cluster measures no metrics: replicas stay as they are set",
        [PriorityClass] = "the local cluster schedules and preempts nothing",
        [Quota] = "the local cluster limits no totals",
        [LimitRange] = "the local cluster sets no defaults of requests and limits",
    };
}
