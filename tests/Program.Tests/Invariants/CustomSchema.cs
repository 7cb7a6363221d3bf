using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s.Models;

namespace Reco.Infra.Tests.Invariants;

/// <summary>Fields of the custom kinds that the program makes, from Schemas/KIND.json. A field's name ends in <c>!</c> where it
/// is required; its type is a name, <c>enum:A|B</c>, <c>model:T</c> (a model of the Kubernetes API), a list, an object, or
/// <c>unused</c>: the program has no business there.</summary>
internal static class CustomSchema
{
    private static readonly JsonSerializerOptions Strict = new()
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>What is wrong with an object of a kind; empty where nothing is.</summary>
    public static IEnumerable<string> Check(string kind, JsonObject value)
    {
        var schema = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Schemas", $"{kind}.json")))!;
        var group = schema.Text("kind")!;
        if ($"{value.Text("apiVersion")}/{value.Text("kind")}" != group)
        {
            yield return $"apiVersion and kind are {value.Text("apiVersion")}/{value.Text("kind")}, not {group}";
        }

        if ((value.At("metadata.namespace") is not null) != (schema.Text("scope") == "Namespaced"))
        {
            yield return $"metadata.namespace: the kind is {schema.Text("scope")}";
        }

        foreach (var unknown in value.Select(member => member.Key).Except(["apiVersion", "kind", "metadata", "spec"]))
        {
            yield return $"{unknown}: unknown field";
        }

        foreach (var problem in Visit(value["spec"], schema["spec"]!, "spec").Concat(Model(value["metadata"]!, typeof(V1ObjectMeta), "metadata")))
        {
            yield return problem;
        }
    }

    /// <summary>What is wrong with a value of one of the API's own types; empty where nothing is.</summary>
    public static IEnumerable<string> Model(JsonNode value, Type model, string path)
    {
        string? problem = null;
        try
        {
            JsonSerializer.Deserialize(value, model, Strict);
        }
        catch (Exception error) when (error is JsonException or FormatException or NotSupportedException or InvalidOperationException)
        {
            problem = $"{path}: {error.Message}";
        }

        return problem is null ? [] : [problem];
    }

    private static IEnumerable<string> Visit(JsonNode? value, JsonNode schema, string path) => (schema, value) switch
    {
        (_, null) => [$"{path}: missing"],
        (JsonObject fields, JsonObject members) when fields.ContainsKey("*") => members.SelectMany(member => Visit(member.Value, fields["*"]!, $"{path}.{member.Key}")),
        (JsonObject fields, JsonObject members) => Members(members, fields, path),
        (JsonArray items, JsonArray values) => values.SelectMany((item, index) => Visit(item, items[0]!, $"{path}[{index}]")),
        (JsonValue type, _) => Scalar(value, type.GetValue<string>(), path),
        _ => [$"{path}: must be {(schema is JsonArray ? "a list" : "an object")}"],
    };

    private static IEnumerable<string> Members(JsonObject members, JsonObject fields, string path)
    {
        var known = fields.ToDictionary(field => field.Key.TrimEnd('!'), field => field.Value!);
        foreach (var (key, value) in members)
        {
            var problems = known.TryGetValue(key, out var field)
                ? Visit(value, field, $"{path}.{key}")
                : [$"{path}.{key}: unknown field; allowed: {string.Join(", ", known.Keys)}"];
            foreach (var problem in problems)
            {
                yield return problem;
            }
        }

        foreach (var required in fields.Select(field => field.Key).Where(name => name.EndsWith('!') && !members.ContainsKey(name.TrimEnd('!'))))
        {
            yield return $"{path}.{required.TrimEnd('!')}: required field is missing";
        }
    }

    private static IEnumerable<string> Scalar(JsonNode value, string type, string path)
    {
        if (type.StartsWith("model:", StringComparison.Ordinal))
        {
            return Model(value, typeof(V1Pod).Assembly.GetType($"k8s.Models.{type["model:".Length..]}", throwOnError: true)!, path);
        }

        var kind = value.GetValueKind();
        var isRight = type switch
        {
            "any" => true,
            "string" => kind == JsonValueKind.String,
            "boolean" => kind is JsonValueKind.True or JsonValueKind.False,
            "integer" => kind == JsonValueKind.Number && !value.ToJsonString().Contains('.', StringComparison.Ordinal),
            "number" => kind == JsonValueKind.Number,
            "intOrString" => kind is JsonValueKind.String or JsonValueKind.Number,
            _ when type.StartsWith("enum:", StringComparison.Ordinal) => type["enum:".Length..].Split('|').Contains(value.ToString()),
            _ => false,
        };
        return isRight ? [] : [$"{path}: {value.ToJsonString()} is not {type}"];
    }
}
