using System.Text.Json.Nodes;
using Reco.Providers.Kubernetes.Configuration;
using Reco.Providers.Kubernetes.Objects;

namespace Reco.Providers.Kubernetes.Diffing;

/// <summary>Which changed fields a cluster refuses to change in place, by kind: the table of Pulumi's Kubernetes provider.</summary>
internal static class ReplacementRules
{
    private static readonly string[] Identity = ["metadata.name", "metadata.namespace"];

    private static readonly string[] PodFields =
    [
        "affinity", "automountServiceAccountToken", "dnsConfig", "dnsPolicy", "enableServiceLinks", "hostAliases", "hostIPC",
        "hostNetwork", "hostPID", "hostname", "imagePullSecrets", "nodeName", "nodeSelector", "overhead", "preemptionPolicy",
        "priority", "priorityClassName", "readinessGates", "restartPolicy", "runtimeClassName", "schedulerName",
        "securityContext", "serviceAccount", "serviceAccountName", "shareProcessNamespace", "subdomain",
        "terminationGracePeriodSeconds", "volumes",
    ];

    private static readonly string[] ContainerFields =
    [
        "args", "command", "env", "image", "imagePullPolicy", "lifecycle", "livenessProbe", "ports", "readinessProbe",
        "resources", "securityContext", "stdin", "stdinOnce", "terminationMessagePath", "terminationMessagePolicy", "tty",
        "volumeDevices", "volumeMounts", "workingDir",
    ];

    private static readonly string[] VolumeSources =
    [
        "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc", "flexVolume", "flocker",
        "gcePersistentDisk", "glusterfs", "hostPath", "iscsi", "local", "nfs", "photonPersistentDisk", "portworxVolume",
        "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume",
    ];

    private static readonly Dictionary<string, string[]> ByKind = new(StringComparer.Ordinal)
    {
        ["apps/v1/Deployment"] = ["spec.selector"],
        ["apps/v1/DaemonSet"] = ["spec.selector"],
        ["apps/v1/StatefulSet"] = ["spec.podManagementPolicy", "spec.revisionHistoryLimit", "spec.selector", "spec.serviceName", "spec.volumeClaimTemplates"],
        ["batch/v1/Job"] = ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
        ["v1/PersistentVolume"] = [.. VolumeSources.Select(field => $"spec.{field}")],
        ["v1/PersistentVolumeClaim"] = ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
        ["v1/Pod"] =
        [
            .. PodFields.Select(field => $"spec.{field}"),
            .. ContainerFields.Select(field => $"spec.containers[*].{field}"),
            .. ContainerFields.Select(field => $"spec.initContainers[*].{field}"),
        ],
        ["v1/ResourceQuota"] = ["spec.scopes"],
        ["v1/Secret"] = ["type"],
        ["v1/Service"] = ["spec.clusterIP"],
        ["policy/v1beta1/PodDisruptionBudget"] = ["spec"],
        ["rbac.authorization.k8s.io/v1/RoleBinding"] = ["roleRef"],
        ["rbac.authorization.k8s.io/v1/ClusterRoleBinding"] = ["roleRef"],
        ["storage.k8s.io/v1/StorageClass"] = ["parameters", "provisioner"],
    };

    /// <summary>The fields of an object whose change means a new object.</summary>
    public static IReadOnlyList<PropertyPath> Of(JsonObject after, ProviderSettings settings, bool isPatch = false)
    {
        var fields = new List<string>(Identity);
        if (isPatch)
        {
            // The object is another's: only which one it is cannot change.
            return [.. fields.Select(PropertyPath.Parse)];
        }

        var kind = after.Gvk()?.ToString() ?? "";
        if (kind == "v1/Secret" && (!settings.SecretMutable || after.Flag("immutable")))
        {
            fields.AddRange(["type", "stringData", "data"]);
        }
        else if (kind == "v1/ConfigMap" && (!settings.ConfigMapMutable || after.Flag("immutable")))
        {
            fields.AddRange(["binaryData", "data"]);
        }
        else if (ByKind.TryGetValue(kind, out var byKind))
        {
            fields.AddRange(byKind);
        }

        return [.. fields.Select(PropertyPath.Parse)];
    }

    /// <summary>Whether a change touches one of the fields: the field itself, something in it, or an object that is
    /// added or set as a whole and has it.</summary>
    public static bool Touches(Change change, IEnumerable<PropertyPath> fields) =>
        fields.Any(field => field.Contains(change.Path) || Holds(change, field));

    private static bool Holds(Change change, PropertyPath field)
    {
        var depth = change.Path.Steps.Length;
        if (depth >= field.Steps.Length || !field.Steps.Take(depth).Zip(change.Path.Steps).All(pair => pair.First is "*" || pair.First.Equals(pair.Second)))
        {
            return false;
        }

        return Has(change.Value, field.Steps.AsSpan()[depth..]);
    }

    private static bool Has(JsonNode? value, ReadOnlySpan<object> steps)
    {
        if (steps.IsEmpty)
        {
            return value is not null;
        }

        var rest = steps[1..];
        if (value is JsonArray items)
        {
            foreach (var item in items)
            {
                if (Has(item, rest))
                {
                    return true;
                }
            }

            return false;
        }

        return value is JsonObject members && steps[0] is string key && Has(members[key], rest);
    }
}
