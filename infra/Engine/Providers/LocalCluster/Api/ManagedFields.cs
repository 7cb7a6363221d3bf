using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Api;

/// <summary>Who made a change.</summary>
/// <param name="Name">Field manager.</param>
/// <param name="Operation"><c>Apply</c> or <c>Update</c>.</param>
/// <param name="Subresource"><c>status</c>, or empty.</param>
internal sealed record Manager(string Name, string Operation, string Subresource);

/// <summary>Field ownership (<c>metadata.managedFields</c>) and server-side apply, by the rules of
/// https://kubernetes.io/docs/reference/using-api/server-side-apply/.</summary>
internal sealed class ManagedFields
{
    private readonly Dictionary<Manager, (FieldSet Fields, string Version, string? Time)> managers = [];
    private readonly MergeRules rules;

    private ManagedFields(MergeRules rules) => this.rules = rules;

    /// <summary>Reads the ownership of an object; null is an object that is not there.</summary>
    public static ManagedFields Read(JsonObject? value, MergeRules rules)
    {
        var result = new ManagedFields(rules);
        foreach (var entry in value.Items("metadata", "managedFields"))
        {
            var manager = new Manager(entry.Text("manager") ?? "", entry.Text("operation") ?? "Update", entry.Text("subresource") ?? "");
            result.managers[manager] = (FieldSet.Read(entry["fieldsV1"] as JsonObject ?? []), entry.Text("apiVersion") ?? "", entry.Text("time"));
        }

        return result;
    }

    /// <summary>Server-side apply: what the manager applied before and does not apply any more goes, unless another one owns it
    /// too; what it applies now comes; what others own stays.</summary>
    /// <param name="live">The object; null where there is none.</param>
    /// <param name="applied">What is applied.</param>
    /// <param name="manager">Who applies.</param>
    /// <param name="force">Whether to take over fields that others own with other values.</param>
    /// <param name="now">Time stamp.</param>
    /// <exception cref="ApiException">409 that names managers and fields.</exception>
    public JsonObject Apply(JsonObject? live, JsonObject applied, Manager manager, bool force, string now)
    {
        var wanted = FieldSet.Of(applied, manager.Subresource, rules);
        if (live is not null)
        {
            TakeOver(live, applied, wanted, manager, force);
        }

        var result = (JsonObject)Merge(live, applied, "")!;
        if (managers.TryGetValue(manager, out var before))
        {
            Prune(result, before.Fields, wanted, manager);
        }

        managers[manager] = (wanted, applied.Text("apiVersion") ?? "", before.Fields is { } old && old.Paths.SetEquals(wanted.Paths) ? before.Time : now);
        Write(result);
        return result;
    }

    /// <summary>Another kind of write: whoever changes a field owns it, and alone.</summary>
    public void Update(JsonObject? before, JsonObject after, Manager manager, string now)
    {
        var (old, fresh) = (FieldSet.Of(before ?? [], manager.Subresource, rules), FieldSet.Of(after, manager.Subresource, rules));
        var changed = fresh.Paths.Where(path => !old.Paths.Contains(path) || !JsonNode.DeepEquals(Leaf(before, path), Leaf(after, path))).ToHashSet();
        var gone = old.Paths.Where(path => !fresh.Paths.Contains(path)).ToHashSet();
        foreach (var (other, entry) in managers)
        {
            entry.Fields.Paths.RemoveWhere(path => gone.Contains(path) || (other != manager && changed.Contains(path)));
        }

        if (changed.Count > 0)
        {
            var own = managers.TryGetValue(manager, out var known) ? known.Fields : FieldSet.Read([]);
            own.Paths.UnionWith(changed);
            managers[manager] = (own, after.Text("apiVersion") ?? "", now);
        }

        Write(after);
    }

    private static JsonNode? Leaf(JsonObject? value, string path) =>
        // An entry of a list is compared by what is in it.
        path[(path.LastIndexOf('\u0001') + 1)..].StartsWith("k:", StringComparison.Ordinal) ? null : FieldSet.Find(value, path);

