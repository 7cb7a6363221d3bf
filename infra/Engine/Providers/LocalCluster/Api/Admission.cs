using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Api;

/// <summary>Fills in defaults and refuses what a real cluster would refuse, for the fields that matter here.</summary>
internal static partial class Admission
{
    /// <summary>Fields of a spec that cannot be changed, by kind.</summary>
    private static readonly Dictionary<string, string[]> Immutable = new(StringComparer.Ordinal)
    {
        ["Job"] = ["template", "selector", "completions", "completionMode"],
        ["Deployment"] = ["selector"],
        ["ReplicaSet"] = ["selector"],
        ["PersistentVolumeClaim"] = ["accessModes", "storageClassName", "volumeName", "volumeMode"],
    };

    /// <summary>Checks and completes an object that is to be created.</summary>
    public static void Create(ResourceKind kind, JsonObject value, ObjectStore store)
    {
        var metadata = value.Member("metadata");
        if (metadata.Text("name") is null && metadata.Text("generateName") is { } prefix)
        {
            metadata["name"] = prefix + Names.Suffix();
        }

        var name = value.Name();
        if (name.Length > 253 || !Subdomain().IsMatch(name))
        {
            throw ApiException.Invalid(kind.Kind, name, "metadata.name", $"Invalid value: \"{name}\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'");
        }

        if (kind.Namespaced)
        {
            var space = store.Get(new ObjectKey(ResourceKinds.Namespace, "", value.Space()))
                ?? throw ApiException.NotFound(ResourceKinds.Namespace, value.Space());
            if (space.IsDeleting())
            {
                throw ApiException.Forbidden($"{kind.Plural} \"{name}\" is forbidden: unable to create new content in namespace {value.Space()} because it is being terminated");
            }
        }

        if (kind == ResourceKinds.Claim)
        {
            metadata["finalizers"] = new JsonArray(Controllers.ClaimController.Protection);
        }

        Default(kind, value);
        Validate(kind, value);
    }

    /// <summary>Checks and completes an object that is to replace another.</summary>
    public static void Update(ResourceKind kind, JsonObject old, JsonObject value)
    {
        // Identity is the server's.
        var metadata = value.Member("metadata");
        foreach (var field in new[] { "uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds", "name", "namespace" })
        {
            if (old.At("metadata", field) is { } kept)
            {
                metadata[field] = kept.DeepClone();
            }
            else
            {
                metadata.Remove(field);
            }
        }

        Default(kind, value);
        foreach (var field in Immutable.GetValueOrDefault(kind.Kind) ?? [])
        {
            if (!JsonNode.DeepEquals(old.At("spec", field), value.At("spec", field)))
            {
                throw ApiException.Invalid(kind.Kind, value.Name(), $"spec.{field}", "field is immutable");
            }
        }

        if (old.Flag("immutable") && !JsonNode.DeepEquals(old["data"], value["data"]))
        {
            throw ApiException.Invalid(kind.Kind, value.Name(), "data", "field is immutable when `immutable` is set");
        }

        Validate(kind, value);
    }

    private static void Default(ResourceKind kind, JsonObject value)
    {
        var spec = value["spec"] as JsonObject;
        switch (kind.Kind)
        {
            case "Namespace":
                value.Member("metadata").Member("labels")["kubernetes.io/metadata.name"] = value.Name();
                value.Member("status")["phase"] ??= "Active";
                break;
            case "Secret":
                DefaultSecret(value);
                break;
            case "Deployment" when spec is not null:
                spec["replicas"] ??= 1;
                spec["progressDeadlineSeconds"] ??= 600;
                spec["revisionHistoryLimit"] ??= 10;
                spec.Member("strategy")["type"] ??= "RollingUpdate";
                if (spec.Text("strategy", "type") == "RollingUpdate")
                {
                    spec.Member("strategy").Member("rollingUpdate")["maxSurge"] ??= "25%";
                    spec.Member("strategy").Member("rollingUpdate")["maxUnavailable"] ??= "25%";
                }

                DefaultPod(spec.Member("template").Member("spec"));
                break;
            case "ReplicaSet" when spec is not null:
                spec["replicas"] ??= 1;
                break;
            case "Job" when spec is not null:
                DefaultJob(value, spec);
                break;
            case "Service" when spec is not null:
                spec["type"] ??= "ClusterIP";
                spec["sessionAffinity"] ??= "None";
                foreach (var port in spec.Items("ports"))
                {
                    port["protocol"] ??= "TCP";
                    port["targetPort"] ??= port["port"]?.DeepClone();
                }

                break;
            case "PersistentVolumeClaim" when spec is not null:
                spec["volumeMode"] ??= "Filesystem";
                spec["storageClassName"] ??= "local";
                break;
            case "Pod" when spec is not null:
                DefaultPod(spec);
                break;
        }
    }

