using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Kubelet;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Controllers;

/// <summary>Runs one pod of each DaemonSet: there is one node. One whose node selector names labels that the node does not have
/// runs nowhere.</summary>
internal sealed class DaemonSetController(ObjectStore store, TimeProvider time) : IController
{
    private const string RevisionLabel = "controller-revision-hash";

    /// <inheritdoc/>
    public Task ReconcileAsync(CancellationToken cancellation)
    {
        foreach (var set in store.List(ResourceKinds.DaemonSet).Where(set => !set.IsDeleting()))
        {
            Reconcile(set);
        }

        return Task.CompletedTask;
    }

    private void Reconcile(JsonObject set)
    {
        var node = store.Get(new ObjectKey(ResourceKinds.Node, "", Expansion.NodeName));
        var wanted = node is not null && node.Map("metadata", "labels").Matches(set.Map("spec", "template", "spec", "nodeSelector")) ? 1 : 0;
        var revision = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(set.At("spec", "template")?.ToJsonString() ?? "")))[..10];
        var pods = store.Owned(ResourceKinds.Pod, set);
        bool IsCurrent(JsonObject pod) => pod.Map("metadata", "labels").GetValueOrDefault(RevisionLabel) == revision;
        foreach (var gone in pods.Where(pod => !pod.IsDeleting() && (wanted == 0 || Owners.HasEnded(pod) || (!IsCurrent(pod) && set.Text("spec", "updateStrategy", "type") != "OnDelete"))))
        {
            store.Delete(Owners.Key(ResourceKinds.Pod, gone));
        }

        // A daemon has its node's ports: the next one starts when the last one is gone.
        if (wanted == 1 && pods.Length == 0)
        {
            var pod = Owners.PodFrom(set, set.At("spec", "template"), Owners.Generate(set.Name()));
            pod.Member("metadata").Member("labels")[RevisionLabel] = revision;
            store.Create(ResourceKinds.Pod, pod);
        }

        var now = time.GetUtcNow();
        pods = [.. store.Owned(ResourceKinds.Pod, set).Where(pod => !pod.IsDeleting() && !Owners.HasEnded(pod))];
        store.UpdateStatus(Owners.Key(ResourceKinds.DaemonSet, set), status =>
        {
            status["observedGeneration"] = set.Number("metadata", "generation");
            status["desiredNumberScheduled"] = wanted;
            status["currentNumberScheduled"] = pods.Length;
            status["numberMisscheduled"] = 0;
            status["updatedNumberScheduled"] = pods.Count(IsCurrent);
            status["numberReady"] = pods.Count(Owners.IsReady);
            status["numberAvailable"] = pods.Count(pod => Owners.IsAvailable(pod, set.Number("spec", "minReadySeconds") ?? 0, now));
        });
    }
}
