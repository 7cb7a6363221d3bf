using Google.Protobuf.WellKnownTypes;

namespace Reco.Policies;

/// <summary>The pods that a Kubernetes object makes.</summary>
/// <param name="Path">Where the pod's specification stands, for messages.</param>
/// <param name="Spec">The specification.</param>
/// <param name="IsService">Whether the pods run until they are stopped.</param>
internal sealed record PodTemplate(string Path, Value Spec, bool IsService)
{
    private static readonly Dictionary<string, (string[] Path, bool IsService)> Kinds = new(StringComparer.Ordinal)
    {
        ["kubernetes:core/v1:Pod"] = (["spec"], false),
        ["kubernetes:core/v1:PodTemplate"] = (["template", "spec"], false),
        ["kubernetes:core/v1:ReplicationController"] = (["spec", "template", "spec"], true),
        ["kubernetes:apps/v1:ReplicaSet"] = (["spec", "template", "spec"], true),
        ["kubernetes:apps/v1:Deployment"] = (["spec", "template", "spec"], true),
        ["kubernetes:apps/v1:StatefulSet"] = (["spec", "template", "spec"], true),
        ["kubernetes:apps/v1:DaemonSet"] = (["spec", "template", "spec"], true),
        ["kubernetes:argoproj.io/v1alpha1:Rollout"] = (["spec", "template", "spec"], true),
        ["kubernetes:batch/v1:Job"] = (["spec", "template", "spec"], false),
        ["kubernetes:batch/v1:CronJob"] = (["spec", "jobTemplate", "spec", "template", "spec"], false),
        ["kubernetes:keda.sh/v1alpha1:ScaledJob"] = (["spec", "jobTargetRef", "template", "spec"], false),
    };

    /// <summary>The template of an object; null of one that makes no pods or whose pods are not known yet.</summary>
    public static PodTemplate? Of(PolicyResource resource) =>
        Kinds.TryGetValue(resource.Type, out var kind) && resource.At(kind.Path) is { KindCase: Value.KindOneofCase.StructValue } spec
            ? new PodTemplate(string.Join('.', kind.Path), spec, kind.IsService)
            : null;

    /// <summary>Its containers, with their paths; init containers run to their end and have no probes.</summary>
    public IEnumerable<(string Path, Value Container, bool IsInit)> Containers()
    {
        foreach (var list in new[] { "initContainers", "containers" })
        {
            var index = 0;
            foreach (var container in PolicyResource.Items(PolicyResource.At(Spec, list)))
            {
                yield return ($"{Path}.{list}[{index++}]", container, list == "initContainers");
            }
        }
    }
}
