using System.Text.Json.Nodes;
using Reco.Engine.Values;

namespace Reco.Engine.Workspace;

/// <summary>Lists and maps of a configuration as the text that programs get: the very text that the official engine makes of
/// them, members in order of their names, since a program may compare it or hand it on as an input.</summary>
internal static class ConfigJson
{
    /// <summary>The text.</summary>
    public static string Text(JsonNode? node) => Sorted(node)?.ToJsonString(DeepJson.Line)
        .Replace("<", "\\u003c", StringComparison.Ordinal).Replace(">", "\\u003e", StringComparison.Ordinal).Replace("&", "\\u0026", StringComparison.Ordinal) ?? "null";

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, Sorted(pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
