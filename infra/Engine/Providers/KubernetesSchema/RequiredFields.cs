using k8s.Models;

namespace Reco.KubernetesSchema;

/// <summary>Fields that Kubernetes wants and that the model types do not mark as such.</summary>
internal static class RequiredFields
{
    private static readonly Dictionary<Type, string[]> ByType = new()
    {
        [typeof(V1Deployment)] = ["spec"],
        [typeof(V1DeploymentSpec)] = ["selector", "template"],
        [typeof(V1StatefulSet)] = ["spec"],
        [typeof(V1StatefulSetSpec)] = ["selector", "template"],
        [typeof(V1DaemonSet)] = ["spec"],
        [typeof(V1DaemonSetSpec)] = ["selector", "template"],
        [typeof(V1ReplicaSet)] = ["spec"],
        [typeof(V1ReplicaSetSpec)] = ["selector"],
        [typeof(V1Job)] = ["spec"],
        [typeof(V1JobSpec)] = ["template"],
        [typeof(V1CronJob)] = ["spec"],
        [typeof(V1CronJobSpec)] = ["schedule", "jobTemplate"],
        [typeof(V1Pod)] = ["spec"],
        [typeof(V1PodTemplateSpec)] = ["spec"],
        [typeof(V1PodSpec)] = ["containers"],
        [typeof(V1Container)] = ["name", "image"],
        [typeof(V1EnvVar)] = ["name"],
        [typeof(V1Volume)] = ["name"],
        [typeof(V1VolumeMount)] = ["name", "mountPath"],
        [typeof(V1ContainerPort)] = ["containerPort"],
        [typeof(V1ServicePort)] = ["port"],
        [typeof(V1HTTPGetAction)] = ["port"],
        [typeof(V1TCPSocketAction)] = ["port"],
        [typeof(V1ConfigMapKeySelector)] = ["key"],
        [typeof(V1SecretKeySelector)] = ["key"],
        [typeof(V1ObjectFieldSelector)] = ["fieldPath"],
        [typeof(V1ResourceFieldSelector)] = ["resource"],
        [typeof(V1PersistentVolumeClaim)] = ["spec"],
        [typeof(V1PersistentVolumeClaimVolumeSource)] = ["claimName"],
        [typeof(V1HostPathVolumeSource)] = ["path"],
        [typeof(V1KeyToPath)] = ["key", "path"],
        [typeof(V1ServiceAccountTokenProjection)] = ["path"],
        [typeof(V1LabelSelectorRequirement)] = ["key", "operator"],
        [typeof(V1NodeSelectorRequirement)] = ["key", "operator"],
        [typeof(V1TopologySpreadConstraint)] = ["maxSkew", "topologyKey", "whenUnsatisfiable"],
        [typeof(V1PodAffinityTerm)] = ["topologyKey"],
        [typeof(V1RoleBinding)] = ["roleRef"],
        [typeof(V1ClusterRoleBinding)] = ["roleRef"],
        [typeof(V1RoleRef)] = ["apiGroup", "kind", "name"],
        [typeof(V1PolicyRule)] = ["verbs"],
        [typeof(V1StorageClass)] = ["provisioner"],
        [typeof(V1HorizontalPodAutoscalerSpec)] = ["maxReplicas", "scaleTargetRef"],
        [typeof(V2HorizontalPodAutoscalerSpec)] = ["maxReplicas", "scaleTargetRef"],
        [typeof(V2CrossVersionObjectReference)] = ["kind", "name"],
    };

    /// <summary>The required fields of a model type.</summary>
    public static IReadOnlyList<string> Of(Type type) => ByType.TryGetValue(type, out var fields) ? fields : [];
}
