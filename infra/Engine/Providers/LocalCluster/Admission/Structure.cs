using System.Text.Json.Nodes;
using k8s.Models;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Admission;

/// <summary>Checks an object against the schema of its kind: the published model of a built-in one, the
/// <c>openAPIV3Schema</c> of a custom one.</summary>
internal static class Structure
{
    /// <summary>Refuses what does not fit, drops what is not known.</summary>
    public static void Check(ServedKind served, JsonObject value, FieldValidation unknown, Action<string>? warn)
    {
        var problems = DropUnknown(served, value, unknown, warn);
        if (problems.Length > 0)
        {
            throw ApiException.Invalid(served.Kind.Kind, value.Name(), [.. problems.Select(problem => (problem.Path, problem.Reason))]);
        }
    }

    /// <summary>Drops, or refuses, what is not known.</summary>
    /// <returns>What else does not fit.</returns>
    public static SchemaProblem[] DropUnknown(ServedKind served, JsonObject value, FieldValidation unknown, Action<string>? warn)
    {
        // What the server itself keeps beside the model, and status, are not the client's.
        var shown = value.Copy();
        shown.Remove("status");
        (shown["metadata"] as JsonObject)?.Remove("managedFields");
        var problems = Problems(served, shown).ToArray();
        foreach (var (name, member) in served.IsCustom ? shown : [])
        {
            // Defaults of the schema were filled in on the way.
            if (name != "metadata")
            {
                value[name] = member?.DeepClone();
            }
        }

        var unknownFields = problems.Where(problem => problem.IsUnknownField).ToArray();
        if (unknownFields.Length > 0 && unknown == FieldValidation.Strict)
        {
            throw ApiException.BadRequest($"{served.Kind.Kind} in version \"{served.Version}\" cannot be handled as a {served.Kind.Kind}: strict decoding error: "
                + string.Join(", ", unknownFields.Select(problem => $"unknown field \"{problem.Path}\"")));
        }

        foreach (var problem in unknownFields)
        {
            Remove(value, PropertyPath.Parse(problem.Path).Steps);
            if (unknown == FieldValidation.Warn)
            {
                warn?.Invoke($"unknown field \"{problem.Path}\"");
            }
        }

        return [.. problems.Where(problem => !problem.IsUnknownField)];
    }

    private static IEnumerable<SchemaProblem> Problems(ServedKind served, JsonObject value)
    {
        if (ModelCatalog.Find(new GroupVersionKind(served.Kind.Group, served.Version, served.Kind.Kind)) is { } model)
        {
            return SchemaValidator.Validate(value, model);
        }

        var metadata = SchemaValidator.Validate(value["metadata"] as JsonObject ?? [], typeof(V1ObjectMeta)).Select(problem => problem with { Path = $"metadata.{problem.Path}" });
        var schema = served.Definition.At("schema", "openAPIV3Schema") as JsonObject;
        return schema is null ? metadata : metadata.Concat(CustomSchema.Validate(value, schema));
    }

    private static void Remove(JsonNode? node, IReadOnlyList<object> steps)
    {
        foreach (var step in steps.Take(steps.Count - 1))
        {
            node = (node, step) switch
            {
                (JsonObject members, string key) => members[key],
                (JsonArray items, int index) when index < items.Count => items[index],
                _ => null,
            };
        }

        if (node is JsonObject parent && steps[^1] is string last)
        {
            parent.Remove(last);
        }
    }
}
