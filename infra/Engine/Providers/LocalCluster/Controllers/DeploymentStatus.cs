using System.Globalization;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Kubelet;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Controllers;

/// <summary>Counts and conditions of a Deployment.</summary>
internal static class DeploymentStatus
{
    /// <summary>Writes the status from what the ReplicaSets say.</summary>
    public static void Write(JsonObject deployment, JsonObject status, JsonObject[] sets, string? current, DateTimeOffset now)
    {
        var wanted = deployment.Number("spec", "replicas") ?? 1;
        var updated = sets.Where(set => set.Uid() == current).Sum(set => set.Number("status", "replicas") ?? 0);
        var total = sets.Sum(set => set.Number("status", "replicas") ?? 0);
        var available = sets.Sum(set => set.Number("status", "availableReplicas") ?? 0);
        var before = Fingerprint(status);
        status["observedGeneration"] = deployment.Number("metadata", "generation");
        status["replicas"] = total;
        status["updatedReplicas"] = updated;
        status["readyReplicas"] = sets.Sum(set => set.Number("status", "readyReplicas") ?? 0);
        status["availableReplicas"] = available;
        status["unavailableReplicas"] = Math.Max(0, Math.Max(total, wanted) - available);
        var enough = available >= wanted - RollingUpdate.Of(deployment).Unavailable;
        PodWorker.SetCondition(status, "Available", enough, now.Stamp(), enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
            enough ? "Deployment has minimum availability." : "Deployment does not have minimum availability.");
        var complete = updated == wanted && total == wanted && available == wanted;
        Progress(deployment, status, complete, Fingerprint(status) != before, now);
    }

    private static void Progress(JsonObject deployment, JsonObject status, bool complete, bool moved, DateTimeOffset now)
    {
        var known = status.Items("conditions").FirstOrDefault(entry => entry.Text("type") == "Progressing");
        var since = DateTimeOffset.TryParse(known.Text("lastUpdateTime"), CultureInfo.InvariantCulture, out var time) ? time : now;
        var deadline = TimeSpan.FromSeconds(deployment.Number("spec", "progressDeadlineSeconds") ?? 600);
        var late = !deployment.Flag("spec", "paused") && !complete && !moved && known is not null && now - since > deadline && known.Text("reason") != "NewReplicaSetAvailable";
        var (good, reason, message) = deployment.Flag("spec", "paused") && !complete ? (true, "DeploymentPaused", "Deployment is paused")
            : complete ? (true, "NewReplicaSetAvailable", $"Deployment \"{deployment.Name()}\" has successfully progressed.")
            : late ? (false, "ProgressDeadlineExceeded", $"Deployment \"{deployment.Name()}\" has timed out progressing: {deadline.TotalSeconds:0} s without a change.")
            : (true, "ReplicaSetUpdated", $"Deployment \"{deployment.Name()}\" is progressing.");
        var changed = known is null || moved || known.Text("reason") != reason;
        PodWorker.SetCondition(status, "Progressing", good, now.Stamp(), reason, message);
        if (changed && !late)
        {
            status.Items("conditions").First(entry => entry.Text("type") == "Progressing")["lastUpdateTime"] = now.Stamp();
        }
    }

    private static string Fingerprint(JsonObject status) =>
        $"{status.Number("observedGeneration")}/{status.Number("replicas")}/{status.Number("updatedReplicas")}/{status.Number("readyReplicas")}/{status.Number("availableReplicas")}";
}
