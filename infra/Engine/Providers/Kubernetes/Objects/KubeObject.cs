using System.Text.Json;
using System.Text.Json.Nodes;
using Reco.Providers.Kubernetes.Wire;

namespace Reco.Providers.Kubernetes.Objects;

/// <summary>Reads and writes the common members of a Kubernetes object in JSON form. Readers never throw: what is
/// absent, of another type or unknown reads as null, false or zero.</summary>
internal static class KubeObject
{
    /// <summary>The node at a path of members, or null.</summary>
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var key in path)
        {
            if (node is not JsonObject members || !members.TryGetPropertyValue(key, out node))
            {
                return null;
            }
        }

        return node;
    }

    /// <summary>The text at a path; null where there is none or it is not known yet.</summary>
    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.TryGetValue<string>(out var text) && !Signatures.Unknowns.Contains(text) ? text : null;

    /// <summary>The whole number at a path; null where there is none.</summary>
    public static long? Number(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? (long)Json.Number(value) : null;

    /// <summary>Whether the value at a path is true.</summary>
    public static bool Flag(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    /// <summary>The objects in the list at a path.</summary>
    public static IEnumerable<JsonObject> Items(this JsonNode? node, params ReadOnlySpan<string> path) =>
        (node.At(path) as JsonArray)?.OfType<JsonObject>() ?? [];

    /// <summary>The object's kind, or empty.</summary>
    public static string Kind(this JsonNode? node) => node.Text("kind") ?? "";

    /// <summary>The object's API version, or empty.</summary>
    public static string ApiVersion(this JsonNode? node) => node.Text("apiVersion") ?? "";

    /// <summary>The object's name, or empty.</summary>
    public static string Name(this JsonNode? node) => node.Text("metadata", "name") ?? "";

    /// <summary>The object's namespace, or empty.</summary>
    public static string Namespace(this JsonNode? node) => node.Text("metadata", "namespace") ?? "";

    /// <summary>What the object is; null where it does not say.</summary>
    public static GroupVersionKind? Gvk(this JsonNode? node) => GroupVersionKind.From(node.Text("apiVersion"), node.Text("kind"));

    /// <summary>The resource ID of the object.</summary>
    public static ObjectId Id(this JsonNode node) => new(node.Namespace(), node.Name());

    /// <summary>An annotation, or null.</summary>
    public static string? Annotation(this JsonNode? node, string key) => node.Text("metadata", "annotations", key);

    /// <summary>Whether an annotation is <c>"true"</c>.</summary>
    public static bool HasAnnotation(this JsonNode? node, string key) => node.Annotation(key) == "true";

    /// <summary>Whether the object has a name, known or not.</summary>
    public static bool IsNamed(this JsonNode? node) =>
        WireReader.IsUnknown(node.At("metadata", "name")) || WireReader.IsUnknown(node.At("metadata")) || node.Name().Length > 0;

    /// <summary>Sets a member of the metadata; does nothing where the metadata is not known yet.</summary>
    public static void SetMetadata(this JsonObject node, string key, string value)
    {
        if (node.Child("metadata") is { } metadata)
        {
            metadata[key] = value;
        }
    }

    /// <summary>Sets an annotation; does nothing where the annotations are not known yet.</summary>
    public static void SetAnnotation(this JsonObject node, string key, string value)
    {
        if (node.Child("metadata")?.Child("annotations") is { } annotations)
        {
            annotations[key] = value;
        }
    }

    /// <summary>Sets a label; does nothing where the labels are not known yet.</summary>
    public static void SetLabel(this JsonObject node, string key, string value)
    {
        if (node.Child("metadata")?.Child("labels") is { } labels)
        {
            labels[key] = value;
        }
    }

    /// <summary>Removes the member at a path.</summary>
    public static void Remove(this JsonObject node, params ReadOnlySpan<string> path) =>
        (node.At(path[..^1]) as JsonObject)?.Remove(path[^1]);

    /// <summary>A deep copy.</summary>
    public static JsonObject Copy(this JsonObject node) => (JsonObject)node.DeepClone();

    /// <summary>The condition of the given type in <c>status.conditions</c>, or null.</summary>
    public static JsonObject? Condition(this JsonNode? node, string type) =>
        node.Items("status", "conditions").FirstOrDefault(condition => condition.Text("type") == type);

    private static JsonObject? Child(this JsonObject node, string key)
    {
        if (!node.TryGetPropertyValue(key, out var child) || child is null)
        {
            child = new JsonObject();
            node[key] = child;
        }

        return child as JsonObject;
    }
}
