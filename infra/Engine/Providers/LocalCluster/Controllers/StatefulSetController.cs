using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Controllers;

/// <summary>Keeps the numbered pods of StatefulSets, each with its own name, host name, address and claims.</summary>
internal sealed class StatefulSetController(ObjectStore store, Admission.AdmissionChain admission, EventRecorder events, TimeProvider time) : IController
{
    private const string RevisionLabel = "controller-revision-hash";
    private const string IndexLabel = "apps.kubernetes.io/pod-index";
    private const string NameLabel = "statefulset.kubernetes.io/pod-name";

    /// <inheritdoc/>
    public Task ReconcileAsync(CancellationToken cancellation)
    {
        foreach (var set in store.List(ResourceKinds.StatefulSet).Where(set => !set.IsDeleting()))
        {
            store.Adopt(ResourceKinds.Pod, set);
            Reconcile(set);
        }

        return Task.CompletedTask;
    }

    private static string Revision(JsonObject set) =>
        $"{set.Name()}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(set.At("spec", "template")?.ToJsonString() ?? "")))[..10]}";

    private static int IndexOf(JsonObject pod) => int.TryParse(pod.Name().AsSpan(pod.Name().LastIndexOf('-') + 1), CultureInfo.InvariantCulture, out var index) ? index : -1;

    private static bool IsCurrent(JsonObject pod, string revision) => pod.Map("metadata", "labels").GetValueOrDefault(RevisionLabel) == revision;

    private void Reconcile(JsonObject set)
    {
        var wanted = (int)(set.Number("spec", "replicas") ?? 1);
        var first = (int)(set.Number("spec", "ordinals", "start") ?? 0);
        var revision = Revision(set);
        var pods = store.Owned(ResourceKinds.Pod, set).ToDictionary(IndexOf);
        foreach (var ended in pods.Values.Where(pod => Owners.HasEnded(pod) && !pod.IsDeleting()))
        {
            store.Delete(Owners.Key(ResourceKinds.Pod, ended));
        }

        var parallel = set.Text("spec", "podManagementPolicy") == "Parallel";
        var complete = true;
        foreach (var index in Enumerable.Range(first, wanted))
        {
            if (!pods.TryGetValue(index, out var pod))
            {
                pods[index] = pod = Create(set, index, revision);
            }

            // In order: the next one when this one is ready.
            complete &= Owners.IsReady(pod);
            if (!complete && !parallel)
            {
                break;
            }
        }

        if (complete)
        {
            Shrink(pods, first, wanted, parallel);
            Roll(set, pods, first, wanted, revision);
        }

        WriteStatus(set, wanted, revision);
    }

    private void Shrink(Dictionary<int, JsonObject> pods, int first, int wanted, bool parallel)
    {
        var surplus = pods.Values.Where(pod => IndexOf(pod) < first || IndexOf(pod) >= first + wanted).OrderByDescending(IndexOf).ToArray();
        if (parallel || !surplus.Any(pod => pod.IsDeleting()))
        {
            foreach (var pod in surplus.Where(pod => !pod.IsDeleting()).Take(parallel ? surplus.Length : 1))
            {
                store.Delete(Owners.Key(ResourceKinds.Pod, pod));
            }
        }
    }

    /// <summary>One pod after the other, the last first; those below the partition keep the old version.</summary>
    private void Roll(JsonObject set, Dictionary<int, JsonObject> pods, int first, int wanted, string revision)
    {
        if (set.Text("spec", "updateStrategy", "type") == "OnDelete")
        {
            return;
        }

        var partition = (int)(set.Number("spec", "updateStrategy", "rollingUpdate", "partition") ?? 0);
        var old = Enumerable.Range(first, wanted).Where(index => index >= partition).OrderDescending().Select(index => pods.GetValueOrDefault(index)).FirstOrDefault(pod => pod is not null && !IsCurrent(pod, revision));
        if (old is not null && !old.IsDeleting())
        {
            store.Delete(Owners.Key(ResourceKinds.Pod, old));
        }
    }

    private JsonObject Create(JsonObject set, int index, string revision)
    {
        var number = index.ToString(CultureInfo.InvariantCulture);
        var pod = Owners.PodFrom(set, set.At("spec", "template"), $"{set.Name()}-{number}");
        var labels = pod.Member("metadata").Member("labels");
        labels[RevisionLabel] = revision;
        labels[IndexLabel] = number;
        labels[NameLabel] = pod.Name();
        var spec = pod.Member("spec");
        spec["hostname"] = pod.Name();
        if (set.Text("spec", "serviceName") is { Length: > 0 } service)
        {
            spec["subdomain"] = service;
        }

        foreach (var template in set.Items("spec", "volumeClaimTemplates"))
        {
            var claim = $"{template.Name()}-{pod.Name()}";
            Claim(set, template, claim);
            if (spec["volumes"] is not JsonArray volumes)
            {
                spec["volumes"] = volumes = [];
            }

            volumes.Add(new JsonObject { ["name"] = template.Name(), ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = claim } });
        }

        var created = store.Create(ResourceKinds.Pod, pod);
        events.Record(set, "Normal", "SuccessfulCreate", $"create Pod {created.Name()} in StatefulSet {set.Name()} successful");
        return created;
    }

    /// <summary>Claims outlive their pods: the next pod of the number finds its data again.</summary>
    private void Claim(JsonObject set, JsonObject template, string name)
    {
        if (store.Get(new ObjectKey(ResourceKinds.Claim, set.Space(), name)) is not null)
        {
            return;
        }

        var claim = template.Copy();
        claim.Remove("status");
        claim.Member("metadata")["name"] = name;
        claim.Member("metadata")["namespace"] = set.Space();
        var served = store.Kinds.Find("", "v1", ResourceKinds.Claim.Plural)!;
        admission.Create(served, claim);
        store.Create(ResourceKinds.Claim, claim);
    }

    private void WriteStatus(JsonObject set, int wanted, string revision)
    {
        var now = time.GetUtcNow();
        var pods = store.Owned(ResourceKinds.Pod, set).Where(pod => !pod.IsDeleting() && !Owners.HasEnded(pod)).ToArray();
        var updated = pods.Count(pod => IsCurrent(pod, revision));
        store.UpdateStatus(Owners.Key(ResourceKinds.StatefulSet, set), status =>
        {
            status["observedGeneration"] = set.Number("metadata", "generation");
            status["replicas"] = pods.Length;
            status["readyReplicas"] = pods.Count(Owners.IsReady);
            status["availableReplicas"] = pods.Count(pod => Owners.IsAvailable(pod, set.Number("spec", "minReadySeconds") ?? 0, now));
            status["updatedReplicas"] = updated;
            status["updateRevision"] = revision;
            status["currentRevision"] = updated == wanted ? revision : status.Text("currentRevision") ?? revision;
            status["currentReplicas"] = pods.Count(pod => IsCurrent(pod, status.Text("currentRevision") ?? revision));
        });
    }
}
