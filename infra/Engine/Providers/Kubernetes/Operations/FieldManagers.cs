using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Reco.Providers.Kubernetes.Objects;

namespace Reco.Providers.Kubernetes.Operations;

/// <summary>Who owns which field of an object (Kubernetes' <c>metadata.managedFields</c>).</summary>
internal static class FieldManagers
{
    /// <summary>Manager of objects that are not changed by server-side apply.</summary>
    public const string ClientSide = "pulumi-kubernetes";

    private static readonly HashSet<(string Manager, string Operation)> Adopted =
    [
        ("kubectl", "Apply"), ("kubectl", "Update"), ("before-first-apply", "Update"), (ClientSide, "Update"),
        ("pulumi-kubernetes.exe", "Update"), ("pulumi-resource-kubernetes", "Update"),
    ];

    /// <summary>The manager's name of a resource that is made. It follows from the URN, so that an object which a run made
    /// without living to record it can be told from one that somebody else made.</summary>
    public static string NameOf(string urn) => $"pulumi-kubernetes-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(urn)).AsSpan(0, 4))}";

    /// <summary>Whether the manager has written to the object.</summary>
    public static bool HasWritten(JsonObject live, string manager) =>
        live.Items("metadata", "managedFields").Any(entry => entry.Text("manager") == manager && entry.Text("subresource") is null or "");

    /// <summary>Whether the object was written by this kind of provider without server-side apply.</summary>
    public static bool HasClientSideOwner(JsonObject live) =>
        live.Items("metadata", "managedFields").Any(entry =>
            entry.Text("operation") == "Update" && entry.Text("manager") is ClientSide or "pulumi-kubernetes.exe" or "pulumi-resource-kubernetes");

    /// <summary>A JSON patch (RFC 6902) that makes the manager owner of what kubectl or an earlier client-side write owns,
    /// so that fields that leave the program leave the object; null where there is nothing to take over.</summary>
    public static JsonArray? TakeOver(JsonObject live, string manager)
    {
        var entries = live.Items("metadata", "managedFields").ToList();
        var taken = entries.Where(entry => entry.Text("subresource") is null or ""
            && Adopted.Contains((entry.Text("manager") ?? "", entry.Text("operation") ?? ""))).ToList();
        if (taken.Count == 0)
        {
            return null;
        }

        var own = entries.FirstOrDefault(entry => entry.Text("manager") == manager && entry.Text("operation") == "Apply");
        var merged = (own ?? taken[0]).Copy();
        merged["manager"] = manager;
        merged["operation"] = "Apply";
        foreach (var entry in taken)
        {
            Union(merged["fieldsV1"] as JsonObject, entry["fieldsV1"] as JsonObject);
        }

        var rest = entries.Where(entry => entry != own && !taken.Contains(entry)).Select(JsonNode (entry) => entry.DeepClone());
        return
        [
            new JsonObject { ["op"] = "replace", ["path"] = "/metadata/managedFields", ["value"] = new JsonArray([merged, .. rest]) },
            new JsonObject { ["op"] = "replace", ["path"] = "/metadata/resourceVersion", ["value"] = live.Text("metadata", "resourceVersion") },
        ];
    }

    /// <summary>Leaves ignored properties as they are in the cluster: one that another manager alone owns is not applied at
    /// all, any other is applied with its live value.</summary>
    public static void KeepIgnored(JsonObject after, JsonObject live, IEnumerable<string> ignored, string manager)
    {
        foreach (var path in ignored)
        {
            var steps = PropertyPath.Parse(path).Steps;
            if (steps.Any(step => step is not string || step is "*"))
            {
                // Items of lists have no owner of their own under a position; the engine has put their old inputs back.
                continue;
            }

            string[] names = [.. steps.Cast<string>()];
            var owners = live.Items("metadata", "managedFields")
                .Where(entry => entry.At("fieldsV1").At([.. names.Select(name => $"f:{name}")]) is not null)
                .Select(entry => entry.Text("manager")).ToList();
            if (owners.Count > 0 && !owners.Contains(manager))
            {
                after.Remove(names);
            }
            else if (live.At(names) is { } value && after.At(names) is not null && after.At(names.AsSpan()[..^1]) is JsonObject parent)
            {
                parent[names[^1]] = value.DeepClone();
            }
        }
    }

    private static void Union(JsonObject? into, JsonObject? from)
    {
        if (into is null || from is null)
        {
            return;
        }

        foreach (var (key, value) in from)
        {
            if (into.TryGetPropertyValue(key, out var there))
            {
                Union(there as JsonObject, value as JsonObject);
            }
            else
            {
                into[key] = value?.DeepClone();
            }
        }
    }
}
