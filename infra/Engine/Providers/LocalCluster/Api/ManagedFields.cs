using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Api;

/// <summary>Who applied which fields. What each manager applied last is kept in the entry itself, beside the field set that
/// clients read; real clusters keep the field set only.</summary>
internal static class ManagedFields
{
    private const string Applied = "reco.dev/applied";

    /// <summary>What each manager applied last.</summary>
    public static Dictionary<string, JsonObject> Read(JsonObject? value) => value.Items("metadata", "managedFields")
        .Where(entry => entry[Applied] is JsonObject)
        .ToDictionary(entry => entry.Text("manager") ?? "", entry => (JsonObject)entry[Applied]!);

    /// <summary>Records what a manager applied.</summary>
    public static void Write(JsonObject value, Dictionary<string, JsonObject> managers, string manager, JsonObject applied, string apiVersion, TimeProvider time)
    {
        var list = new JsonArray();
        foreach (var (name, fields) in managers.Where(entry => entry.Key != manager).Append(KeyValuePair.Create(manager, applied)))
        {
            var known = value.Items("metadata", "managedFields").FirstOrDefault(entry => entry.Text("manager") == name);
            var unchanged = known is not null && JsonNode.DeepEquals(known[Applied], fields);
            list.Add(new JsonObject
            {
                ["manager"] = name,
                ["operation"] = "Apply",
                ["apiVersion"] = apiVersion,
                ["time"] = unchanged ? known!["time"]?.DeepClone() : time.GetUtcNow().Stamp(),
                ["fieldsType"] = "FieldsV1",
                ["fieldsV1"] = Fields(fields),
                [Applied] = fields.DeepClone(),
            });
        }

        value.Member("metadata")["managedFields"] = list;
    }

    /// <summary>Refuses an apply that would change a field which another manager applied with another value.</summary>
    /// <exception cref="ApiException">409 that names manager and field.</exception>
    public static void RefuseConflicts(ObjectKey key, JsonObject? live, Dictionary<string, JsonObject> managers, string manager, JsonObject applied)
    {
        if (live is null)
        {
            return;
        }

        foreach (var (other, fields) in managers.Where(entry => entry.Key != manager))
        {
            if (Conflict(fields, applied, "") is { } path)
            {
                throw new ApiException(409, "Conflict", $"Apply failed with 1 conflict: conflict with \"{other}\": {path}");
            }
        }
    }

    private static string? Conflict(JsonObject theirs, JsonObject ours, string path)
    {
        foreach (var (name, value) in ours)
        {
            if (name is "apiVersion" or "kind" || (path == ".metadata" && name is "name" or "namespace") || theirs[name] is not { } other)
            {
                continue;
            }

            if (value is JsonObject own && other is JsonObject foreign)
            {
                if (Conflict(foreign, own, $"{path}.{name}") is { } found)
                {
                    return found;
                }
            }
            else if (!JsonNode.DeepEquals(value, other))
            {
                return $"{path}.{name}";
            }
        }

        return null;
    }

    private static JsonObject Fields(JsonObject value)
    {
        var fields = new JsonObject();
        foreach (var (name, member) in value)
        {
            if (name is not ("apiVersion" or "kind"))
            {
                fields[$"f:{name}"] = member is JsonObject child ? Fields(child) : new JsonObject();
            }
        }

        return fields;
    }
}
