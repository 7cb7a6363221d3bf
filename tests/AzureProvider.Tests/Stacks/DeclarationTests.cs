using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Reco.AzureCatalog;

namespace Reco.Providers.AzureNative.Tests.Stacks;

/// <summary>What the program gives to Azure's resources, held against the official npm declarations: each type, each member at
/// every depth, each required input. What is true of the Node SDK is true of the .NET one: both are generated from one schema.</summary>
public sealed partial class DeclarationTests
{
    private static readonly string[] OfTheEngine = ["azureApiVersion", "__createBeforeDelete"];

    [SkippableNpmFact]
    public async Task Inputs_OfTheShippedStacks_AreOnesThatTheOfficialPackageDeclares()
    {
        var package = new NpmPackage(Repository.AzureNativePackage!);
        var problems = new List<string>();
        var types = new HashSet<string>(StringComparer.Ordinal);
        foreach (var stack in new[] { "staging", "prod" })
        {
            using var folder = new StackFolder();
            var (code, output, error) = await folder.RunAsync("preview", "-s", stack, "--json");
            Assert.True(code == 0, error);
            foreach (var state in JsonNode.Parse(output)!["steps"]!.AsArray().Select(step => step!["newState"]!))
            {
                var type = state["type"]!.GetValue<string>();
                if (type.StartsWith("azure-native:", StringComparison.Ordinal))
                {
                    types.Add(type);
                    Visit(package, state["inputs"]!, package.Resource(type).Inputs, $"{stack} {type}", problems, top: true);
                }
            }
        }

        Assert.True(types.Count > 20, $"only {types.Count} types were looked at");
        Assert.True(problems.Count == 0, string.Join("\n", problems));
    }

    private static void Visit(NpmPackage package, JsonNode given, IReadOnlyDictionary<string, string> declared, string path, List<string> problems, bool top = false)
    {
        if (given is not JsonObject members)
        {
            return;
        }

        foreach (var (key, value) in members.Where(member => !top || !OfTheEngine.Contains(member.Key)))
        {
            if (!declared.TryGetValue(key, out var type))
            {
                problems.Add($"{path}.{key} is not declared; declared: {string.Join(", ", declared.Keys)}");
            }
            else if (Nested().Match(type) is { Success: true } nested && package.InputType(nested.Groups[1].Value) is { } inner)
            {
                var items = value is JsonArray list ? list.ToList() : IsMap(type) && value is JsonObject map ? [.. map.Select(entry => entry.Value)] : [value];
                foreach (var item in items.OfType<JsonNode>())
                {
                    Visit(package, item, inner, $"{path}.{key}", problems);
                }
            }
        }

        problems.AddRange(declared
            .Where(member => !member.Value.Contains("| undefined", StringComparison.Ordinal) && !members.ContainsKey(member.Key))
            .Select(member => $"{path}.{member.Key} is required"));
    }

    private static bool IsMap(string type) => type.Contains("[key: string]", StringComparison.Ordinal);

    [GeneratedRegex(@"inputs\.(\w+\.\w+)")]
    private static partial Regex Nested();
}
