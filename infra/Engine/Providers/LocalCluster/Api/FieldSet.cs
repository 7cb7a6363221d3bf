using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Api;

/// <summary>A set of fields of an object, in the terms of <c>FieldsV1</c>: a step is <c>f:NAME</c> for a member, <c>k:{...}</c>
/// for an entry of a list by its keys, <c>v:VALUE</c> for an entry of a set.</summary>
internal sealed class FieldSet
{
    private const char Separator = '\u0001';
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private FieldSet(IEnumerable<string> paths) => Paths = [.. paths];

    /// <summary>Paths of the fields, their steps joined.</summary>
    public HashSet<string> Paths { get; }

    /// <summary>The fields that an object has: leaves, entries of lists, and maps that are empty. What names the object and
    /// what the server alone sets is nobody's.</summary>
    /// <param name="value">The object.</param>
    /// <param name="subresource"><c>status</c> for that part alone; empty for all but that.</param>
    /// <param name="rules">How lists and maps of the kind merge.</param>
    public static FieldSet Of(JsonObject value, string subresource, MergeRules rules)
    {
        var result = new FieldSet([]);
        foreach (var (name, member) in value)
        {
            if (name is "apiVersion" or "kind" || (name == "status") != (subresource == "status"))
            {
                continue;
            }

            if (name == "metadata")
            {
                if (subresource.Length == 0)
                {
                    result.AddMetadata(member as JsonObject ?? [], rules);
                }

                continue;
            }

            result.Add($"f:{name}", name, member, rules);
        }

        return result;
    }

    /// <summary>Reads <c>fieldsV1</c>.</summary>
    public static FieldSet Read(JsonObject fields)
    {
        var result = new FieldSet([]);
        result.Read(fields, "");
        return result;
    }

    /// <summary>Writes <c>fieldsV1</c>.</summary>
    public JsonObject Write()
    {
        var root = new JsonObject();
        foreach (var path in Paths.Order(StringComparer.Ordinal))
        {
            var node = root;
            foreach (var step in path.Split(Separator))
            {
                node = node.Member(step);
            }

            // The entry itself, beside what is in it.
            if (path[(path.LastIndexOf(Separator) + 1)..].StartsWith("k:", StringComparison.Ordinal))
            {
                node["."] = new JsonObject();
            }
        }

        return root;
    }

    /// <summary>The value of a field in an object; null where it is not there.</summary>
    public static JsonNode? Find(JsonNode? node, string path)
    {
        foreach (var step in path.Split(Separator))
        {
            node = Step(node, step);
        }

        return node;
    }

    /// <summary>A path in the words of error messages: <c>.spec.containers[name="main"].image</c>.</summary>
    public static string Describe(string path) => string.Concat(path.Split(Separator).Select(step => step[..2] switch
    {
        "f:" => $".{step[2..]}",
        "k:" => $"[{string.Join(',', (JsonNode.Parse(step[2..]) as JsonObject ?? []).Select(key => $"{key.Key}={key.Value?.ToJsonString()}"))}]",
        _ => $"[={step[2..]}]",
    }));

    /// <summary>Whether a path is another one or in it.</summary>
    public static bool IsIn(string path, string outer) => path == outer || (path.StartsWith(outer, StringComparison.Ordinal) && path[outer.Length] == Separator);

    /// <summary>Removes a field from an object, and objects that become empty by it.</summary>
    public static void Remove(JsonObject root, string path)
    {
        var steps = path.Split(Separator);
        for (var length = steps.Length; length > 0; length--)
        {
            var parent = length == 1 ? root : Find(root, string.Join(Separator, steps[..(length - 1)]));
            var step = steps[length - 1];
            switch (parent)
            {
                case JsonObject members:
                    members.Remove(step[2..]);
                    break;
                case JsonArray list when Step(list, step) is { } entry:
                    list.RemoveAt(list.IndexOf(entry));
                    break;
            }

            // What the removed field was alone in goes with it; the object's main parts stay.
            if (parent is not (JsonObject { Count: 0 } or JsonArray { Count: 0 }) || length <= 2)
            {
                return;
            }
        }
    }

    private static JsonNode? Step(JsonNode? node, string step) => (node, step[..2]) switch
    {
        (JsonObject members, "f:") => members[step[2..]],
        (JsonArray list, "k:") => Entry(list, step[2..]),
        (JsonArray list, "v:") => list.FirstOrDefault(entry => JsonNode.DeepEquals(entry, JsonNode.Parse(step[2..]))),
        _ => null,
    };

    private static JsonObject? Entry(JsonArray list, string keys) => JsonNode.Parse(keys) is JsonObject wanted
        ? list.OfType<JsonObject>().FirstOrDefault(entry => wanted.All(key => JsonNode.DeepEquals(MergeRules.KeyValue(entry, key.Key), key.Value)))
        : null;

    private void AddMetadata(JsonObject metadata, MergeRules rules)
    {
        foreach (var name in (string[])["labels", "annotations", "finalizers", "ownerReferences"])
        {
            if (metadata[name] is { } member)
            {
                Add($"f:metadata{Separator}f:{name}", name, member, rules);
            }
        }
    }

    private void Add(string path, string name, JsonNode? value, MergeRules rules)
    {
        switch (value)
        {
            case JsonObject members when members.Count > 0 && !rules.IsAtomic(name):
                foreach (var (key, member) in members)
                {
                    Add($"{path}{Separator}f:{key}", key, member, rules);
                }

                break;
            case JsonArray list when rules.Keys(name, list) is { } keys:
                foreach (var entry in list.OfType<JsonObject>())
                {
                    var identity = new JsonObject(keys.Order(StringComparer.Ordinal).Select(key => KeyValuePair.Create(key, MergeRules.KeyValue(entry, key)?.DeepClone())));
                    var at = $"{path}{Separator}k:{identity.ToJsonString(Compact)}";
                    Paths.Add(at);
                    foreach (var (key, member) in entry)
                    {
                        Add($"{at}{Separator}f:{key}", key, member, rules);
                    }
                }

                break;
            case JsonArray list when list.Count > 0 && MergeRules.IsSet(name):
                foreach (var entry in list)
                {
                    Paths.Add($"{path}{Separator}v:{entry?.ToJsonString(Compact)}");
                }

                break;
            default:
                Paths.Add(path);
                break;
        }
    }

    private void Read(JsonObject fields, string path)
    {
        foreach (var (step, inner) in fields)
        {
            if (step == ".")
            {
                Paths.Add(path);
                continue;
            }

            var at = path.Length == 0 ? step : $"{path}{Separator}{step}";
            if (inner is JsonObject { Count: > 0 } more)
            {
                Read(more, at);
            }
            else
            {
                Paths.Add(at);
            }
        }
    }
}
