using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Controllers;

/// <summary>Keeps as many pods of each ReplicaSet as it asks for.</summary>
internal sealed class ReplicaSetController(ObjectStore store, TimeProvider time) : IController
{
    /// <inheritdoc/>
    public Task ReconcileAsync(CancellationToken cancellation)
    {
        foreach (var set in store.List(ResourceKinds.ReplicaSet).Where(set => !set.IsDeleting()))
        {
            store.Adopt(ResourceKinds.Pod, set);
            Reconcile(set);
        }

        return Task.CompletedTask;
    }

    private void Reconcile(JsonObject set)
    {
        var pods = store.Owned(ResourceKinds.Pod, set);
        foreach (var ended in pods.Where(pod => Owners.HasEnded(pod) && !pod.IsDeleting()))
        {
            store.Delete(Owners.Key(ResourceKinds.Pod, ended));
        }

        var active = pods.Where(pod => !pod.IsDeleting() && !Owners.HasEnded(pod)).ToArray();
        var wanted = (int)(set.Number("spec", "replicas") ?? 1);
        for (var i = active.Length; i < wanted; i++)
        {
            store.Create(ResourceKinds.Pod, Owners.PodFrom(set, set.At("spec", "template"), Owners.Generate(set.Name())));
        }

        // Pods that serve nobody yet go first, then the youngest.
        foreach (var surplus in active.OrderBy(Owners.IsReady).ThenByDescending(pod => pod.Text("metadata", "creationTimestamp"), StringComparer.Ordinal).Take(active.Length - wanted))
        {
            store.Delete(Owners.Key(ResourceKinds.Pod, surplus));
        }

        var now = time.GetUtcNow();
        active = [.. store.Owned(ResourceKinds.Pod, set).Where(pod => !pod.IsDeleting() && !Owners.HasEnded(pod))];
        store.UpdateStatus(Owners.Key(ResourceKinds.ReplicaSet, set), status =>
        {
            status["observedGeneration"] = set.Number("metadata", "generation");
            status["replicas"] = active.Length;
            status["fullyLabeledReplicas"] = active.Length;
            status["readyReplicas"] = active.Count(Owners.IsReady);
            status["availableReplicas"] = active.Count(pod => Owners.IsAvailable(pod, set.Number("spec", "minReadySeconds") ?? 0, now));
        });
    }
}
