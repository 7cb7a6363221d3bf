using System.Text.Json.Nodes;

namespace Reco.Providers.Kubernetes.Objects;

/// <summary>Cuts an object that the cluster answered down to the shape of what the program gave, so that defaults and
/// status do not show as differences.</summary>
internal static class Pruner
{
    /// <summary>A copy of <paramref name="live"/> with only the members that <paramref name="shape"/> has. Lists are
    /// matched by position. A member of another type than in the shape stays whole.</summary>
    public static JsonObject Prune(JsonObject live, JsonObject shape)
    {
        var result = new JsonObject();
        foreach (var (key, value) in live)
        {
            if (shape.TryGetPropertyValue(key, out var wanted))
            {
                result[key] = PruneValue(value, wanted);
            }
        }

        return result;
    }

    private static JsonNode? PruneValue(JsonNode? live, JsonNode? shape) => (live, shape) switch
    {
        (JsonObject a, JsonObject b) => Prune(a, b),
        (JsonArray a, JsonArray b) => new JsonArray([.. a.Zip(b).Select(pair => PruneValue(pair.First, pair.Second))]),
        _ => live?.DeepClone(),
    };
}
