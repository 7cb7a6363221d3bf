using System.Text.Json;
using Reco.AzureCatalog;
using Reco.Providers.AzureNative.Catalog;
using Reco.Providers.AzureNative.Schema;

namespace Reco.Providers.AzureNative.Tests.Catalog;

public sealed class ResourceCatalogTests
{
    [Fact]
    public void Catalog_EveryType_ExistsInAzureAtItsApiVersion()
    {
        Assert.NotEmpty(ResourceCatalog.Instance.Tokens);
        Assert.All(ResourceCatalog.Instance.Tokens, token =>
        {
            var resource = ResourceCatalog.Instance[token];
            Assert.NotNull(ArmTypes.Body(resource));
            Assert.All(resource.Parameters, parameter => Assert.Contains(parameter, resource.Inputs));
            Assert.All(resource.Replace, path => Assert.Contains(path.Split('.')[0], resource.Inputs));
        });
    }

    [Fact]
    public void Body_ApiVersionThatAzureDoesNotHave_NamesThoseThatItHas()
    {
        var resource = ResourceCatalog.Instance["azure-native:resources:ResourceGroup"] with { ApiVersion = "1999-01-01" };
        Assert.Contains("2024-03-01", Assert.Throws<FormatException>(() => ArmTypes.Body(resource)).Message, StringComparison.Ordinal);
    }

    [SkippableNpmFact]
    public void Generator_OnTheInstalledPackage_WritesWhatIsCheckedIn()
    {
        var folder = Path.Combine(Repository.Root, "infra", "Engine", "Providers", "AzureNative", "Catalog");
        var selection = JsonSerializer.Deserialize<Dictionary<string, SelectedResource>>(File.ReadAllText(Path.Combine(folder, "selection.json")), ResourceCatalog.Json)!;
        var builder = new CatalogBuilder(new NpmPackage(Repository.AzureNativePackage!));
        var catalog = builder.Build(selection);
        Assert.Empty(builder.Problems);
        Assert.Equal(File.ReadAllText(Path.Combine(folder, "resources.json")), JsonSerializer.Serialize(catalog, ResourceCatalog.Json) + "\n");
    }
}
