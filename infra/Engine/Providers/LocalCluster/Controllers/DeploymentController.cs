using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Controllers;

/// <summary>Rolls Deployments over from one ReplicaSet to the next.</summary>
internal sealed class DeploymentController(ObjectStore store, TimeProvider time) : IController
{
    private const string HashLabel = "pod-template-hash";
    private const string Revision = "deployment.kubernetes.io/revision";

    /// <inheritdoc/>
    public Task ReconcileAsync(CancellationToken cancellation)
    {
        foreach (var deployment in store.List(ResourceKinds.Deployment).Where(deployment => !deployment.IsDeleting()))
        {
            store.Adopt(ResourceKinds.ReplicaSet, deployment);
            Reconcile(deployment);
        }

        return Task.CompletedTask;
    }

    private void Reconcile(JsonObject deployment)
    {
        var sets = store.Owned(ResourceKinds.ReplicaSet, deployment);
        var current = sets.FirstOrDefault(set => SameTemplate(set, deployment));
        var paused = deployment.Flag("spec", "paused");
        if (current is null && !paused)
        {
            current = Create(deployment, sets);
            sets = [.. sets, current];
        }

        if (current is not null)
        {
            MarkRevision(deployment, sets, current);
            if (deployment.Text("spec", "strategy", "type") == "Recreate")
            {
                Recreate(deployment, sets, current);
            }
            else
            {
                Roll(deployment, sets, current);
            }
        }

        var key = Owners.Key(ResourceKinds.Deployment, deployment);
        sets = store.Owned(ResourceKinds.ReplicaSet, deployment);
        store.UpdateStatus(key, status => DeploymentStatus.Write(deployment, status, sets, current?.Uid(), time.GetUtcNow()));
        Prune(deployment, sets, current);
    }

    private static bool SameTemplate(JsonObject set, JsonObject deployment)
    {
        var template = (JsonObject)set.At("spec", "template")!.DeepClone();
        (template.At("metadata", "labels") as JsonObject)?.Remove(HashLabel);
        return JsonNode.DeepEquals(template, WithMetadata(deployment.At("spec", "template")));
    }

    private static JsonObject WithMetadata(JsonNode? template)
    {
        var copy = (JsonObject)template!.DeepClone();
        copy.Member("metadata").Member("labels");
        return copy;
    }

    private JsonObject Create(JsonObject deployment, JsonObject[] sets)
    {
        var template = WithMetadata(deployment.At("spec", "template"));
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(template.ToJsonString())))[..10];
        template.Member("metadata").Member("labels")[HashLabel] = hash;
        var selector = deployment.At("spec", "selector")?.DeepClone() as JsonObject ?? [];
        selector.Member("matchLabels")[HashLabel] = hash;
        var labels = (JsonObject)template.At("metadata", "labels")!.DeepClone();
        var name = $"{deployment.Name()}-{hash}";
        if (store.Get(new ObjectKey(ResourceKinds.ReplicaSet, deployment.Space(), name)) is not null)
        {
            // Somebody else's of that name.
            name = Owners.Generate(name);
        }

        return store.Create(ResourceKinds.ReplicaSet, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = deployment.Space(),
                ["labels"] = labels,
                ["annotations"] = new JsonObject { [Revision] = NextRevision(sets) },
                ["ownerReferences"] = Owners.Reference(deployment),
            },
            ["spec"] = new JsonObject
            {
                ["replicas"] = 0,
                ["minReadySeconds"] = deployment.Number("spec", "minReadySeconds") ?? 0,
                ["selector"] = selector,
                ["template"] = template,
            },
        });
    }

    private static long RevisionOf(JsonObject value) => long.TryParse(value.Map("metadata", "annotations").GetValueOrDefault(Revision), CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string NextRevision(JsonObject[] sets) => (sets.Select(RevisionOf).DefaultIfEmpty().Max() + 1).ToString(CultureInfo.InvariantCulture);

    private void MarkRevision(JsonObject deployment, JsonObject[] sets, JsonObject current)
    {
        // A rollback makes an old set the newest again.
        var revision = RevisionOf(current);
        if (sets.Any(set => set.Uid() != current.Uid() && RevisionOf(set) > revision))
        {
            var next = NextRevision(sets);
            store.Update(Owners.Key(ResourceKinds.ReplicaSet, current), set => set.Member("metadata").Member("annotations")[Revision] = next);
            revision = long.Parse(next, CultureInfo.InvariantCulture);
        }

        store.Update(Owners.Key(ResourceKinds.Deployment, deployment), value => value.Member("metadata").Member("annotations")[Revision] = revision.ToString(CultureInfo.InvariantCulture));
    }

    private void Recreate(JsonObject deployment, JsonObject[] sets, JsonObject current)
    {
        var old = sets.Where(set => set.Uid() != current.Uid()).ToArray();
        foreach (var set in old)
        {
            Scale(set, 0);
        }

        if (old.All(set => store.Owned(ResourceKinds.Pod, set).Length == 0))
        {
            Scale(current, Wanted(deployment));
        }
    }

    private void Roll(JsonObject deployment, JsonObject[] sets, JsonObject current)
    {
        var limits = RollingUpdate.Of(deployment);
        var wanted = Wanted(deployment);
        var old = sets.Where(set => set.Uid() != current.Uid()).OrderBy(RevisionOf).ToArray();
        var asked = sets.ToDictionary(set => set.Uid(), set => (int)(set.Number("spec", "replicas") ?? 0));
        var oldTotal = old.Sum(set => asked[set.Uid()]);
        var target = Math.Clamp(wanted + limits.Surge - oldTotal, Math.Min(asked[current.Uid()], wanted), wanted);
        Scale(current, target);

        var now = time.GetUtcNow();
        var minReady = deployment.Number("spec", "minReadySeconds") ?? 0;
        int Available(JsonObject set) => store.Owned(ResourceKinds.Pod, set).Count(pod => !Owners.HasEnded(pod) && Owners.IsAvailable(pod, minReady, now));
        var floor = wanted - limits.Unavailable;
        var currentAvailable = Math.Min(Available(current), target);

        // What is not available anyway may go without loss; of what is, only as much as the others carry.
        var spare = currentAvailable + old.Sum(set => Math.Min(Available(set), asked[set.Uid()])) - floor;
        foreach (var set in old)
        {
            var serving = Math.Min(Available(set), asked[set.Uid()]);
            var idle = asked[set.Uid()] - serving;
            var drop = Math.Clamp(spare, 0, serving);
            spare -= drop;
            Scale(set, asked[set.Uid()] - idle - drop);
        }
    }

    private static int Wanted(JsonObject deployment) => (int)(deployment.Number("spec", "replicas") ?? 1);

    private void Scale(JsonObject set, int replicas) =>
        store.Update(Owners.Key(ResourceKinds.ReplicaSet, set), value => value.Member("spec")["replicas"] = replicas);

    private void Prune(JsonObject deployment, JsonObject[] sets, JsonObject? current)
    {
        var kept = (int)(deployment.Number("spec", "revisionHistoryLimit") ?? 10);
        var idle = sets.Where(set => set.Uid() != current?.Uid() && set.Number("spec", "replicas") == 0 && (set.Number("status", "replicas") ?? 0) == 0)
            .OrderByDescending(RevisionOf).Skip(kept);
        foreach (var set in idle)
        {
            store.Delete(Owners.Key(ResourceKinds.ReplicaSet, set));
        }
    }
}
