using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Admission;

/// <summary>Checks objects against a structural schema (the OpenAPI v3 subset of CustomResourceDefinitions), and fills in its
/// defaults. Rules in CEL are not evaluated.</summary>
internal sealed class CustomSchema
{
    private static readonly TimeSpan PatternLimit = TimeSpan.FromMilliseconds(100);
    private readonly List<SchemaProblem> problems = [];

    private CustomSchema()
    {
    }

    /// <summary>Every problem; defaults are filled in on the way.</summary>
    public static IReadOnlyList<SchemaProblem> Validate(JsonObject value, JsonObject schema)
    {
        var check = new CustomSchema();
        check.VisitObject(value, schema, PropertyPath.Root);
        return check.problems;
    }

    private void Visit(JsonNode? node, JsonObject schema, PropertyPath path)
    {
        if (node is null)
        {
            if (!schema.Flag("nullable"))
            {
                Add(path, "must not be null");
            }

            return;
        }

        if (schema["enum"] is JsonArray allowed && !allowed.Any(entry => JsonNode.DeepEquals(entry, node)))
        {
            Add(path, $"is not one of the allowed values: {string.Join(", ", allowed.Select(entry => entry?.ToString()))}");
        }

        if (schema.Flag("x-kubernetes-int-or-string"))
        {
            if (node.GetValueKind() is not (JsonValueKind.Number or JsonValueKind.String))
            {
                Add(path, "must be a whole number or a string");
            }

            return;
        }

        switch (schema.Text("type"))
        {
            case "object" when node is JsonObject members:
                VisitObject(members, schema, path);
                break;
            case "array" when node is JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    Visit(items[i], schema["items"] as JsonObject ?? [], path.Item(i));
                }

                Bound(items.Count, schema.Number("minItems"), schema.Number("maxItems"), path, "items");
                break;
            case "string" when node.Text() is { } text:
                Bound(text.Length, schema.Number("minLength"), schema.Number("maxLength"), path, "characters");
                Pattern(text, schema.Text("pattern"), path);
                break;
            case "integer" when node.GetValueKind() == JsonValueKind.Number && double.IsInteger(Number(node)):
            case "number" when node.GetValueKind() == JsonValueKind.Number:
                Range(Number(node), schema, path);
                break;
            case "boolean" when node.GetValueKind() is JsonValueKind.True or JsonValueKind.False:
            case null:
                break;
            case var type:
                Add(path, $"must be of type {type}");
                break;
        }
    }

    private void VisitObject(JsonObject members, JsonObject schema, PropertyPath path)
    {
        var properties = schema["properties"] as JsonObject ?? [];
        foreach (var (name, property) in properties)
        {
            if (!members.ContainsKey(name) && property?["default"] is { } preset)
            {
                members[name] = preset.DeepClone();
            }
        }

        foreach (var required in schema.Texts("required").Where(name => !members.ContainsKey(name)))
        {
            Add(path.Member(required), "required field is missing");
        }

        var isRoot = path.Steps.IsEmpty;
        foreach (var (name, member) in members.ToArray())
        {
            if (isRoot && name is "apiVersion" or "kind" or "metadata")
            {
                continue;
            }

            if (properties[name] is JsonObject property)
            {
                Visit(member, property, path.Member(name));
            }
            else if (schema["additionalProperties"] is JsonObject rest)
            {
                Visit(member, rest, path.Member(name));
            }
            else if (!schema.Flag("x-kubernetes-preserve-unknown-fields") && !schema.Flag("additionalProperties") && (isRoot || schema.Text("type") == "object"))
            {
                problems.Add(new SchemaProblem(path.Member(name).ToString(), "unknown field", IsUnknownField: true));
            }
        }
    }

    private static double Number(JsonNode node) => double.Parse(node.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture);

    private void Range(double number, JsonObject schema, PropertyPath path)
    {
        if (schema["minimum"] is JsonValue low && number < Number(low))
        {
            Add(path, $"must be at least {low}");
        }

        if (schema["maximum"] is JsonValue high && number > Number(high))
        {
            Add(path, $"must be at most {high}");
        }
    }

    private void Bound(int count, long? least, long? most, PropertyPath path, string what)
    {
        if (count < least || count > most)
        {
            Add(path, $"must have {least ?? 0} to {(most is null ? "any number of" : most)} {what}");
        }
    }

    private void Pattern(string text, string? pattern, PropertyPath path)
    {
        try
        {
            if (pattern is not null && !Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant, PatternLimit))
            {
                Add(path, $"must match {pattern}");
            }
        }
        catch (Exception error) when (error is RegexMatchTimeoutException or ArgumentException)
        {
            // A pattern of another dialect, or too slow a one, is not this check's affair.
        }
    }

    private void Add(PropertyPath path, string reason) => problems.Add(new SchemaProblem(path.ToString(), reason));
}
