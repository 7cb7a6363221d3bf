using System.Globalization;
using System.Text.Json.Nodes;

namespace Reco.Engine.Workspace;

/// <summary>Paths into configuration objects (<c>--path</c>): <c>a.b[0].c</c>, <c>["a.b"]</c>.</summary>
internal static class ConfigPath
{
    /// <summary>The parts of a path: strings and indexes; the first names the key.</summary>
    /// <exception cref="EngineException">It is malformed.</exception>
    public static IReadOnlyList<object> Parse(string text)
    {
        var parts = new List<object>();
        var at = 0;
        while (at < text.Length)
        {
            if (text[at] == '[')
            {
                var close = text.IndexOf(']', at);
                var inner = close > 0 ? text[(at + 1)..close] : "";
                parts.Add(inner.Length >= 2 && inner[0] == '"' && inner[^1] == '"' ? inner[1..^1]
                    : int.TryParse(inner, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index
                    : throw new EngineException($"'{text}' is not a property path: '[{inner}' should be [NUMBER] or [\"NAME\"]", 2));
                at = close + 1;
            }
            else
            {
                at += text[at] == '.' ? 1 : 0;
                var end = text.IndexOfAny(['.', '['], at);
                end = end < 0 ? text.Length : end;
                if (end == at)
                {
                    throw new EngineException($"'{text}' is not a property path: a name is empty", 2);
                }

                parts.Add(text[at..end]);
                at = end;
            }
        }

        return parts.Count > 0 && parts[0] is string ? parts : throw new EngineException($"'{text}' is not a property path", 2);
    }

    /// <summary>The value at a path, or null.</summary>
    public static JsonNode? Get(JsonNode? root, IEnumerable<object> parts) => parts.Aggregate(root, (node, part) => (node, part) switch
    {
        (JsonObject map, string name) => map[name],
        (JsonArray list, int index) when index < list.Count => list[index],
        _ => null,
    });

    /// <summary>Sets the value at a path; what is missing on the way is made.</summary>
    /// <returns>The root, new where there was none.</returns>
    public static JsonNode Set(JsonNode? root, ReadOnlySpan<object> parts, JsonNode? value)
    {
        if (parts.Length == 0)
        {
            return value!;
        }

        if (parts[0] is int index)
        {
            var list = root as JsonArray ?? (root is null ? [] : throw Mismatch("a list", root));
            if (index > list.Count)
            {
                throw new EngineException($"the list has {list.Count} items; index {index} would leave a gap", 2);
            }

            if (index == list.Count)
            {
                list.Add(null);
            }

            list[index] = Inner(list[index], parts[1..], value);
            return list;
        }

        var map = root as JsonObject ?? (root is null ? [] : throw Mismatch("a map", root));
        var name = (string)parts[0];
        map[name] = Inner(map[name], parts[1..], value);
        return map;
    }

    /// <summary>Removes the value at a path.</summary>
    public static void Remove(JsonNode? root, IReadOnlyList<object> parts)
    {
        var parent = Get(root, parts.Take(parts.Count - 1));
        switch (parent, parts[^1])
        {
            case (JsonObject map, string name):
                map.Remove(name);
                break;
            case (JsonArray list, int index) when index < list.Count:
                list.RemoveAt(index);
                break;
        }
    }

    /// <summary>A value given on the command line with <c>--path</c>: booleans and numbers are what they look like.</summary>
    public static JsonNode Typed(string text) =>
        text == "true" ? JsonValue.Create(true)
        : text == "false" ? JsonValue.Create(false)
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number.ToString(CultureInfo.InvariantCulture) == text ? JsonValue.Create(number)
        : JsonValue.Create(text);

    /// <summary>A value of a type that the user names (<c>--type</c>).</summary>
    /// <exception cref="EngineException">It is not of that type.</exception>
    public static JsonNode OfType(string text, string type) => type switch
    {
        "string" => JsonValue.Create(text),
        "bool" when bool.TryParse(text, out var flag) => JsonValue.Create(flag),
        "int" when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
        "float" when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) => JsonValue.Create(real),
        _ => throw new EngineException($"'{text}' is not of type {type}", 2),
    };

    private static JsonNode? Inner(JsonNode? node, ReadOnlySpan<object> rest, JsonNode? value) => rest.Length == 0 ? value : Set(node?.DeepClone(), rest, value);

    private static EngineException Mismatch(string wanted, JsonNode root) => new($"the path goes through {root.ToJsonString()}, which is not {wanted}", 2);
}