    private void Write(JsonObject value)
    {
        var list = new JsonArray();
        foreach (var (manager, entry) in managers.Where(entry => entry.Value.Fields.Paths.Count > 0))
        {
            var item = new JsonObject
            {
                ["manager"] = manager.Name,
                ["operation"] = manager.Operation,
                ["apiVersion"] = entry.Version,
                ["time"] = entry.Time,
                ["fieldsType"] = "FieldsV1",
                ["fieldsV1"] = entry.Fields.Write(),
            };
            if (manager.Subresource.Length > 0)
            {
                item["subresource"] = manager.Subresource;
            }

            list.Add(item);
        }

        if (list.Count > 0)
        {
            value.Member("metadata")["managedFields"] = list;
        }
        else
        {
            value.Member("metadata").Remove("managedFields");
        }
    }

    private void TakeOver(JsonObject live, JsonObject applied, FieldSet wanted, Manager manager, bool force)
    {
        var conflicts = managers.Where(entry => entry.Key != manager && entry.Key.Subresource == manager.Subresource).Select(entry => (Other: entry.Key, entry.Value.Version,
            Paths: entry.Value.Fields.Paths.Where(path => wanted.Paths.Contains(path) && !JsonNode.DeepEquals(Leaf(live, path), Leaf(applied, path))).Order(StringComparer.Ordinal).ToArray()))
            .Where(conflict => conflict.Paths.Length > 0).ToArray();
        if (force)
        {
            foreach (var (other, _, paths) in conflicts)
            {
                managers[other].Fields.Paths.ExceptWith(paths);
            }

            return;
        }

        if (conflicts.Length > 0)
        {
            throw Refusal(conflicts);
        }
    }

    private static ApiException Refusal((Manager Other, string Version, string[] Paths)[] conflicts)
    {
        var total = conflicts.Sum(conflict => conflict.Paths.Length);
        var parts = conflicts.Select(conflict => $"\"{conflict.Other.Name}\" using {conflict.Version}: {string.Join(", ", conflict.Paths.Select(FieldSet.Describe))}");
        return new ApiException(409, "Conflict",
            $"Apply failed with {total} conflict{(total == 1 ? "" : "s")}: conflict{(total == 1 ? "" : "s")} with {string.Join("; ", parts)}",
            new JsonArray([.. conflicts.SelectMany(conflict => conflict.Paths.Select(path => new JsonObject
            {
                ["reason"] = "FieldManagerConflict",
                ["message"] = $"conflict with \"{conflict.Other.Name}\" using {conflict.Version}",
                ["field"] = FieldSet.Describe(path),
            }))]));
    }

    /// <summary>Removes what the manager gave up and nobody else owns.</summary>
    private void Prune(JsonObject result, FieldSet before, FieldSet wanted, Manager manager)
    {
        var others = managers.Where(entry => entry.Key != manager).SelectMany(entry => entry.Value.Fields.Paths).ToHashSet();
        var removed = new List<string>();
        foreach (var path in before.Paths.Where(path => !wanted.Paths.Contains(path)).OrderBy(path => path.Length).ThenBy(path => path, StringComparer.Ordinal))
        {
            // Gone with what it is in; or what is in it is still somebody's.
            if (removed.Any(outer => FieldSet.IsIn(path, outer)) || others.Any(other => FieldSet.IsIn(other, path)) || wanted.Paths.Any(other => FieldSet.IsIn(other, path)))
            {
                continue;
            }

            FieldSet.Remove(result, path);
            removed.Add(path);
        }
    }

    private JsonNode? Merge(JsonNode? live, JsonNode? applied, string name)
    {
        switch (applied)
        {
            case JsonObject members when live is JsonObject old && !rules.IsAtomic(name):
                var result = old.Copy();
                foreach (var (key, value) in members)
                {
                    result[key] = Merge(result[key], value, key);
                }

                return result;
            case JsonArray list when live is JsonArray present && rules.Keys(name, list.Count > 0 ? list : present) is { } keys:
                // The order is that of what is applied; entries of others follow.
                var merged = new JsonArray([.. list.OfType<JsonObject>().Select(entry => Merge(MergeRules.Find(present, keys, entry), entry, ""))]);
                foreach (var entry in present.OfType<JsonObject>().Where(entry => MergeRules.Find(list, keys, entry) is null))
                {
                    merged.Add(entry.DeepClone());
                }

                return merged;
            case JsonArray list when live is JsonArray present && MergeRules.IsSet(name):
                return new JsonArray([.. present.Concat(list.Where(entry => !present.Any(other => JsonNode.DeepEquals(other, entry)))).Select(entry => entry?.DeepClone())]);
            default:
                return applied?.DeepClone();
        }
    }
}
