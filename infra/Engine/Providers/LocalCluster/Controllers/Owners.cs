using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Controllers;

/// <summary>Owner references between objects.</summary>
internal static class Owners
{
    /// <summary>A reference to an object's controller.</summary>
    public static JsonArray Reference(JsonObject owner) => new(new JsonObject
    {
        ["apiVersion"] = owner.Text("apiVersion"),
        ["kind"] = owner.Text("kind"),
        ["name"] = owner.Name(),
        ["uid"] = owner.Uid(),
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    });

    /// <summary>Objects of a kind that an object controls.</summary>
    public static JsonObject[] Owned(this ObjectStore store, ResourceKind kind, JsonObject owner) =>
        [.. store.List(kind, owner.Space()).Where(value => IsOwned(value, owner))];

    /// <summary>Whether an object refers to another as its owner.</summary>
    public static bool IsOwned(JsonObject value, JsonObject owner) => value.Items("metadata", "ownerReferences").Any(reference => reference.Text("uid") == owner.Uid());

    /// <summary>Takes objects that an owner selects and nobody controls, for example after their last owner was deleted
    /// without them.</summary>
    public static void Adopt(this ObjectStore store, ResourceKind kind, JsonObject owner)
    {
        var selector = LabelSelector.Parse(owner.At("spec", "selector"));
        foreach (var orphan in store.List(kind, owner.Space()).Where(value => !value.IsDeleting() && !selector.IsEmpty && selector.Matches(value.Map("metadata", "labels"))
            && !value.Items("metadata", "ownerReferences").Any(reference => reference.Flag("controller"))))
        {
            store.Update(Key(kind, orphan), value => value.Member("metadata")["ownerReferences"] = Reference(owner));
        }
    }

    /// <summary>Key of an object.</summary>
    public static ObjectKey Key(ResourceKind kind, JsonObject value) => new(kind, kind.Namespaced ? value.Space() : "", value.Name());

    /// <summary>A pod from a template.</summary>
    public static JsonObject PodFrom(JsonObject owner, JsonNode? template, string name)
    {
        var metadata = template.At("metadata") is JsonObject given ? given.Copy() : [];
        metadata["name"] = name;
        metadata["namespace"] = owner.Space();
        metadata["ownerReferences"] = Reference(owner);
        return new JsonObject { ["metadata"] = metadata, ["spec"] = template.At("spec")?.DeepClone() };
    }

    /// <summary>A name with a random end that is not too long for a label.</summary>
    public static string Generate(string prefix)
    {
        const int Most = 57;
        return $"{(prefix.Length > Most ? prefix[..Most] : prefix)}-{Names.Suffix()}";
    }

    /// <summary>Whether a pod is ready.</summary>
    public static bool IsReady(JsonObject pod) => !pod.IsDeleting() && Condition(pod, "Ready").Text("status") == "True";

    /// <summary>Whether a pod has been ready for a time.</summary>
    public static bool IsAvailable(JsonObject pod, long minReadySeconds, DateTimeOffset now) => IsReady(pod)
        && (minReadySeconds <= 0 || (DateTimeOffset.TryParse(Condition(pod, "Ready").Text("lastTransitionTime"), out var since) && now - since >= TimeSpan.FromSeconds(minReadySeconds)));

    /// <summary>A condition of an object's status, or null.</summary>
    public static JsonObject? Condition(JsonObject value, string type) => value.Items("status", "conditions").FirstOrDefault(entry => entry.Text("type") == type);

    /// <summary>Whether a pod has ended for good.</summary>
    public static bool HasEnded(JsonObject pod) => pod.Text("status", "phase") is "Succeeded" or "Failed";
}
