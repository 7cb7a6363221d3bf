using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Controllers;

/// <summary>Deletes objects whose owners are gone, and owners that wait for their dependents (foreground deletion).</summary>
internal sealed class GarbageCollector(ObjectStore store) : IController
{
    /// <summary>Finalizer of an owner that goes after its dependents.</summary>
    public const string Foreground = "foregroundDeletion";

    /// <inheritdoc/>
    public Task ReconcileAsync(CancellationToken cancellation)
    {
        var everything = store.Everything();
        var alive = everything.Where(entry => !IsForeground(entry.Value)).Select(entry => entry.Value.Uid()).ToHashSet();
        foreach (var (key, value) in everything.Where(entry => !entry.Value.IsDeleting()))
        {
            var owners = value.Items("metadata", "ownerReferences").ToArray();
            if (owners.Length > 0 && !owners.Any(owner => alive.Contains(owner.Text("uid") ?? "")))
            {
                store.Delete(key);
            }
        }

        foreach (var (key, value) in everything.Where(entry => IsForeground(entry.Value)))
        {
            var dependents = store.Everything().Any(entry => entry.Value.Items("metadata", "ownerReferences").Any(owner => owner.Text("uid") == value.Uid()));
            if (!dependents)
            {
                Finish(key);
            }
        }

        return Task.CompletedTask;
    }

    private static bool IsForeground(JsonObject value) => value.IsDeleting() && value.Texts("metadata", "finalizers").Contains(Foreground);

    private void Finish(ObjectKey key)
    {
        var updated = store.Update(key, value =>
        {
            if (value.At("metadata", "finalizers") is JsonArray finalizers)
            {
                foreach (var entry in finalizers.Where(entry => entry.Text() == Foreground).ToArray())
                {
                    finalizers.Remove(entry);
                }
            }
        });
        if (updated?.At("metadata", "finalizers") is not JsonArray { Count: > 0 } && key.Kind != ResourceKinds.Pod && key.Kind != ResourceKinds.Namespace)
        {
            store.Remove(key);
        }
    }
}
