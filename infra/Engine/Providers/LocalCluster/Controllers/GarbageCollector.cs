using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Controllers;

/// <summary>Deletes objects whose owners are gone, and owners that wait for their dependents (foreground deletion).</summary>
internal sealed class GarbageCollector(ObjectStore store) : IController
{
    /// <summary>Finalizer of an owner that goes after its dependents.</summary>
    public const string Foreground = "foregroundDeletion";

    /// <summary>Finalizer of an owner that goes without its dependents. It is marked as deleted before they are released, so that
    /// its controller does not take them back.</summary>
    public const string Orphan = "orphan";

    /// <summary>Takes an owner's references off its dependents and lets the owner go.</summary>
    public static void Release(ObjectStore store, ObjectKey key, JsonObject owner)
    {
        foreach (var (dependent, _) in store.Everything().Where(entry => Owners.IsOwned(entry.Value, owner)))
        {
            store.Update(dependent, child =>
            {
                var kept = child.Items("metadata", "ownerReferences").Where(reference => reference.Text("uid") != owner.Uid()).Select(reference => reference.DeepClone()).ToArray();
                var metadata = child.Member("metadata");
                metadata.Remove("ownerReferences");
                if (kept.Length > 0)
                {
                    metadata["ownerReferences"] = new JsonArray(kept);
                }
            });
        }

        store.Finish(key, Orphan);
    }

    /// <inheritdoc/>
    public Task ReconcileAsync(CancellationToken cancellation)
    {
        var everything = store.Everything();
        var alive = everything.Where(entry => !IsForeground(entry.Value)).Select(entry => entry.Value.Uid()).ToHashSet();
        var waiting = everything.Where(entry => IsForeground(entry.Value)).Select(entry => entry.Value.Uid()).ToHashSet();
        var owners = everything.SelectMany(entry => OwnersOf(entry.Value)).ToHashSet();
        foreach (var (key, value) in everything.Where(entry => !entry.Value.IsDeleting()))
        {
            var own = OwnersOf(value).ToArray();
            if (own.Length == 0 || own.Any(alive.Contains))
            {
                continue;
            }

            // Foreground deletion goes all the way down: an owner waits for what its dependents own, too.
            if (own.Any(waiting.Contains) && owners.Contains(value.Uid()))
            {
                store.Update(key, dependent => Finalizers.Add(dependent, Foreground));
            }

            store.Delete(key);
        }

        // Left over where the cluster was stopped between the mark and the release.
        foreach (var (key, value) in everything.Where(entry => entry.Value.IsDeleting() && entry.Value.Texts("metadata", "finalizers").Contains(Orphan)))
        {
            Release(store, key, value);
        }

        foreach (var (key, value) in everything.Where(entry => waiting.Contains(entry.Value.Uid())))
        {
            if (!store.Everything().Any(entry => Owners.IsOwned(entry.Value, value)))
            {
                store.Finish(key, Foreground);
            }
        }

        return Task.CompletedTask;
    }

    private static IEnumerable<string> OwnersOf(JsonObject value) => value.Items("metadata", "ownerReferences").Select(owner => owner.Text("uid") ?? "");

    private static bool IsForeground(JsonObject value) => value.IsDeleting() && value.Texts("metadata", "finalizers").Contains(Foreground);
}
