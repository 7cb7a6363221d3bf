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
