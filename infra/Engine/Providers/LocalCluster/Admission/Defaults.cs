using System.Text;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Networking;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Admission;

/// <summary>Values that the API server fills in.</summary>
internal static class Defaults
{
    /// <summary>Takes over what the cluster had chosen for an object, where a new version of it does not say.</summary>
    public static void Carry(ResourceKind kind, JsonObject old, JsonObject value)
    {
        if (kind == ResourceKinds.Claim && value["spec"] is JsonObject claim && old.Text("spec", "volumeName") is { } volume)
        {
            claim["volumeName"] ??= volume;
        }

        if (kind != ResourceKinds.Service || value["spec"] is not JsonObject spec || (spec.Text("type") ?? "ClusterIP") == "ExternalName")
        {
            return;
        }

        foreach (var field in new[] { "clusterIP", "clusterIPs" })
        {
            if (spec[field] is null && old.At("spec", field) is { } kept)
            {
                spec[field] = kept.DeepClone();
            }
        }

        foreach (var port in spec.Text("type") is "NodePort" or "LoadBalancer" ? spec.Items("ports") : [])
        {
            var same = old.Items("spec", "ports").FirstOrDefault(entry => entry.Number("port") == port.Number("port") && (entry.Text("protocol") ?? "TCP") == (port.Text("protocol") ?? "TCP"));
            if (port["nodePort"] is null && same.Number("nodePort") is { } number)
            {
                port["nodePort"] = number;
            }
        }
    }

    /// <summary>Fills in what is missing.</summary>
    public static void Fill(ResourceKind kind, JsonObject value)
    {
        var spec = value["spec"] as JsonObject;
        switch (kind.Kind)
        {
            case "Namespace":
                value.Member("metadata").Member("labels")["kubernetes.io/metadata.name"] = value.Name();
                value.Member("status")["phase"] ??= "Active";
                break;
            case "Secret":
                value["type"] ??= "Opaque";
                Encode(value);
                break;
            case "Deployment" when spec is not null:
                Deployment(spec);
                break;
            case "ReplicaSet" when spec is not null:
                spec["replicas"] ??= 1;
                Template(spec);
                break;
            case "StatefulSet" when spec is not null:
                StatefulSet(spec);
                break;
            case "DaemonSet" when spec is not null:
                spec["revisionHistoryLimit"] ??= 10;
                spec.Member("updateStrategy")["type"] ??= "RollingUpdate";
                Template(spec);
                break;
            case "Job" when spec is not null:
                Job(value, spec);
                break;
            case "CronJob" when spec is not null:
                spec["concurrencyPolicy"] ??= "Allow";
                spec["suspend"] ??= false;
                spec["successfulJobsHistoryLimit"] ??= 3;
                spec["failedJobsHistoryLimit"] ??= 1;
                break;
            case "Service" when spec is not null:
                Service(spec);
                if (spec.Text("type") is "NodePort" or "LoadBalancer")
                {
                    // Whoever waits for the Service must be able to tell "not tried yet" from "listening".
                    value.Member("status")["conditions"] ??= new JsonArray(new JsonObject
                    {
                        ["type"] = ServiceProxy.PortsCondition,
                        ["status"] = "Unknown",
                        ["reason"] = "NotTried",
                        ["message"] = "the node ports are not opened yet",
                    });
                }

                break;
            case "PersistentVolumeClaim" when spec is not null:
                spec["volumeMode"] ??= "Filesystem";
                spec["storageClassName"] ??= "local";
                break;
            case "PersistentVolume" when spec is not null:
                spec["volumeMode"] ??= "Filesystem";
                spec["persistentVolumeReclaimPolicy"] ??= "Retain";
                break;
            case "HorizontalPodAutoscaler" when spec is not null:
                spec["minReplicas"] ??= 1;
                break;
            case "Pod" when spec is not null:
                Pod(spec);
                break;
        }
    }

    /// <summary>Puts the plain strings of a Secret with its data.</summary>
    public static void Encode(JsonObject value)
    {
        if (value["stringData"] is not JsonObject text)
        {
            return;
        }

        var data = value.Member("data");
        foreach (var (key, entry) in text)
        {
            data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(entry.Text() ?? ""));
        }

        value.Remove("stringData");
    }

    private static void Deployment(JsonObject spec)
    {
        spec["replicas"] ??= 1;
        spec["progressDeadlineSeconds"] ??= 600;
        spec["revisionHistoryLimit"] ??= 10;
        spec.Member("strategy")["type"] ??= "RollingUpdate";
        if (spec.Text("strategy", "type") == "RollingUpdate")
        {
            spec.Member("strategy").Member("rollingUpdate")["maxSurge"] ??= "25%";
            spec.Member("strategy").Member("rollingUpdate")["maxUnavailable"] ??= "25%";
        }

        Template(spec);
    }

    private static void StatefulSet(JsonObject spec)
    {
        spec["replicas"] ??= 1;
        spec["podManagementPolicy"] ??= "OrderedReady";
        spec["revisionHistoryLimit"] ??= 10;
        spec.Member("updateStrategy")["type"] ??= "RollingUpdate";
        if (spec.Text("updateStrategy", "type") == "RollingUpdate")
        {
            spec.Member("updateStrategy").Member("rollingUpdate")["partition"] ??= 0;
        }

        foreach (var claim in spec.Items("volumeClaimTemplates"))
        {
            claim.Member("spec")["volumeMode"] ??= "Filesystem";
        }

        Template(spec);
    }

    private static void Job(JsonObject value, JsonObject spec)
    {
        spec["completionMode"] ??= "NonIndexed";
        if (spec["completions"] is null && spec["parallelism"] is null)
        {
            spec["completions"] = 1;
        }

        spec["parallelism"] ??= 1;
        spec["backoffLimit"] ??= spec["backoffLimitPerIndex"] is null ? 6 : int.MaxValue;
        spec["suspend"] ??= false;
        var template = spec.Member("template");
        if (template["spec"] is JsonObject pod)
        {
            Pod(pod);
        }

        if (spec["selector"] is null)
        {
            // As the real API server does: labels that only this job's pods carry.
            var labels = template.Member("metadata").Member("labels");
            var id = labels.Text("batch.kubernetes.io/controller-uid") ?? Guid.NewGuid().ToString();
            labels["batch.kubernetes.io/controller-uid"] = id;
            labels["batch.kubernetes.io/job-name"] = value.Name();
            labels["controller-uid"] = id;
            labels["job-name"] = value.Name();
            spec["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["batch.kubernetes.io/controller-uid"] = id } };
        }
    }

    private static void Service(JsonObject spec)
    {
        spec["type"] ??= "ClusterIP";
        spec["sessionAffinity"] ??= "None";
        foreach (var port in spec.Items("ports"))
        {
            port["protocol"] ??= "TCP";
            if (spec.Text("clusterIP") != "None" || port["targetPort"] is null)
            {
                port["targetPort"] ??= port["port"]?.DeepClone();
            }
        }
    }

    private static void Template(JsonObject spec)
    {
        if (spec.At("template", "spec") is JsonObject pod)
        {
            Pod(pod);
        }
    }

    private static void Pod(JsonObject spec)
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

            foreach (var probe in new[] { "startupProbe", "livenessProbe", "readinessProbe" })
            {
                if (container[probe] is JsonObject check)
                {
                    check["timeoutSeconds"] ??= 1;
                    check["periodSeconds"] ??= 10;
                    check["successThreshold"] ??= 1;
                    check["failureThreshold"] ??= 3;
                }
            }
        }
    }
}
