using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Admission;

/// <summary>Fields that cannot be changed once an object is there.</summary>
internal static class Immutability
{
    private const string Message = "field is immutable";

    private static readonly Dictionary<string, string[]> Fixed = new(StringComparer.Ordinal)
    {
        ["Job"] = ["spec.selector", "spec.completionMode", "spec.template", "spec.podFailurePolicy", "spec.backoffLimitPerIndex"],
        ["Deployment"] = ["spec.selector"],
        ["DaemonSet"] = ["spec.selector"],
        ["ReplicaSet"] = ["spec.selector"],
        ["RoleBinding"] = ["roleRef"],
        ["ClusterRoleBinding"] = ["roleRef"],
        ["Secret"] = ["type"],
        ["StorageClass"] = ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"],
        ["PriorityClass"] = ["value", "preemptionPolicy"],
        ["CustomResourceDefinition"] = ["spec.group", "spec.scope", "spec.names.plural", "spec.names.kind"],
    };

    /// <summary>All of a spec but these.</summary>
    private static readonly Dictionary<string, string[]> Open = new(StringComparer.Ordinal)
    {
        ["StatefulSet"] = ["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"],
        ["PersistentVolumeClaim"] = ["resources", "volumeAttributesClassName", "volumeName"],
        ["Pod"] = ["containers", "initContainers", "activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "nodeName"],
    };

    /// <summary>Refuses a change of such a field.</summary>
    public static void Check(ResourceKind kind, JsonObject old, JsonObject value)
    {
        foreach (var field in Fixed.GetValueOrDefault(kind.Kind) ?? [])
        {
            Same(kind, old, value, field);
        }

        if (Open.GetValueOrDefault(kind.Kind) is { } open)
        {
            foreach (var field in Members(old).Union(Members(value)).Except(open))
            {
                Same(kind, old, value, $"spec.{field}");
            }
        }

        switch (kind.Kind)
        {
            case "Job" when !JsonNode.DeepEquals(old.At("spec", "completions"), value.At("spec", "completions")):
                // An indexed job may grow and shrink with its parallelism.
                if (value.Text("spec", "completionMode") != "Indexed" || value.Number("spec", "completions") != value.Number("spec", "parallelism"))
                {
                    throw ApiException.Invalid(kind.Kind, value.Name(), "spec.completions", Message);
                }

                break;
            case "Service" when old.Text("spec", "clusterIP") is not null && old.Text("spec", "type") != "ExternalName" && value.Text("spec", "type") != "ExternalName":
                Same(kind, old, value, "spec.clusterIP");
                break;
            case "Pod":
                CheckImages(kind, old, value);
                break;
            case "PersistentVolumeClaim" when old.Text("spec", "volumeName") is not null:
                Same(kind, old, value, "spec.volumeName");
                break;
            case "ConfigMap" or "Secret" when old.Flag("immutable"):
                foreach (var field in new[] { "data", "binaryData", "immutable" })
                {
                    if (!JsonNode.DeepEquals(old[field], value[field]))
                    {
                        throw ApiException.Invalid(kind.Kind, value.Name(), field, $"{Message} when `immutable` is set");
                    }
                }

                break;
        }
    }

    private static IEnumerable<string> Members(JsonObject value) => value["spec"] is JsonObject spec ? spec.Select(member => member.Key) : [];

    private static void CheckImages(ResourceKind kind, JsonObject old, JsonObject value)
    {
        foreach (var list in new[] { "containers", "initContainers" })
        {
            if (!JsonNode.DeepEquals(WithoutImages(old, list), WithoutImages(value, list)))
            {
                throw ApiException.Invalid(kind.Kind, value.Name(), $"spec.{list}", $"{Message}: of a pod only images, activeDeadlineSeconds and added tolerations may change");
            }
        }
    }

    private static JsonArray WithoutImages(JsonObject pod, string list)
    {
        var copy = new JsonArray([.. pod.Items("spec", list).Select(container => container.Copy())]);
        foreach (var container in copy.OfType<JsonObject>())
        {
            container.Remove("image");
        }

        return copy;
    }

    private static void Same(ResourceKind kind, JsonObject old, JsonObject value, string field)
    {
        var path = field.Split('.');
        if (!JsonNode.DeepEquals(old.At(path), value.At(path)))
        {
            throw ApiException.Invalid(kind.Kind, value.Name(), field, Message);
        }
    }
}
