using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;

namespace Reco.KubernetesSchema;

/// <summary>A mistake in what the program gave.</summary>
/// <param name="Path">Property path, for example <c>spec.template.spec.containers[0].imagee</c>.</param>
/// <param name="Reason">What is wrong and what is allowed.</param>
/// <param name="IsUnknownField">Whether the field is simply not known: a cluster may drop it and go on.</param>
/// <param name="IsMissingField">Whether a required field is not there.</param>
internal sealed record SchemaProblem(string Path, string Reason, bool IsUnknownField = false, bool IsMissingField = false);

/// <summary>Checks an object against the model of its kind, with no cluster: unknown fields, missing fields, wrong types,
/// values out of range of an enumeration. A value that is not known yet passes.</summary>
internal sealed class SchemaValidator
{
    private readonly Func<JsonNode, bool> isUnknown;
    private readonly List<SchemaProblem> problems = [];

    private SchemaValidator(Func<JsonNode, bool> isUnknown) => this.isUnknown = isUnknown;

    /// <summary>Every problem of the object.</summary>
    /// <param name="value">The object.</param>
    /// <param name="model">Model type of its kind.</param>
    /// <param name="isUnknown">Tells values that are not known yet; null where there are none.</param>
    public static IReadOnlyList<SchemaProblem> Validate(JsonObject value, Type model, Func<JsonNode, bool>? isUnknown = null)
    {
        var validator = new SchemaValidator(isUnknown ?? (static _ => false));
        validator.Visit(value, model, PropertyPath.Root);
        return validator.problems;
    }

    private void Visit(JsonNode? node, Type type, PropertyPath path)
    {
        if (node is null || isUnknown(node))
        {
            return;
        }

        type = Nullable.GetUnderlyingType(type) ?? type;
        if (ModelCatalog.MapValue(type) is { } valueType)
        {
            VisitMap(node, valueType, path);
        }
        else if (ModelCatalog.ItemType(type) is { } itemType)
        {
            VisitList(node, itemType, path);
        }
        else if (ModelCatalog.FieldsOf(type) is { } fields)
        {
            VisitModel(node, type, fields, path);
        }
        else
        {
            VisitScalar(node, type, path);
        }
    }

    private void VisitMap(JsonNode node, Type valueType, PropertyPath path)
    {
        if (node is not JsonObject members)
        {
            problems.Add(new(path.ToString(), $"must be a map, not {Describe(node)}"));
            return;
        }

        foreach (var (key, value) in members)
        {
            Visit(value, valueType, path.Member(key));
        }
    }

    private void VisitList(JsonNode node, Type itemType, PropertyPath path)
    {
        if (node is not JsonArray items)
        {
            problems.Add(new(path.ToString(), $"must be a list, not {Describe(node)}"));
            return;
        }

        for (var i = 0; i < items.Count; i++)
        {
            Visit(items[i], itemType, path.Item(i));
        }
    }

    private void VisitModel(JsonNode node, Type type, IReadOnlyDictionary<string, Type> fields, PropertyPath path)
    {
        if (node is not JsonObject members)
        {
            problems.Add(new(path.ToString(), $"must be an object, not {Describe(node)}"));
            return;
        }

        foreach (var (key, value) in members)
        {
            if (!fields.TryGetValue(key, out var field))
            {
                problems.Add(new(path.Member(key).ToString(), $"unknown field; allowed here: {string.Join(", ", fields.Keys.Order(StringComparer.Ordinal))}", IsUnknownField: true));
                continue;
            }

            Visit(value, field, path.Member(key));
            if (value is JsonValue && value.GetValueKind() == JsonValueKind.String && !isUnknown(value)
                && AllowedValues.Of(type, key) is { } allowed && !allowed.Contains(value.GetValue<string>()))
            {
                problems.Add(new(path.Member(key).ToString(), $"is not one of the allowed values: {string.Join(", ", allowed)}"));
            }
        }

        foreach (var required in RequiredFields.Of(type))
        {
            if (!members.TryGetPropertyValue(required, out var value) || value is null)
            {
                problems.Add(new(path.Member(required).ToString(), "required field is missing", IsMissingField: true));
            }
        }
    }

    private void VisitScalar(JsonNode node, Type type, PropertyPath path)
    {
        var kind = node.GetValueKind();
        var expected = type switch
        {
            _ when type == typeof(string) || type == typeof(DateTime) => kind == JsonValueKind.String ? null : "a string",
            _ when type == typeof(byte[]) => IsBase64(node) ? null : "base64 text (use stringData for plain text)",
            _ when type == typeof(bool) => kind is JsonValueKind.True or JsonValueKind.False ? null : "a boolean",
            _ when type == typeof(int) || type == typeof(long) => IsWhole(node) ? null : "a whole number",
            _ when type == typeof(double) => kind == JsonValueKind.Number ? null : "a number",
            _ when type == typeof(IntOrString) => kind == JsonValueKind.String || IsWhole(node) ? null : "a whole number or a string",
            _ when type == typeof(ResourceQuantity) => IsQuantity(node) ? null : "a quantity such as \"500m\", \"2\" or \"1Gi\"",
            _ => null,
        };
        if (expected is not null)
        {
            problems.Add(new(path.ToString(), $"must be {expected}, not {Describe(node)}"));
        }
    }

    private static bool IsWhole(JsonNode node) =>
        node.GetValueKind() == JsonValueKind.Number && double.TryParse(node.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture, out var number) && Math.Floor(number).Equals(number);

    private static bool IsBase64(JsonNode node) =>
        node.GetValueKind() == JsonValueKind.String && Convert.TryFromBase64String(node.GetValue<string>(), new byte[node.GetValue<string>().Length], out _);

    private static bool IsQuantity(JsonNode node)
    {
        if (node.GetValueKind() is not (JsonValueKind.String or JsonValueKind.Number))
        {
            return false;
        }

        try
        {
            _ = new ResourceQuantity(node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : node.ToJsonString());
            return true;
        }
        catch (Exception error) when (error is FormatException or ArgumentException or OverflowException)
        {
            return false;
        }
    }

    /// <summary>The type of a value, never the value: it may be secret.</summary>
    private static string Describe(JsonNode node) => node.GetValueKind() switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "this string",
        JsonValueKind.Number => "this number",
        _ => "a boolean",
    };
}
