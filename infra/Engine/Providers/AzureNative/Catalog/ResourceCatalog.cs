using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Reco.Providers.AzureNative.Wire;

namespace Reco.Providers.AzureNative.Catalog;

/// <summary>The resource types that this provider knows: those that Reco uses. <c>resources.json</c> is generated from the
/// official npm package and Azure's types by <c>Generator</c>.</summary>
internal sealed class ResourceCatalog
{
    private static readonly Lazy<ResourceCatalog> Loaded = new(Load);

    private readonly CatalogFile file;

    private ResourceCatalog(CatalogFile file) => this.file = file;

    /// <summary>The catalogue.</summary>
    public static ResourceCatalog Instance => Loaded.Value;

    /// <summary>Version of the official provider that it was generated from.</summary>
    public string Version => file.Version;

    /// <summary>Tokens of the types.</summary>
    public IEnumerable<string> Tokens => file.Resources.Keys;

    /// <summary>A type by its token.</summary>
    /// <exception cref="FormatException">It is not in the catalogue.</exception>
    public AzureResource this[string token] => file.Resources.TryGetValue(token, out var resource)
        ? resource
        : throw new FormatException($"{token} is not among the Azure resource types that this engine previews{Suggestion.For(token, Tokens)}. "
            + "Add it to infra/Engine/Providers/AzureNative/Catalog/selection.json and run the generator beside it, or preview with the Pulumi CLI.");

    /// <summary>How the file is written and read.</summary>
    internal static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static ResourceCatalog Load()
    {
        using var stream = typeof(ResourceCatalog).Assembly.GetManifestResourceStream("resources.json")!;
        return new ResourceCatalog(JsonSerializer.Deserialize<CatalogFile>(stream, Json)!);
    }
}

/// <summary>The content of <c>resources.json</c>.</summary>
/// <param name="Version">Version of the official provider.</param>
/// <param name="Resources">Types by token.</param>
internal sealed record CatalogFile(string Version, ImmutableSortedDictionary<string, AzureResource> Resources);
