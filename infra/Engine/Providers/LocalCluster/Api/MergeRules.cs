using System.Text.Json.Nodes;

namespace Reco.LocalCluster.Api;

/// <summary>How the lists and maps of a kind merge (the <c>x-kubernetes-list-type</c> and <c>-map-type</c> of the published
/// API): most lists are one value, some are maps by the members of their entries, some are sets.</summary>
/// <param name="kind">Kind of the object.</param>
/// <param name="isCustom">Whether it is none of the built-in ones: its lists are one value, but for those of the metadata.</param>
internal sealed class MergeRules(string kind, bool isCustom)
{
    private static readonly Dictionary<string, string[]> ByList = new(StringComparer.Ordinal)
    {
        ["containers"] = ["name"],
        ["initContainers"] = ["name"],
        ["ephemeralContainers"] = ["name"],
        ["env"] = ["name"],
        ["volumes"] = ["name"],
        ["volumeMounts"] = ["mountPath"],
        ["volumeDevices"] = ["devicePath"],
        ["imagePullSecrets"] = ["name"],
        ["secrets"] = ["name"],
        ["hostAliases"] = ["ip"],
        ["topologySpreadConstraints"] = ["topologyKey", "whenUnsatisfiable"],
        ["schedulingGates"] = ["name"],
        ["conditions"] = ["type"],
        ["ownerReferences"] = ["uid"],
    };

    private static readonly string[] ContainerPort = ["containerPort", "protocol"];
    private static readonly string[] ServicePort = ["port", "protocol"];
    private static readonly HashSet<string> Sets = new(StringComparer.Ordinal) { "finalizers" };

    private static readonly HashSet<string> AtomicMaps = new(StringComparer.Ordinal)
    {
        "selector", "labelSelector", "namespaceSelector", "podSelector", "nodeSelector", "secretKeyRef", "configMapKeyRef", "fieldRef", "resourceFieldRef",
        "roleRef", "dataSource", "nodeAffinity",
    };

    /// <summary>Members that tell one entry of a list from another; null where the list is one value or a set.</summary>
    public string[]? Keys(string name, JsonArray list)
    {
        if (list.Count == 0 || (isCustom && name != "ownerReferences") || list.Any(entry => entry is not JsonObject))
        {
            return null;
        }

        var keys = name == "ports" ? Ports(list) : ByList.GetValueOrDefault(name);
        return keys is not null && list.All(entry => entry![keys[0]] is not null) ? keys : null;
    }

    /// <summary>Whether a list of plain values is a set.</summary>
    public static bool IsSet(string name) => Sets.Contains(name);

    /// <summary>Whether a map is one value.</summary>
    public bool IsAtomic(string name) => !isCustom && AtomicMaps.Contains(name);

    /// <summary>Value of a key member; ports are TCP where they do not say.</summary>
    public static JsonNode? KeyValue(JsonObject entry, string key) => entry[key] ?? (key == "protocol" ? JsonValue.Create("TCP") : null);

    /// <summary>The entry of a list with the same keys as another.</summary>
    public static JsonObject? Find(JsonArray list, string[] keys, JsonObject like) =>
        list.OfType<JsonObject>().FirstOrDefault(entry => keys.All(key => JsonNode.DeepEquals(KeyValue(entry, key), KeyValue(like, key))));

    // Ports of network policies and endpoint slices are plain lists.
    private string[]? Ports(JsonArray list) => list.All(entry => entry!["containerPort"] is not null) ? ContainerPort : kind == "Service" ? ServicePort : null;
}
