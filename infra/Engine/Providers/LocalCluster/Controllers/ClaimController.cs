using System.Text.Json.Nodes;
using Reco.LocalCluster.Kubelet;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Controllers;

/// <summary>Binds claims to folders, and removes the folder when the claim is gone and nobody uses it.</summary>
internal sealed class ClaimController(ObjectStore store, PodFolders folders) : IController
{
    /// <summary>Finalizer that keeps a claim while pods use it.</summary>
    public const string Protection = "kubernetes.io/pvc-protection";

    /// <inheritdoc/>
    public Task ReconcileAsync(CancellationToken cancellation)
    {
        foreach (var claim in store.List(ResourceKinds.Claim))
        {
            if (claim.IsDeleting())
            {
                Release(claim);
            }
            else if (claim.Text("status", "phase") != "Bound")
            {
                Bind(claim);
            }
        }

        return Task.CompletedTask;
    }

    private void Bind(JsonObject claim)
    {
        PodFolders.Make(folders.Claim(claim.Space(), claim.Name()));
        var key = Owners.Key(ResourceKinds.Claim, claim);
        store.Update(key, value =>
        {
            value.Member("spec")["volumeName"] = $"pvc-{value.Uid()}";
            var status = value.Member("status");
            status["phase"] = "Bound";
            status["accessModes"] = value.At("spec", "accessModes")?.DeepClone();
            if (value.At("spec", "resources", "requests", "storage") is { } storage)
            {
                status["capacity"] = new JsonObject { ["storage"] = storage.DeepClone() };
            }
        });
    }

    private void Release(JsonObject claim)
    {
        var inUse = store.List(ResourceKinds.Pod, claim.Space()).Any(pod => !Owners.HasEnded(pod)
            && pod.Items("spec", "volumes").Any(volume => volume.Text("persistentVolumeClaim", "claimName") == claim.Name()));
        if (inUse)
        {
            return;
        }

        PodFolders.Delete(folders.Claim(claim.Space(), claim.Name()));
        var key = Owners.Key(ResourceKinds.Claim, claim);
        var updated = store.Update(key, value =>
        {
            if (value.At("metadata", "finalizers") is JsonArray finalizers)
            {
                foreach (var entry in finalizers.Where(entry => entry.Text() == Protection).ToArray())
                {
                    finalizers.Remove(entry);
                }
            }
        });
        if (updated?.At("metadata", "finalizers") is not JsonArray { Count: > 0 })
        {
            store.Remove(key);
        }
    }
}
