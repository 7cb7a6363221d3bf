using System.Text.Json.Nodes;
using k8s.Models;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Api;

/// <summary>The schemas of the served kinds as OpenAPI v3, by group and version, from the same models that requests are
/// checked against.</summary>
internal static class OpenApi
{
    /// <summary>The index (<c>/openapi/v3</c>) or the document of one group and version.</summary>
    public static JsonObject Answer(KindCatalog kinds, string[] path)
    {
        var served = kinds.All.GroupBy(kind => kind.Kind.Group.Length == 0 ? $"api/{kind.Version}" : $"apis/{kind.ApiVersion}").ToDictionary(group => group.Key, group => group.ToArray());
        if (path.Length == 0)
        {
            return new JsonObject { ["paths"] = new JsonObject(served.Keys.Order(StringComparer.Ordinal).Select(key => KeyValuePair.Create<string, JsonNode?>(key, new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{key}" }))) };
        }

        if (!served.TryGetValue(string.Join('/', path), out var group))
        {
            throw ApiException.UnknownPath();
        }

        var schemas = new JsonObject();
        foreach (var kind in group)
        {
            var identity = new JsonObject { ["group"] = kind.Kind.Group, ["version"] = kind.Version, ["kind"] = kind.Kind.Kind };
            if (ModelCatalog.Find(new GroupVersionKind(kind.Kind.Group, kind.Version, kind.Kind.Kind)) is { } model)
            {
                Add(schemas, model);
                ((JsonObject)schemas[model.Name]!)["x-kubernetes-group-version-kind"] = new JsonArray(identity);
            }
            else
            {
                var schema = kind.Definition.At("schema", "openAPIV3Schema")?.DeepClone() as JsonObject ?? [];
                schema["x-kubernetes-group-version-kind"] = new JsonArray(identity);
                schemas[$"{kind.Kind.Group}.{kind.Version}.{kind.Kind.Kind}"] = schema;
            }
        }

        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1.34.0" },
            ["paths"] = new JsonObject(),
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

    private static void Add(JsonObject schemas, Type model)
    {
        if (schemas.ContainsKey(model.Name))
        {
            return;
        }

        // Before its members: models refer to themselves.
        var properties = new JsonObject();
        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties };
        schemas[model.Name] = schema;
        if (RequiredFields.Of(model) is { Count: > 0 } required)
        {
            schema["required"] = new JsonArray([.. required.Select(field => JsonValue.Create(field))]);
        }

        foreach (var (name, type) in ModelCatalog.FieldsOf(model)!)
        {
            var property = Of(schemas, type);
            if (AllowedValues.Of(model, name) is { } values)
            {
                property["enum"] = new JsonArray([.. values.Select(value => JsonValue.Create(value))]);
            }

            properties[name] = property;
        }
    }

    private static JsonObject Of(JsonObject schemas, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (ModelCatalog.MapValue(type) is { } value)
        {
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = Of(schemas, value) };
        }

        if (ModelCatalog.ItemType(type) is { } item)
        {
            return new JsonObject { ["type"] = "array", ["items"] = Of(schemas, item) };
        }

        if (ModelCatalog.FieldsOf(type) is not null)
        {
            Add(schemas, type);
            return new JsonObject { ["$ref"] = $"#/components/schemas/{type.Name}" };
        }

        return type switch
        {
            _ when type == typeof(bool) => new JsonObject { ["type"] = "boolean" },
            _ when type == typeof(int) || type == typeof(long) => new JsonObject { ["type"] = "integer" },
            _ when type == typeof(double) => new JsonObject { ["type"] = "number" },
            _ when type == typeof(byte[]) => new JsonObject { ["type"] = "string", ["format"] = "byte" },
            _ when type == typeof(DateTime) => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
            _ when type == typeof(IntOrString) => new JsonObject { ["x-kubernetes-int-or-string"] = true },
            _ when type == typeof(string) || type == typeof(ResourceQuantity) => new JsonObject { ["type"] = "string" },
            _ => new JsonObject { ["type"] = "object" },
        };
    }
}
