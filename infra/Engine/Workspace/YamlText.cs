using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Reco.Engine.Workspace;

/// <summary>Writes values as YAML lines.</summary>
internal static class YamlText
{
    /// <summary>Lines of <c>key: value</c>, nested values below it.</summary>
    public static IEnumerable<string> Entry(string key, JsonNode? value, int indent)
    {
        var pad = new string(' ', indent);
        switch (value)
        {
            case JsonObject { Count: > 0 } map:
                yield return $"{pad}{Scalar(key)}:";
                foreach (var line in map.SelectMany(pair => Entry(pair.Key, pair.Value, indent + 2)))
                {
                    yield return line;
                }

                break;
            case JsonArray { Count: > 0 } list:
                yield return $"{pad}{Scalar(key)}:";
                foreach (var line in list.SelectMany(item => Item(item, indent + 2)))
                {
                    yield return line;
                }

                break;
            default:
                yield return $"{pad}{Scalar(key)}: {Inline(value)}";
                break;
        }
    }

    private static IEnumerable<string> Item(JsonNode? value, int indent)
    {
        var pad = new string(' ', indent);
        if (value is not (JsonObject { Count: > 0 } or JsonArray { Count: > 0 }))
        {
            return [$"{pad}- {Inline(value)}"];
        }

        var inner = value is JsonObject map
            ? map.SelectMany(pair => Entry(pair.Key, pair.Value, indent + 2)).ToList()
            : value.AsArray().SelectMany(item => Item(item, indent + 2)).ToList();
        inner[0] = $"{pad}- {inner[0][(indent + 2)..]}";
        return inner;
    }

    private static string Inline(JsonNode? value) => value switch
    {
        null => "null",
        JsonObject => "{}",
        JsonArray => "[]",
        _ when value.GetValueKind() == JsonValueKind.String => Scalar(value.GetValue<string>()),
        _ => value.ToJsonString(),
    };

    /// <summary>A string as a YAML scalar: plain where it reads back as the same string, else quoted.</summary>
    public static string Scalar(string text)
    {
        var plain = text.Length > 0
            && !char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1])
            && !"-?:,[]{}#&*!|>'\"%@`=~".Contains(text[0])
            && !text.Contains(": ", StringComparison.Ordinal) && !text.Contains(" #", StringComparison.Ordinal) && !text.EndsWith(':')
            && !text.Any(char.IsControl)
            && text.ToLowerInvariant() is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n" or ".nan" or ".inf")
            && !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            && !LooksLikeOtherScalar(text);
        return plain ? text : Quoted(text);
    }

    // Times, and the number forms of YAML 1.1 readers.
    private static bool LooksLikeOtherScalar(string text) => char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiHexDigit(c) || "xob_:.-+TZ ".Contains(c));

    private static string Quoted(string text)
    {
        var result = new StringBuilder("\"");
        foreach (var c in text)
        {
            result.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when char.IsControl(c) => $"\\x{(int)c:x2}",
                _ => c.ToString(),
            });
        }

        return result.Append('"').ToString();
    }
}
