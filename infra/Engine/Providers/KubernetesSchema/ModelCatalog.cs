using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json.Serialization;
using k8s.Models;

namespace Reco.KubernetesSchema;

/// <summary>The built-in kinds and their fields, as the model types of KubernetesClient declare them.</summary>
internal static class ModelCatalog
{
    private static readonly Lazy<Dictionary<GroupVersionKind, (Type Type, string Plural)>> Kinds = new(Load);
    private static readonly ConcurrentDictionary<Type, IReadOnlyDictionary<string, Type>> Fields = new();

    /// <summary>The model type of a kind; null of one that is not built in.</summary>
    public static Type? Find(GroupVersionKind kind) => Kinds.Value.TryGetValue(kind, out var entry) ? entry.Type : null;

    /// <summary>The name of a kind in URLs; null of one that is not built in.</summary>
    public static string? Plural(GroupVersionKind kind) => Kinds.Value.TryGetValue(kind, out var entry) ? entry.Plural : null;

    /// <summary>The built-in kinds of a name, to help with a wrong API version.</summary>
    public static IEnumerable<GroupVersionKind> Named(string kind) => Kinds.Value.Keys.Where(entry => entry.Kind == kind);

    /// <summary>The fields of a model type by their JSON names; null of a type that is not a model.</summary>
    public static IReadOnlyDictionary<string, Type>? FieldsOf(Type type) =>
        type.Namespace == typeof(V1Pod).Namespace && type != typeof(ResourceQuantity) && type != typeof(IntOrString)
            ? Fields.GetOrAdd(type, static model => model
                .GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Select(property => (Name: property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name, property.PropertyType))
                .Where(property => property.Name is not null)
                .ToDictionary(property => property.Name!, property => property.PropertyType, StringComparer.Ordinal))
            : null;

    /// <summary>The type of a member of a model or a map; null where it is not known.</summary>
    public static Type? MemberType(Type? type, string key)
    {
        if (type is null)
        {
            return null;
        }

        return MapValue(type) ?? (FieldsOf(type) is { } fields && fields.TryGetValue(key, out var field) ? field : null);
    }

    /// <summary>The type of a map's values; null of a type that is not a map.</summary>
    public static Type? MapValue(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IDictionary<,>) ? type.GetGenericArguments()[1] : null;

    /// <summary>The type of a list's items; null of a type that is not a list.</summary>
    public static Type? ItemType(Type? type) =>
        type is { IsGenericType: true } && type.GetGenericTypeDefinition() == typeof(IList<>) ? type.GetGenericArguments()[0] : null;

    private static Dictionary<GroupVersionKind, (Type, string)> Load()
    {
        var result = new Dictionary<GroupVersionKind, (Type, string)>();
        foreach (var type in typeof(V1Pod).Assembly.GetExportedTypes())
        {
            if (type.GetCustomAttribute<KubernetesEntityAttribute>() is { PluralName.Length: > 0 } entity
                && !entity.Kind.EndsWith("List", StringComparison.Ordinal))
            {
                result[new GroupVersionKind(entity.Group, entity.ApiVersion, entity.Kind)] = (type, entity.PluralName);
            }
        }

        return result;
    }
}
