using System.Text.Json.Nodes;

namespace Reco.LocalCluster.Storage;

/// <summary>The finalizers of an object: it is there until the last is gone.</summary>
internal static class Finalizers
{
    /// <summary>Whether any is left.</summary>
    public static bool Any(JsonObject? value) => value.At("metadata", "finalizers") is JsonArray { Count: > 0 };

    /// <summary>Adds one.</summary>
    public static void Add(JsonObject value, string finalizer)
    {
        var metadata = value.Member("metadata");
        if (metadata["finalizers"] is not JsonArray finalizers)
        {
            metadata["finalizers"] = finalizers = [];
        }

        if (!finalizers.Any(entry => entry.Text() == finalizer))
        {
            finalizers.Add(finalizer);
        }
    }

    /// <summary>Takes one off a stored object that is being deleted; with the last one the object goes.</summary>
    public static void Finish(this ObjectStore store, ObjectKey key, string finalizer)
    {
        var updated = store.Update(key, value =>
        {
            if (value.At("metadata", "finalizers") is JsonArray finalizers)
            {
                foreach (var entry in finalizers.Where(entry => entry.Text() == finalizer).ToArray())
                {
                    finalizers.Remove(entry);
                }
            }
        });
        if (updated is not null && updated.IsDeleting() && !Any(updated) && key.Kind != ResourceKinds.Pod && key.Kind != ResourceKinds.Namespace)
        {
            store.Remove(key);
        }
    }
}
