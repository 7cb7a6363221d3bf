using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Controllers;

/// <summary>Writes events about objects; the same one again is counted, and old ones go.</summary>
internal sealed class EventRecorder(ObjectStore store, TimeProvider time)
{
    private const int Most = 500;
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    /// <summary>Records an event.</summary>
    public void Record(JsonObject about, string type, string reason, string message)
    {
        var space = about.Space().Length > 0 ? about.Space() : "default";
        if (store.Get(new ObjectKey(ResourceKinds.Namespace, "", space)) is not { } home || home.IsDeleting())
        {
            return;
        }

        var now = time.GetUtcNow().Stamp();
        var known = store.List(ResourceKinds.Event, space).FirstOrDefault(entry =>
            entry.Text("involvedObject", "uid") == about.Uid() && entry.Text("reason") == reason && entry.Text("message") == message);
        if (known is not null && store.Update(new ObjectKey(ResourceKinds.Event, space, known.Name()), entry =>
        {
            entry["count"] = (entry.Number("count") ?? 1) + 1;
            entry["lastTimestamp"] = now;
        }) is not null)
        {
            return;
        }

        Trim(space);
        store.Create(ResourceKinds.Event, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = $"{about.Name()}.{Guid.NewGuid():N}", ["namespace"] = space },
            ["involvedObject"] = new JsonObject
            {
                ["apiVersion"] = about.Text("apiVersion"),
                ["kind"] = about.Text("kind"),
                ["name"] = about.Name(),
                ["namespace"] = about.Space(),
                ["uid"] = about.Uid(),
            },
            ["type"] = type,
            ["reason"] = reason,
            ["message"] = message,
            ["count"] = 1,
            ["firstTimestamp"] = now,
            ["lastTimestamp"] = now,
            ["source"] = new JsonObject { ["component"] = "reco-cluster" },
        });
    }

    private void Trim(string space)
    {
        var oldest = (time.GetUtcNow() - Kept).Stamp();
        var events = store.List(ResourceKinds.Event, space).OrderByDescending(entry => entry.Text("lastTimestamp"), StringComparer.Ordinal).ToArray();
        foreach (var entry in events.Where((entry, index) => index >= Most || string.CompareOrdinal(entry.Text("lastTimestamp"), oldest) < 0))
        {
            store.Remove(new ObjectKey(ResourceKinds.Event, space, entry.Name()));
        }
    }
}
