using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Reco.Engine.Events;
using Reco.Engine.Languages;
using Reco.Engine.Planning;
using Reco.Engine.Plugins;
using Reco.Engine.State;
using Reco.Engine.Values;
using Reco.Engine.Workspace;
using Reco.Protocol;
using Reco.Providers.Kubernetes;

namespace Reco.Providers.AzureNative.Tests.Stacks;

/// <summary>What happens to a deployed stack: the real program and engine, Azure and the cluster simulated.</summary>
public sealed partial class StackLifeTests
{
    private readonly SimulatedAzure azure = new();
    private readonly EchoKubernetes kubernetes = new(new KubernetesProvider(
        new KubernetesProviderOptions { ProjectDirectory = Path.GetTempPath(), Stack = "test", LocalClusterPath = "none" }, _ => Task.CompletedTask));

    [Fact]
    public async Task GpuSize_Changed_MakesTheNewPoolUnderAFreshNameBeforeTheOldOneGoes()
    {
        using var folder = new StackFolder();
        var config = Config(folder);
        var deployed = await RunAsync(folder, config, Snapshot.Empty, DeploymentKind.Update);
        var changed = await RunAsync(folder, config.SetItem("reco:gpuSku", "Standard_NC8as_T4_v3"), deployed.Snapshot, DeploymentKind.Update);

        var steps = changed.Steps.Where(step => step.Urn.EndsWith("::gpu-pool", StringComparison.Ordinal)).ToList();
        Assert.Equal(["create-replacement", "replace", "delete-replaced"], steps.Select(step => step.Op));
        var (old, @new) = (steps[0].Old!.Inputs["agentPoolName"].ToString(), steps[0].New!.Inputs["agentPoolName"].ToString());
        Assert.NotEqual(old, @new);
        Assert.All(changed.Steps.Where(step => step.Op is not ("same" or "read")), step => Assert.Matches("::(gpu|spot)-pool$", step.Urn));
    }

    [Fact]
    public async Task Cluster_Changed_ReplacesNeitherTheProviderNorWhatIsBehindIt()
    {
        using var folder = new StackFolder();
        var config = Config(folder);
        var deployed = await RunAsync(folder, config, Snapshot.Empty, DeploymentKind.Update);
        var changed = config.SetItem("reco:upgradeChannel", "node-image").SetItem("reco:systemNodes", "3").SetItem("reco:kubernetesVersion", "1.34");

        // What an updated cluster answers is unknown in a preview, as with the official provider: what takes an answer in
        // (the issuer of the identities' tokens, a network address) may change with it, but nothing is replaced.
        var preview = await RunAsync(folder, changed, deployed.Snapshot, DeploymentKind.Preview);
        var planned = preview.Steps.Where(step => step.Op is not ("same" or "read")).ToList();
        Assert.All(planned, step => Assert.Equal("update", step.Op));
        Assert.Equal(
            ["azure-native:containerservice:ManagedCluster", "azure-native:managedidentity:FederatedIdentityCredential", "kubernetes:apps/v1:Deployment"],
            planned.Select(step => step.Type).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains(preview.Steps, same => same.Type == "pulumi:providers:kubernetes" && same.Op == "same");

        // The update itself changes the cluster and nothing else.
        var updated = await RunAsync(folder, changed, deployed.Snapshot, DeploymentKind.Update);
        var step = Assert.Single(updated.Steps, step => step.Op is not ("same" or "read"));
        Assert.Equal(("update", "azure-native:containerservice:ManagedCluster"), (step.Op, step.Type));
        // A channel that moves patches alone leaves the minor version to the configuration; the system pool does not scale by itself.
        var inputs = PropertyEncoder.Encode(step.New!.Inputs, new MarshalOptions { KeepUnknowns = true, KeepSecrets = true });
        Assert.Equal("1.34", inputs.Fields["kubernetesVersion"].StringValue);
        Assert.Equal(3, inputs.Fields["agentPoolProfiles"].ListValue.Values[0].StructValue.Fields["count"].NumberValue);
    }

    [Fact]
    public async Task Destroy_ClusterGone_SucceedsWithoutAskingIt()
    {
        using var folder = new StackFolder();
        var deployed = await RunAsync(folder, Config(folder), Snapshot.Empty, DeploymentKind.Update);
        var destroyed = await RunAsync(folder, Config(folder), deployed.Snapshot, DeploymentKind.Destroy);
        Assert.Empty(destroyed.Snapshot.Resources);
        Assert.Empty(kubernetes.Deleted);
        Assert.Contains(destroyed.Steps, step => step.Op == "delete" && step.Type == "kubernetes:apps/v1:Deployment");
    }

    /// <summary>The staging stack's settings.</summary>
    private static ImmutableSortedDictionary<string, string> Config(StackFolder folder) =>
        File.ReadLines(Path.Combine(folder.Folder, "Pulumi.staging.yaml")).Select(line => Entry().Match(line)).Where(match => match.Success)
            .ToImmutableSortedDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value, StringComparer.Ordinal)
            .SetItem("azure-native:subscriptionId", "11111111-2222-3333-4444-555555555555");

    private async Task<(Snapshot Snapshot, List<StepInfo> Steps)> RunAsync(StackFolder folder, ImmutableSortedDictionary<string, string> config, Snapshot before, DeploymentKind kind)
    {
        var steps = new List<StepInfo>();
        var messages = new List<string>();
        var factory = new ProviderFactory(
            new Dictionary<string, Func<ProviderEnvironment, ResourceProvider.ResourceProviderBase>>(StringComparer.Ordinal)
            {
                ["azure-native"] = environment => new AzureNativeProvider(environment.Log, _ => null, azure),
                ["kubernetes"] = _ => kubernetes,
            },
            PluginLocator.FromEnvironment(),
            attach: null);
        var result = await new DeploymentRunner().RunAsync(new DeploymentOptions
        {
            Kind = kind,
            DryRun = kind == DeploymentKind.Preview,
            Project = "reco",
            Stack = "staging",
            ProjectDirectory = folder.Folder,
            Config = config,
            Base = before,
            Journal = kind == DeploymentKind.Preview ? null : new NoJournal(),
            Program = kind == DeploymentKind.Destroy ? null : LanguageHosts.Of(ProjectFile.Find(folder.Folder)),
            Events = @event =>
            {
                if (@event is EngineEvent.ResourcePre { Step: var step })
                {
                    steps.Add(step);
                }
                else if (@event is EngineEvent.Diagnostic { Severity: "error" or "warning" } message)
                {
                    messages.Add($"{message.Urn} {message.Message}");
                }
            },
        }, factory, CancellationToken.None);
        Assert.True(result.Succeeded, $"{result.Error} {string.Join(Environment.NewLine, messages)}");
        return (result.Snapshot, steps);
    }

    [GeneratedRegex("""^  ([a-z-]+:[A-Za-z]+): "?([^"]*)"?$""")]
    private static partial Regex Entry();

    private sealed class NoJournal : IStateJournal
    {
        public Task<long> BeginAsync(PendingOperation operation, CancellationToken cancellation) => Task.FromResult(0L);

        public Task EndAsync(long? token, StateChange? change) => Task.CompletedTask;

        public Task CompleteAsync(Snapshot final) => Task.CompletedTask;
    }
}
