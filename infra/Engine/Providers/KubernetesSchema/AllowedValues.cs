using k8s.Models;

namespace Reco.KubernetesSchema;

/// <summary>Fields that take one of a few words. The model types declare them as plain strings; the words are those of the
/// Kubernetes API reference (v1.34).</summary>
internal static class AllowedValues
{
    private static readonly string[] PullPolicies = ["Always", "IfNotPresent", "Never"];
    private static readonly string[] Protocols = ["TCP", "UDP", "SCTP"];
    private static readonly string[] TrafficPolicies = ["Cluster", "Local"];
    private static readonly string[] PodManagement = ["OrderedReady", "Parallel"];
    private static readonly string[] VolumeModes = ["Filesystem", "Block"];
    private static readonly string[] Schemes = ["HTTP", "HTTPS"];
    private static readonly string[] Operators = ["In", "NotIn", "Exists", "DoesNotExist"];

    private static readonly Dictionary<(Type Model, string Field), string[]> ByField = new()
    {
        [(typeof(V1Container), "imagePullPolicy")] = PullPolicies,
        [(typeof(V1Container), "terminationMessagePolicy")] = ["File", "FallbackToLogsOnError"],
        [(typeof(V1ContainerPort), "protocol")] = Protocols,
        [(typeof(V1PodSpec), "restartPolicy")] = ["Always", "OnFailure", "Never"],
        [(typeof(V1PodSpec), "dnsPolicy")] = ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"],
        [(typeof(V1PodSpec), "preemptionPolicy")] = ["Never", "PreemptLowerPriority"],
        [(typeof(V1PriorityClass), "preemptionPolicy")] = ["Never", "PreemptLowerPriority"],
        [(typeof(V1HTTPGetAction), "scheme")] = Schemes,
        [(typeof(V1Toleration), "operator")] = ["Equal", "Exists", "Lt", "Gt"],
        [(typeof(V1Toleration), "effect")] = ["NoSchedule", "PreferNoSchedule", "NoExecute"],
        [(typeof(V1TopologySpreadConstraint), "whenUnsatisfiable")] = ["DoNotSchedule", "ScheduleAnyway"],
        [(typeof(V1TopologySpreadConstraint), "nodeAffinityPolicy")] = ["Honor", "Ignore"],
        [(typeof(V1TopologySpreadConstraint), "nodeTaintsPolicy")] = ["Honor", "Ignore"],
        [(typeof(V1LabelSelectorRequirement), "operator")] = Operators,
        [(typeof(V1NodeSelectorRequirement), "operator")] = [.. Operators, "Gt", "Lt"],
        [(typeof(V1DeploymentStrategy), "type")] = ["RollingUpdate", "Recreate"],
        [(typeof(V1StatefulSetSpec), "podManagementPolicy")] = PodManagement,
        [(typeof(V1StatefulSetUpdateStrategy), "type")] = ["RollingUpdate", "OnDelete"],
        [(typeof(V1DaemonSetUpdateStrategy), "type")] = ["RollingUpdate", "OnDelete"],
        [(typeof(V1JobSpec), "completionMode")] = ["NonIndexed", "Indexed"],
        [(typeof(V1JobSpec), "podReplacementPolicy")] = ["TerminatingOrFailed", "Failed"],
        [(typeof(V1PodFailurePolicyRule), "action")] = ["FailJob", "FailIndex", "Ignore", "Count"],
        [(typeof(V1PodFailurePolicyOnExitCodesRequirement), "operator")] = ["In", "NotIn"],
        [(typeof(V1CronJobSpec), "concurrencyPolicy")] = ["Allow", "Forbid", "Replace"],
        [(typeof(V1ServiceSpec), "type")] = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"],
        [(typeof(V1ServiceSpec), "sessionAffinity")] = ["ClientIP", "None"],
        [(typeof(V1ServiceSpec), "externalTrafficPolicy")] = TrafficPolicies,
        [(typeof(V1ServiceSpec), "internalTrafficPolicy")] = TrafficPolicies,
        [(typeof(V1ServiceSpec), "ipFamilyPolicy")] = ["SingleStack", "PreferDualStack", "RequireDualStack"],
        [(typeof(V1ServicePort), "protocol")] = Protocols,
        [(typeof(V1NetworkPolicyPort), "protocol")] = Protocols,
        [(typeof(V1PersistentVolumeClaimSpec), "volumeMode")] = VolumeModes,
        [(typeof(V1PersistentVolumeSpec), "volumeMode")] = VolumeModes,
        [(typeof(V1PersistentVolumeSpec), "persistentVolumeReclaimPolicy")] = ["Retain", "Delete", "Recycle"],
        [(typeof(V1StorageClass), "volumeBindingMode")] = ["Immediate", "WaitForFirstConsumer"],
        [(typeof(V1SeccompProfile), "type")] = ["RuntimeDefault", "Unconfined", "Localhost"],
        [(typeof(V1HostPathVolumeSource), "type")] = ["", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"],
        [(typeof(V1VolumeMount), "mountPropagation")] = ["None", "HostToContainer", "Bidirectional"],
        [(typeof(V1PodDisruptionBudgetSpec), "unhealthyPodEvictionPolicy")] = ["IfHealthyBudget", "AlwaysAllow"],
        [(typeof(V1HTTPIngressPath), "pathType")] = ["Exact", "Prefix", "ImplementationSpecific"],
        [(typeof(V1RoleRef), "kind")] = ["Role", "ClusterRole"],
        [(typeof(Rbacv1Subject), "kind")] = ["ServiceAccount", "User", "Group"],
    };

    /// <summary>The words that a field takes; null for any.</summary>
    public static string[]? Of(Type model, string field) => ByField.GetValueOrDefault((model, field));
}
