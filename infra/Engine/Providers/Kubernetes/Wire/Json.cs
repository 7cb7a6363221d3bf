using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Reco.Providers.Kubernetes.Wire;

/// <summary>What <see cref="JsonNode"/> lacks: numbers and equality by value, whatever type a node was made from.</summary>
internal static class Json
{
    /// <summary>The number that a node holds.</summary>
    public static double Number(JsonNode node)
    {
        var value = node.AsValue();
        return value.TryGetValue<double>(out var number) ? number
            : value.TryGetValue<long>(out var whole) ? whole
            : double.Parse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    /// <summary>Whether two nodes are the same value: numbers by value, members in any order.</summary>
    public static bool Same(JsonNode? left, JsonNode? right)
    {
        switch (left, right)
        {
            case (null, null):
                return true;
            case (JsonObject a, JsonObject b):
                return a.Count == b.Count && a.All(member => b.TryGetPropertyValue(member.Key, out var other) && Same(member.Value, other));
            case (JsonArray a, JsonArray b):
                return a.Count == b.Count && a.Zip(b).All(pair => Same(pair.First, pair.Second));
            case (JsonValue a, JsonValue b):
                var kind = a.GetValueKind();
                return kind == b.GetValueKind() && kind switch
                {
                    JsonValueKind.Number => Number(a).Equals(Number(b)),
                    JsonValueKind.String => a.GetValue<string>() == b.GetValue<string>(),
                    _ => true,
                };
            default:
                return false;
        }
    }

    /// <summary>Whether the node is nothing in the sense of Go's <c>omitempty</c>: null, false, zero, "", [], {} or an
    /// object of such. An API server drops these.</summary>
    public static bool IsEmpty(JsonNode? node) => node switch
    {
        null => true,
        JsonObject members => members.All(member => IsEmpty(member.Value)),
        JsonArray items => items.Count == 0,
        _ => node.GetValueKind() switch
        {
            JsonValueKind.False => true,
            JsonValueKind.Number => Number(node) == 0,
            JsonValueKind.String => node.GetValue<string>().Length == 0,
            _ => false,
        },
    };
}
