using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Api;

/// <summary>Ways to change an object by a patch.</summary>
internal static class Patches
{
    private const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string OrderPrefix = "$setElementOrder/";
    private const string DeletePrefix = "$deleteFromPrimitiveList/";

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

    /// <summary>Strategic merge patch: as a merge patch, but lists with a key are merged entry by entry, and the directives
    /// <c>$patch</c>, <c>$retainKeys</c>, <c>$setElementOrder</c> and <c>$deleteFromPrimitiveList</c> are followed.</summary>
    public static JsonNode? StrategicMerge(JsonNode? target, JsonNode? patch, MergeRules rules, string name = "")
    {
        if (patch is JsonArray list)
        {
            return StrategicList(target as JsonArray ?? [], list, rules, name);
        }

        if (patch is not JsonObject changes)
        {
            return patch?.DeepClone();
        }

        switch (changes.Text(Directive))
        {
            case "replace":
                return Plain(changes, rules);
            case "delete":
                return new JsonObject();
        }

        var result = target is JsonObject old ? old.Copy() : [];
        if (changes[RetainKeys] is JsonArray kept)
        {
            var names = kept.Select(entry => entry.Text()).ToHashSet();
            foreach (var gone in result.Select(entry => entry.Key).Where(key => !names.Contains(key)).ToArray())
            {
                result.Remove(gone);
            }
        }

        foreach (var (member, value) in changes.Where(change => !change.Key.StartsWith('$')))
        {
            if (value is null)
            {
                result.Remove(member);
            }
            else
            {
                result[member] = StrategicMerge(result[member], value, rules, member);
            }
        }

        foreach (var (member, value) in changes)
        {
            if (member.StartsWith(DeletePrefix, StringComparison.Ordinal) && value is JsonArray gone && result[member[DeletePrefix.Length..]] is JsonArray from)
            {
                result[member[DeletePrefix.Length..]] = new JsonArray([.. from.Where(entry => !gone.Any(other => JsonNode.DeepEquals(other, entry))).Select(entry => entry?.DeepClone())]);
            }
            else if (member.StartsWith(OrderPrefix, StringComparison.Ordinal) && value is JsonArray order && result[member[OrderPrefix.Length..]] is JsonArray ordered)
            {
                result[member[OrderPrefix.Length..]] = Reorder(ordered, order);
            }
        }

        return result;
    }

    private static JsonNode StrategicList(JsonArray target, JsonArray patch, MergeRules rules, string name)
    {
        if (patch.OfType<JsonObject>().Any(entry => entry.Text(Directive) == "replace" && entry.Count == 1))
        {
            return new JsonArray([.. patch.Where(entry => entry is not JsonObject value || value.Text(Directive) is null).Select(entry => entry?.DeepClone())]);
        }

        var meaningful = new JsonArray([.. patch.Select(entry => entry?.DeepClone())]);
        if (MergeRules.IsSet(name))
        {
            return Union(target, meaningful);
        }

        if (meaningful.Count == 0 && rules.Keys(name, target) is not null)
        {
            return target.DeepClone();
        }

        // Strategic merge knows one key a list: the first.
        if (rules.Keys(name, meaningful) is not [var first, ..])
        {
            return meaningful;
        }

        string[] key = [first];
        var result = new JsonArray([.. target.Select(entry => entry?.DeepClone())]);
        foreach (var entry in meaningful.OfType<JsonObject>())
        {
            var present = MergeRules.Find(result, key, entry);
            var at = present is null ? -1 : result.IndexOf(present);
            if (entry.Text(Directive) == "delete")
            {
                if (at >= 0)
                {
                    result.RemoveAt(at);
                }
            }
            else if (at >= 0)
            {
                result[at] = StrategicMerge(present, entry, rules);
            }
            else
            {
                result.Add(Plain(entry, rules));
            }
        }

        return result;
    }

    /// <summary>A copy without directives.</summary>
    private static JsonObject Plain(JsonObject value, MergeRules rules) => (JsonObject)StrategicMerge(null, Without(value), rules)!;

    private static JsonObject Without(JsonObject value)
    {
        var copy = value.Copy();
        copy.Remove(Directive);
        return copy;
    }

    private static JsonArray Union(JsonArray first, JsonArray second) =>
        [.. first.Concat(second.Where(entry => !first.Any(other => JsonNode.DeepEquals(other, entry)))).Select(entry => entry?.DeepClone())];

    private static JsonArray Reorder(JsonArray list, JsonArray order)
    {
        int Rank(JsonNode? entry)
        {
            for (var i = 0; i < order.Count; i++)
            {
                var same = entry is JsonObject value && order[i] is JsonObject like
                    ? like.All(member => JsonNode.DeepEquals(MergeRules.KeyValue(value, member.Key), member.Value))
                    : JsonNode.DeepEquals(entry, order[i]);
                if (same)
                {
                    return i;
                }
            }

            return int.MaxValue;
        }

        return [.. list.OrderBy(Rank).Select(entry => entry?.DeepClone())];
    }
}
