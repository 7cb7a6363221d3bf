using System.Text.Json;
using System.Text.Json.Nodes;

namespace Reco.LocalCluster.Storage;

/// <summary>Short ways to look into JSON objects.</summary>
internal static class Json
{
    /// <summary>The value at a path of member names, or null.</summary>
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            node = node is JsonObject value ? value[name] : null;
        }

        return node;
    }

    /// <summary>The string at a path, or null.</summary>
    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>The integer at a path, or null. Numbers that came in as doubles count where they are whole.</summary>
    public static long? Number(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.Number
        ? value.TryGetValue<long>(out var whole) ? whole : value.TryGetValue<int>(out var small) ? small : value.TryGetValue<double>(out var real) ? (long)real : null
        : null;

    /// <summary>The boolean at a path; false where it is not there.</summary>
    public static bool Flag(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    /// <summary>The objects of the list at a path; none where it is not there.</summary>
    public static IEnumerable<JsonObject> Items(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonArray list ? list.OfType<JsonObject>().ToArray() : [];

    /// <summary>The strings of the list at a path; none where it is not there.</summary>
    public static IEnumerable<string> Texts(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonArray list ? list.Select(entry => entry.Text() ?? "").ToArray() : [];

    /// <summary>The string map at a path; empty where it is not there.</summary>
    public static IReadOnlyDictionary<string, string> Map(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonObject map ? map.ToDictionary(entry => entry.Key, entry => entry.Value.Text() ?? entry.Value?.ToString() ?? "") : new Dictionary<string, string>();

    /// <summary>The member of that name, made where it is not there.</summary>
    public static JsonObject Member(this JsonObject node, string name)
    {
        if (node[name] is not JsonObject member)
        {
            node[name] = member = [];
        }

        return member;
    }

    /// <summary>A deep copy.</summary>
    public static JsonObject Copy(this JsonObject node) => (JsonObject)node.DeepClone();

    /// <summary>Name of an object.</summary>
    public static string Name(this JsonObject value) => value.Text("metadata", "name") ?? "";

    /// <summary>Namespace of an object; empty for one of the cluster's.</summary>
    public static string Space(this JsonObject value) => value.Text("metadata", "namespace") ?? "";

    /// <summary>UID of an object.</summary>
    public static string Uid(this JsonObject value) => value.Text("metadata", "uid") ?? "";

    /// <summary>Whether an object is on its way out.</summary>
    public static bool IsDeleting(this JsonObject value) => value.At("metadata", "deletionTimestamp") is not null;

    /// <summary>Whether labels match a map of required ones; an empty requirement matches everything.</summary>
    public static bool Matches(this IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> required) =>
        required.All(label => labels.TryGetValue(label.Key, out var value) && value == label.Value);

    /// <summary>A time as Kubernetes writes it.</summary>
    public static string Stamp(this DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
}