    private static void DefaultSecret(JsonObject value)
    {
        value["type"] ??= "Opaque";
        if (value["stringData"] is not JsonObject text)
        {
            return;
        }

        var data = value.Member("data");
        foreach (var (key, entry) in text)
        {
            data[key] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(entry.Text() ?? ""));
        }

        value.Remove("stringData");
    }

    private static void DefaultJob(JsonObject value, JsonObject spec)
    {
        spec["parallelism"] ??= 1;
        spec["completions"] ??= spec["parallelism"]?.DeepClone();
        spec["backoffLimit"] ??= 6;
        spec["completionMode"] ??= "NonIndexed";
        spec["suspend"] ??= false;
        var template = spec.Member("template");
        DefaultPod(template.Member("spec"));
        if (spec["selector"] is null)
        {
            // As the real API server does: labels that only this job's pods carry.
            var labels = template.Member("metadata").Member("labels");
            var id = labels.Text("batch.kubernetes.io/controller-uid") ?? Guid.NewGuid().ToString();
            labels["batch.kubernetes.io/controller-uid"] = id;
            labels["batch.kubernetes.io/job-name"] = value.Name();
            labels["job-name"] = value.Name();
            spec["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["batch.kubernetes.io/controller-uid"] = id } };
        }
    }

    private static void DefaultPod(JsonObject spec)
    {
        spec["restartPolicy"] ??= "Always";
        spec["terminationGracePeriodSeconds"] ??= 30;
        spec["serviceAccountName"] ??= "default";
        foreach (var container in spec.Items("containers").Concat(spec.Items("initContainers")))
        {
            container["imagePullPolicy"] ??= "IfNotPresent";
            foreach (var port in container.Items("ports"))
            {
                port["protocol"] ??= "TCP";
            }
        }
    }

    private static void Validate(ResourceKind kind, JsonObject value)
    {
        var pod = kind.Kind switch
        {
            "Pod" => value["spec"],
            "Job" or "Deployment" or "ReplicaSet" => value.At("spec", "template", "spec"),
            "CronJob" => value.At("spec", "jobTemplate", "spec", "template", "spec"),
            _ => null,
        };
        if (kind.Kind is "Pod" or "Job" or "Deployment" or "ReplicaSet" or "CronJob")
        {
            ValidatePod(kind, value, pod);
        }

        if (kind.Kind == "Job" && pod.Text("restartPolicy") == "Always")
        {
            throw ApiException.Invalid(kind.Kind, value.Name(), "spec.template.spec.restartPolicy", "Required value: valid values: \"OnFailure\", \"Never\"");
        }

        if (kind.Kind is "Deployment" or "ReplicaSet" && !value.Map("spec", "template", "metadata", "labels").Matches(value.Map("spec", "selector", "matchLabels")))
        {
            throw ApiException.Invalid(kind.Kind, value.Name(), "spec.template.metadata.labels", "`selector` does not match template `labels`");
        }

        foreach (var port in value.Items("spec", "ports").Where(_ => kind.Kind == "Service"))
        {
            if (port.Number("nodePort") is { } nodePort && nodePort is < 30_000 or > 32_767)
            {
                throw ApiException.Invalid(kind.Kind, value.Name(), "spec.ports.nodePort", $"Invalid value: {port.Number("nodePort")}: provided port is not in the valid range. The range of valid ports is 30000-32767");
            }
        }
    }

    private static void ValidatePod(ResourceKind kind, JsonObject value, JsonNode? pod)
    {
        var containers = pod.Items("containers").ToArray();
        if (containers.Length == 0)
        {
            throw ApiException.Invalid(kind.Kind, value.Name(), "spec.containers", "Required value");
        }

        foreach (var container in containers.Concat(pod.Items("initContainers")))
        {
            if (container.Text("name") is null || container.Text("image") is not { Length: > 0 })
            {
                throw ApiException.Invalid(kind.Kind, value.Name(), "spec.containers", "Required value: every container needs a name and an image");
            }
        }

        var volumes = pod.Items("volumes").Select(volume => volume.Text("name")).ToHashSet();
        foreach (var mount in containers.SelectMany(container => container.Items("volumeMounts")).Where(mount => !volumes.Contains(mount.Text("name"))))
        {
            throw ApiException.Invalid(kind.Kind, value.Name(), "spec.containers.volumeMounts.name", $"Not found: \"{mount.Text("name")}\"");
        }
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")]
    private static partial Regex Subdomain();
}
