using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Api;

/// <summary>JSON patch (RFC 6902).</summary>
internal static class JsonPatch
{
    /// <summary>Applies the operations in order; all of them or none.</summary>
    public static JsonObject Apply(JsonObject target, JsonArray operations)
    {
        var result = target.Copy();
        foreach (var operation in operations.OfType<JsonObject>())
        {
            var path = Parse(operation.Text("path"));
            switch (operation.Text("op"))
            {
                case "add":
                    Set(result, path, operation["value"]?.DeepClone(), insert: true);
                    break;
                case "replace":
                    _ = Find(result, path) ?? throw Bad($"there is nothing at {operation.Text("path")}");
                    Set(result, path, operation["value"]?.DeepClone(), insert: false);
                    break;
                case "remove":
                    Remove(result, path);
                    break;
                case "copy":
                    Set(result, path, Find(result, Parse(operation.Text("from")))?.DeepClone(), insert: true);
                    break;
                case "move":
                    var from = Parse(operation.Text("from"));
                    var moved = Find(result, from)?.DeepClone();
                    Remove(result, from);
                    Set(result, path, moved, insert: true);
                    break;
                case "test":
                    if (!JsonNode.DeepEquals(Find(result, path), operation["value"]))
                    {
                        throw new ApiException(422, "Invalid", $"the test of {operation.Text("path")} failed");
                    }

                    break;
                default:
                    throw Bad($"there is no operation {operation.Text("op")}");
            }
        }

        return result;
    }

    private static string[] Parse(string? pointer) => pointer is { Length: > 0 } && pointer[0] == '/'
        ? [.. pointer[1..].Split('/').Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))]
        : throw Bad($"\"{pointer}\" is no JSON pointer to a member");

    private static JsonNode? Find(JsonNode? node, ReadOnlySpan<string> path)
    {
        foreach (var part in path)
        {
            node = node switch
            {
                JsonObject value => value[part],
                JsonArray list when int.TryParse(part, out var index) && index >= 0 && index < list.Count => list[index],
                _ => null,
            };
        }

        return node;
    }

    private static void Set(JsonNode root, string[] path, JsonNode? value, bool insert)
    {
        switch (Find(root, path.AsSpan(0, path.Length - 1)))
        {
            case JsonObject parent:
                parent[path[^1]] = value;
                break;
            case JsonArray list when path[^1] == "-":
                list.Add(value);
                break;
            case JsonArray list when int.TryParse(path[^1], out var index) && index >= 0 && index <= list.Count - (insert ? 0 : 1):
                if (insert)
                {
                    list.Insert(index, value);
                }
                else
                {
                    list[index] = value;
                }

                break;
            default:
                throw Bad($"there is nothing at /{string.Join('/', path[..^1])}");
        }
    }

    private static void Remove(JsonNode root, string[] path)
    {
        switch (Find(root, path.AsSpan(0, path.Length - 1)))
        {
            case JsonObject parent when parent.Remove(path[^1]):
                break;
            case JsonArray list when int.TryParse(path[^1], out var index) && index >= 0 && index < list.Count:
                list.RemoveAt(index);
                break;
            default:
                throw Bad($"there is nothing at /{string.Join('/', path)}");
        }
    }

    private static ApiException Bad(string message) => ApiException.BadRequest($"JSON patch: {message}");
}
