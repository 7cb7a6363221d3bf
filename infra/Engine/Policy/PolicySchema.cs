using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Reco.Engine.Policy;

/// <summary>Holds the configuration of a policy to the JSON schema that it gives: the keywords that <c>@pulumi/policy</c> declares.</summary>
internal static class PolicySchema
{
    private static readonly TimeSpan PatternLimit = TimeSpan.FromSeconds(1);

    /// <summary>What is wrong with a value, each with its path.</summary>
    public static IEnumerable<string> Problems(JsonObject schema, JsonNode? value, string at)
    {
        if (schema["type"] is { } type && !Names(type).Any(name => Is(value, name)))
        {
            return [$"{at} should be {string.Join(" or ", Names(type))}, not {Describe(value)}"];
        }

        return
        [
            .. schema["enum"] is JsonArray allowed && !allowed.Any(item => JsonNode.DeepEquals(item, value))
                ? [$"{at} should be one of {string.Join(", ", allowed.Select(item => item?.ToJsonString() ?? "null"))}"] : Array.Empty<string>(),
            .. schema.TryGetPropertyValue("const", out var only) && !JsonNode.DeepEquals(only, value) ? [$"{at} should be {only?.ToJsonString() ?? "null"}"] : Array.Empty<string>(),
            .. value switch
            {
                JsonObject map => OfMap(schema, map, at),
                JsonArray list => OfList(schema, list, at),
                JsonValue text when text.GetValueKind() == JsonValueKind.String => OfText(schema, text.GetValue<string>(), at),
                JsonValue number when number.GetValueKind() == JsonValueKind.Number => OfNumber(schema, number.Deserialize<double>(), at),
                _ => [],
            },
        ];
    }

    private static IEnumerable<string> OfMap(JsonObject schema, JsonObject map, string at)
    {
        var known = schema["properties"] as JsonObject ?? [];
        foreach (var name in (schema["required"] as JsonArray ?? []).Select(item => item!.ToString()).Where(name => map[name] is null))
        {
            yield return $"{Member(at, name)} is required";
        }

        foreach (var (name, value) in map)
        {
            if ((known[name] ?? schema["additionalProperties"]) is JsonObject inner)
            {
                foreach (var problem in Problems(inner, value, Member(at, name)))
                {
                    yield return problem;
                }
            }
            else if (schema["additionalProperties"] is JsonValue more && more.GetValueKind() == JsonValueKind.False)
            {
                yield return $"{Member(at, name)} is not known";
            }
        }
    }

    private static IEnumerable<string> OfList(JsonObject schema, JsonArray list, string at) =>
    [
        .. schema["items"] is JsonObject items ? list.SelectMany((item, index) => Problems(items, item, $"{at}[{index}]")) : [],
        .. Bound(schema, "minItems", limit => list.Count >= limit, at, "should have at least {0} items"),
        .. Bound(schema, "maxItems", limit => list.Count <= limit, at, "should have at most {0} items"),
        .. schema["uniqueItems"]?.GetValueKind() == JsonValueKind.True && list.Where((item, index) => list.Take(index).Any(before => JsonNode.DeepEquals(before, item))).Any()
            ? [$"{at} should not have an item twice"] : Array.Empty<string>(),
    ];

    private static IEnumerable<string> OfText(JsonObject schema, string text, string at) =>
    [
        .. Bound(schema, "minLength", limit => text.Length >= limit, at, "should have at least {0} characters"),
        .. Bound(schema, "maxLength", limit => text.Length <= limit, at, "should have at most {0} characters"),
        .. schema["pattern"] is { } pattern ? OfPattern(pattern.ToString(), text, at) : [],
    ];

    private static string[] OfPattern(string pattern, string text, string at)
    {
        try
        {
            return Regex.IsMatch(text, pattern, RegexOptions.None, PatternLimit) ? [] : [$"{at} should match {pattern}"];
        }
        catch (Exception error) when (error is ArgumentException or RegexMatchTimeoutException)
        {
            return [$"{at} cannot be held against the pattern {pattern} of its schema: {error.Message}"];
        }
    }

    private static IEnumerable<string> OfNumber(JsonObject schema, double number, string at) =>
    [
        .. Bound(schema, "minimum", limit => number >= limit, at, "should be at least {0}"),
        .. Bound(schema, "maximum", limit => number <= limit, at, "should be at most {0}"),
        .. Bound(schema, "exclusiveMinimum", limit => number > limit, at, "should be more than {0}"),
        .. Bound(schema, "exclusiveMaximum", limit => number < limit, at, "should be less than {0}"),
        .. Bound(schema, "multipleOf", unit => double.IsInteger(number / unit), at, "should be a multiple of {0}"),
    ];

    private static string[] Bound(JsonObject schema, string keyword, Func<double, bool> holds, string at, string text) =>
        schema[keyword] is JsonValue limit && limit.GetValueKind() == JsonValueKind.Number && !holds(limit.Deserialize<double>())
            ? [$"{at} {string.Format(System.Globalization.CultureInfo.InvariantCulture, text, limit.ToJsonString())}"] : [];

    private static string Member(string at, string name) => at.Length == 0 ? name : $"{at}.{name}";

    private static IEnumerable<string> Names(JsonNode type) => type is JsonArray several ? several.Select(item => item!.ToString()) : [type.ToString()];

    private static bool Is(JsonNode? value, string type) => type switch
    {
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value?.GetValueKind() == JsonValueKind.String,
        "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "number" => value?.GetValueKind() == JsonValueKind.Number,
        "integer" => value?.GetValueKind() == JsonValueKind.Number && double.IsInteger(value.Deserialize<double>()),
        "null" => value is null,
        _ => true,
    };

    private static string Describe(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        _ => "boolean",
    };
}
