using System.Collections.Concurrent;
using Azure.Bicep.Types.Az;
using Azure.Bicep.Types.Concrete;
using Azure.Bicep.Types.Index;
using Reco.Providers.AzureNative.Catalog;

namespace Reco.Providers.AzureNative.Schema;

/// <summary>Azure's own type descriptions, from package Azure.Bicep.Types.Az: generated from the public API
/// specifications, for every resource type and API version.</summary>
internal static class ArmTypes
{
    private static readonly AzTypeLoader Loader = new();
    private static readonly Lazy<TypeIndex> Index = new(Loader.LoadTypeIndex);
    private static readonly ConcurrentDictionary<string, TypeBase> Bodies = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The type of a resource's body.</summary>
    /// <exception cref="FormatException">Azure has no such type at that API version.</exception>
    public static TypeBase Body(AzureResource resource) =>
        Bodies.GetOrAdd($"{resource.ArmType}@{resource.ApiVersion}", static key =>
            Index.Value.Resources.TryGetValue(key, out var reference)
                ? Loader.LoadResourceType(reference).Body.Type
                : throw new FormatException($"Azure has no resource type {key}; API versions of it: {string.Join(", ", Versions(key.Split('@')[0]))}."));

    /// <summary>API versions of a resource type, newest first.</summary>
    public static IReadOnlyList<string> Versions(string armType) =>
        [.. Index.Value.Resources.Keys
            .Where(key => key.StartsWith(armType + "@", StringComparison.OrdinalIgnoreCase))
            .Select(key => key[(armType.Length + 1)..])
            .OrderDescending(StringComparer.Ordinal)];
}
