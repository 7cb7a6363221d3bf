using System.Text.Json;
using Reco.AzureCatalog;
using Reco.Providers.AzureNative.Catalog;

// Writes Catalog/resources.json from Catalog/selection.json and the official npm package:
//   dotnet run --project infra/Engine/Providers/AzureNative/Generator -- NODE_MODULES/@pulumi/azure-native [CATALOG_FOLDER]
if (args.Length is 0 or > 2 || !Directory.Exists(args[0]))
{
    Console.Error.WriteLine("usage: FOLDER_OF_@pulumi/azure-native [CATALOG_FOLDER]   (npm install --ignore-scripts @pulumi/azure-native brings the first)");
    return 2;
}

var folder = args.Length == 2 ? args[1] : Path.Combine("infra", "Engine", "Providers", "AzureNative", "Catalog");
var selection = JsonSerializer.Deserialize<Dictionary<string, SelectedResource>>(File.ReadAllText(Path.Combine(folder, "selection.json")), ResourceCatalog.Json)!;
var builder = new CatalogBuilder(new NpmPackage(args[0]));
var catalog = builder.Build(selection);
foreach (var problem in builder.Problems)
{
    Console.Error.WriteLine(problem);
}

if (builder.Problems.Count > 0)
{
    Console.Error.WriteLine($"{builder.Problems.Count} problem(s); nothing written. Mend selection.json: a member that Azure names differently needs an entry under \"rename\".");
    return 1;
}

File.WriteAllText(Path.Combine(folder, "resources.json"), JsonSerializer.Serialize(catalog, ResourceCatalog.Json) + "\n");
Console.WriteLine($"{catalog.Resources.Count} resource types of azure-native {catalog.Version}");
return 0;
