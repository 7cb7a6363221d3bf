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
        foreach (var volume in store.List(ResourceKinds.Volume).Where(volume => !volume.IsDeleting() && volume.Text("status", "phase") is null))
        {
            store.UpdateStatus(Owners.Key(ResourceKinds.Volume, volume), status => status["phase"] = "Available");
        }

        foreach (var claim in store.List(ResourceKinds.Claim))
        {
            if (claim.IsDeleting())
            {
                Release(claim);
            }
            else if (claim.Text("status", "phase") != "Bound" || !JsonNode.DeepEquals(claim.At("spec", "resources", "requests", "storage"), claim.At("status", "capacity", "storage")))
            {
                Bind(claim);
            }
        }

        return Task.CompletedTask;
    }

    private void Bind(JsonObject claim)
    {
        // A claim for a volume of an administrator's is bound to it, any other to a folder of its own.
        var key = Owners.Key(ResourceKinds.Claim, claim);
        var name = claim.Text("spec", "volumeName");
        var volume = name is null ? null : store.Get(new ObjectKey(ResourceKinds.Volume, "", name));
        if (name is not null && volume is null && claim.Text("status", "phase") != "Bound")
        {
            store.UpdateStatus(key, status => status["phase"] = "Pending");
            return;
        }

        if (volume is null)
        {
            PodFolders.Make(folders.Claim(claim.Space(), claim.Name()));
        }
        else
        {
            store.Update(Owners.Key(ResourceKinds.Volume, volume), value =>
            {
                value.Member("status")["phase"] = "Bound";
                value.Member("spec")["claimRef"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "PersistentVolumeClaim", ["namespace"] = claim.Space(), ["name"] = claim.Name(), ["uid"] = claim.Uid() };
            });
        }

        store.Update(key, value =>
        {
            value.Member("spec")["volumeName"] ??= $"pvc-{value.Uid()}";
            var status = value.Member("status");
            status["phase"] = "Bound";
            status["accessModes"] = value.At("spec", "accessModes")?.DeepClone();
            status["capacity"] = new JsonObject { ["storage"] = value.At("spec", "resources", "requests", "storage")?.DeepClone() };
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

        var volume = store.List(ResourceKinds.Volume).FirstOrDefault(volume => volume.Text("spec", "claimRef", "uid") == claim.Uid());
        if (volume is not null)
        {
            // Its data is the administrator's.
            store.UpdateStatus(Owners.Key(ResourceKinds.Volume, volume), status => status["phase"] = "Released");
        }

        PodFolders.Delete(folders.Claim(claim.Space(), claim.Name()));
        store.Finish(Owners.Key(ResourceKinds.Claim, claim), Protection);
    }
}
