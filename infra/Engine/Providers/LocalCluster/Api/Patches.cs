using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Api;

/// <summary>Ways to change an object by a patch.</summary>
internal static class Patches
{
    /// <summary>Members that tell one entry of a Kubernetes list from another, by the list's name; other lists are one value.</summary>
    private static readonly Dictionary<string, string[]> ListKeys = new(StringComparer.Ordinal)
    {
        ["containers"] = ["name"],
        ["initContainers"] = ["name"],
        ["env"] = ["name"],
        ["volumes"] = ["name"],
        ["volumeMounts"] = ["mountPath"],
        ["ports"] = ["containerPort", "port"],
        ["imagePullSecrets"] = ["name"],
        ["conditions"] = ["type"],
        ["ownerReferences"] = ["uid"],
    };

    /// <summary>JSON merge patch (RFC 7386).</summary>
    public static JsonNode? Merge(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            return patch?.DeepClone();
        }

        var result = target is JsonObject old ? old.Copy() : [];
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                result[name] = Merge(result[name], value);
            }
        }

        return result;
    }

    /// <summary>Strategic merge: as a merge patch, but lists with a key are merged entry by entry.</summary>
    public static JsonNode? StrategicMerge(JsonNode? target, JsonNode? patch, string name = "")
    {
        if (patch is JsonArray list && KeyOf(name, list) is { } key)
        {
            return MergeLists(target as JsonArray ?? [], list, key);
        }

        if (patch is not JsonObject changes)
        {
            return patch?.DeepClone();
        }

        var result = target is JsonObject old ? old.Copy() : [];
        foreach (var (member, value) in changes)
        {
            if (value is null)
            {
                result.Remove(member);
            }
            else
            {
                result[member] = StrategicMerge(result[member], value, member);
            }
        }

        return result;
    }

    /// <summary>Server-side apply for one manager: what it applied before and does not apply any more goes, unless another
    /// manager applies it too; what it applies now comes; what others wrote stays.</summary>
    /// <param name="live">The object; null where there is none.</param>
    /// <param name="previous">What the manager applied last; null for the first time.</param>
    /// <param name="applied">What it applies now.</param>
    /// <param name="others">What other managers applied last.</param>
    public static JsonObject Apply(JsonObject? live, JsonObject? previous, JsonObject applied, IReadOnlyCollection<JsonObject> others)
    {
        var result = live?.Copy() ?? [];
        if (previous is not null)
        {
            Prune(result, previous, applied, others, "");
        }

        return (JsonObject)StrategicMerge(result, applied)!;
    }

    private static void Prune(JsonObject live, JsonObject previous, JsonObject applied, IReadOnlyCollection<JsonObject> others, string path)
    {
        foreach (var (name, before) in previous)
        {
            var othersBelow = others.Select(other => other[name]).ToArray();
            if (!applied.ContainsKey(name))
            {
                if (othersBelow.All(other => other is null))
                {
                    live.Remove(name);
                }

                continue;
            }

            var now = applied[name];
            if (before is JsonObject beforeObject && now is JsonObject nowObject && live[name] is JsonObject liveObject)
            {
                Prune(liveObject, beforeObject, nowObject, [.. othersBelow.OfType<JsonObject>()], $"{path}.{name}");
            }
            else if (before is JsonArray beforeList && now is JsonArray nowList && live[name] is JsonArray liveList && KeyOf(name, nowList) is { } key)
            {
                PruneList(liveList, beforeList, nowList, key);
            }
        }
    }

    private static void PruneList(JsonArray live, JsonArray before, JsonArray now, string key)
    {
        foreach (var gone in before.OfType<JsonObject>().Where(entry => Entry(now, key, entry[key]) is null))
        {
            if (Entry(live, key, gone[key]) is { } entry)
            {
                live.Remove(entry);
            }
        }

        foreach (var kept in before.OfType<JsonObject>())
        {
            if (Entry(now, key, kept[key]) is { } nowEntry && Entry(live, key, kept[key]) is { } liveEntry)
            {
                Prune(liveEntry, kept, nowEntry, [], "");
            }
        }
    }

    private static JsonArray MergeLists(JsonArray target, JsonArray patch, string key)
    {
        var result = new JsonArray();
        foreach (var entry in patch.OfType<JsonObject>())
        {
            result.Add(StrategicMerge(Entry(target, key, entry[key]), entry));
        }

        foreach (var entry in target.OfType<JsonObject>().Where(entry => Entry(patch, key, entry[key]) is null))
        {
            result.Add(entry.DeepClone());
        }

        return result;
    }

    private static string? KeyOf(string name, JsonArray list) =>
        ListKeys.TryGetValue(name, out var keys) && list.Count > 0 ? keys.FirstOrDefault(key => list.All(entry => entry is JsonObject value && value[key] is not null)) : null;

    private static JsonObject? Entry(JsonArray list, string key, JsonNode? value) =>
        list.OfType<JsonObject>().FirstOrDefault(entry => JsonNode.DeepEquals(entry[key], value));
}
