using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Google.Protobuf.WellKnownTypes;
using Reco.Protocol;
using Reco.Providers.Kubernetes;

namespace Reco.Providers.AzureNative.Tests.Stacks;

/// <summary>The stacks that ship, previewed offline: every resource with its inputs is held against a file in the repository,
/// so that a change of either shows in review.</summary>
public sealed partial class StackPreviewTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Set to write the files anew.</summary>
    private static bool IsUpdating => Environment.GetEnvironmentVariable("RECO_UPDATE_SNAPSHOTS") == "1";

    [Theory]
    [InlineData("staging")]
    [InlineData("prod")]
    public async Task Preview_ShippedStack_PlansWhatTheSnapshotHolds(string stack)
    {
        using var folder = new StackFolder();
        var (code, output, error) = await folder.RunAsync("preview", "-s", stack, "--json");
        Assert.True(code == 0, $"exit code {code}{Environment.NewLine}{error}{Environment.NewLine}{output}");
        var steps = JsonNode.Parse(output)!["steps"]!.AsArray();
        Assert.All(steps, step => Assert.Equal("create", step!["op"]!.GetValue<string>()));
        CheckKubernetesObjects(steps);

        var actual = Snapshot(steps);
        var file = Path.Combine(Repository.Root, "tests", "AzureProvider.Tests", "Stacks", "Snapshots", $"{stack}.json");
        if (IsUpdating)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, actual);
        }

        Assert.Equal(await File.ReadAllTextAsync(file), actual);
    }

    [Fact]
    public async Task Preview_AsMarkdown_IsAPullRequestComment()
    {
        using var folder = new StackFolder();
        var (code, output, error) = await folder.RunAsync("preview", "-s", "staging", "--markdown");
        Assert.True(code == 0, $"exit code {code}{Environment.NewLine}{error}");
        Assert.StartsWith("### Preview of stack `staging`", output, StringComparison.Ordinal);
        Assert.Contains("<code>+</code> create <b>cpu-pool</b> <code>azure-native:containerservice:AgentPool</code>", output, StringComparison.Ordinal);
        Assert.Contains("| Cluster |", output, StringComparison.Ordinal);
        Assert.Contains("Standard NCASv3_T4 Family", output, StringComparison.Ordinal);
        Assert.True(output.Length < 65_536, $"{output.Length} characters are more than a comment takes");
    }

    [Fact]
    public async Task Preview_MistypedSize_NamesPropertyAndWhatToDo()
    {
        using var folder = new StackFolder();
        var (code, output, error) = await folder.RunAsync("preview", "-s", "staging", "-c", "reco:gpuSku=Standard_NC4as_T4_v9");
        Assert.NotEqual(0, code);
        Assert.Contains("reco:gpuSku is \"Standard_NC4as_T4_v9\"; it must be one of", output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preview_OverBudget_ViolatesThePolicyWithExitCode5()
    {
        using var folder = new StackFolder();
        var (code, output, _) = await folder.RunAsync("preview", "-s", "staging", "-c", "reco:monthlyBudget=100");
        Assert.Equal(5, code);
        Assert.Contains("monthly-budget", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_OnAzure_IsRefusedWithWhatToDo()
    {
        using var folder = new StackFolder();
        var (code, output, error) = await folder.RunAsync("up", "-s", "staging", "--yes", "--skip-preview");
        Assert.NotEqual(0, code);
        Assert.Contains("pulumi up", output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ttl_StartListDown_KnowsWhatHasExpired()
    {
        using var folder = new StackFolder();
        var started = await folder.RunAsync("ttl", "start", "pr-7", "--ttl", "3d");
        Assert.True(started.Code == 0, started.Error);
        var listed = JsonNode.Parse((await folder.RunAsync("ttl", "list", "--json")).Output)!.AsArray();
        Assert.Equal(("pr-7", false), (Assert.Single(listed)!["name"]!.GetValue<string>(), listed[0]!["expired"]!.GetValue<bool>()));

        var file = Path.Combine(folder.Folder, "Pulumi.pr-7.yaml");
        Assert.Contains("reco:environment: pr-7", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, Expires().Replace(await File.ReadAllTextAsync(file), "reco:expires: 2020-01-01T00:00:00Z"));
        Assert.Single(JsonNode.Parse((await folder.RunAsync("ttl", "list", "--expired", "--json")).Output)!.AsArray());

        // It was never deployed, so that there is nothing to take down but the stack itself.
        Assert.Equal(0, (await folder.RunAsync("stack", "init", "pr-7")).Code);
        var down = await folder.RunAsync("ttl", "down", "--yes");
        Assert.True(down.Code == 0, down.Error + down.Output);
        Assert.False(File.Exists(file));
    }

    /// <summary>The Kubernetes provider is not configured in a preview that makes the cluster; here its check runs all the same.</summary>
    private static void CheckKubernetesObjects(JsonArray steps)
    {
        var provider = new KubernetesProvider(
            new KubernetesProviderOptions { ProjectDirectory = Path.GetTempPath(), Stack = "test", LocalClusterPath = "none" }, _ => Task.CompletedTask);
        provider.Configure(new ConfigureRequest { Args = TestProvider.Json("""{"context":"reco-local"}""") }, null!).GetAwaiter().GetResult();
        foreach (var step in steps.Where(step => step!["urn"]!.GetValue<string>().Split("::")[2].Split('$')[^1].StartsWith("kubernetes:", StringComparison.Ordinal)))
        {
            // A map of secrets is masked as a whole.
            if (step!["newState"]?["inputs"]?.DeepClone().AsObject() is not { } masked)
            {
                continue;
            }

            if (masked["data"] is JsonValue)
            {
                masked["data"] = new JsonObject { ["masked"] = "[secret]" };
            }

            var inputs = TestProvider.Json(masked.ToJsonString().Replace("[secret]", "c2VjcmV0", StringComparison.Ordinal));
            var response = provider.Check(new CheckRequest { Urn = step["urn"]!.GetValue<string>(), News = inputs, Olds = new Struct() }, null!).GetAwaiter().GetResult();
            Assert.True(response.Failures.Count == 0, $"{step["urn"]}: {string.Join("; ", response.Failures.Select(failure => $"{failure.Property} {failure.Reason}"))}");
        }
    }

    private static string Snapshot(JsonArray steps)
    {
        var resources = new JsonArray([.. steps
            .Select(step => step!["newState"]!)
            .OrderBy(state => state["urn"]!.GetValue<string>(), StringComparer.Ordinal)
            .Select(state => new JsonObject { ["urn"] = state["urn"]!.DeepClone(), ["type"] = state["type"]!.DeepClone(), ["inputs"] = Sorted(state["inputs"]) })]);

        // Names that are drawn, a build's own image tags, and the month of today.
        return Drawn().Replace(resources.ToJsonString(Indented), "$1********") + "\n";
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        _ => node?.DeepClone(),
    };

    [GeneratedRegex("""(?<=["/])((?:models|registry|vault|grafana|training|retraining)-?)[0-9a-f]{8}(?=["_/.])|(?<="roleAssignmentName": ")()[0-9a-f-]{36}(?=")|(?<="startDate": ")()[0-9]{4}-[0-9]{2}(?=-01T)""")]
    private static partial Regex Drawn();

    [GeneratedRegex("reco:expires: .*")]
    private static partial Regex Expires();
}
