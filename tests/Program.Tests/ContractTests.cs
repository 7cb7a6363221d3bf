using System.Collections.Immutable;
using Pulumi;
using Pulumi.Kubernetes.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Testing;
using Reco.Infra.Contract;
using static Reco.Infra.Tests.ProgramRun;

namespace Reco.Infra.Tests;

public sealed class ContractTests
{
    [Fact]
    public async Task Consumer_OfAStack_GetsWhatTheStackTells()
    {
        var mocks = new ReferenceMocks(StackOutputs.Version);
        await Deployment.TestAsync<StorefrontStack>(mocks, new TestOptions { ProjectName = "shop", StackName = "prod", IsPreview = false });
        Assert.Equal("http://scoring.reco.svc.cluster.local:80", At(mocks.ConfigMap, "data", "RECOMMENDATIONS_URL"));
        Assert.Equal("two-tower@0123456789abcdef", At(mocks.ConfigMap, "data", "MODEL"));
    }

    [Fact]
    public async Task Consumer_OfAnotherVersion_IsToldSo()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => Deployment.TestAsync<StorefrontStack>(new ReferenceMocks(99), new TestOptions { ProjectName = "shop", StackName = "prod", IsPreview = false }));
        Assert.Contains("version 99 of the contract", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stack_Outputs_AreTheContracts()
    {
        var (_, resources) = await StartAsync();
        var stack = resources.OfType<RecoStack>().Single();
        Assert.Equal(StackOutputs.Version, await ValueAsync(stack.ContractVersion));
        Assert.StartsWith("http://127.0.0.1:", await ValueAsync(stack.GrpcUrl), StringComparison.Ordinal);
    }

    /// <summary>A stack of another team: a web shop that shows recommendations.</summary>
    private sealed class StorefrontStack : Stack
    {
        public StorefrontStack()
        {
            var reco = StackOutputs.From(new StackReference("organization/reco/prod"));
            _ = new ConfigMap("storefront", new ConfigMapArgs
            {
                Data = { ["RECOMMENDATIONS_URL"] = reco.ScoringUrl, ["MODEL"] = Output.Format($"{reco.ModelName}@{reco.ModelVersion}") },
            });
        }
    }

    private sealed class ReferenceMocks(int version) : IMocks
    {
        public ImmutableDictionary<string, object> ConfigMap { get; private set; } = ImmutableDictionary<string, object>.Empty;

        public Task<(string? id, object state)> NewResourceAsync(MockResourceArgs args)
        {
            if (args.Type == "kubernetes:core/v1:ConfigMap")
            {
                ConfigMap = args.Inputs;
            }

            return Task.FromResult<(string?, object)>((args.Name, args.Type == "pulumi:pulumi:StackReference"
                ? args.Inputs.SetItem("outputs", new Dictionary<string, object>
                {
                    ["contractVersion"] = version,
                    ["scoringUrl"] = "http://scoring.reco.svc.cluster.local:80",
                    ["metricsUrl"] = "http://scoring.reco.svc.cluster.local:80/metrics",
                    ["modelName"] = "two-tower",
                    ["modelVersion"] = "0123456789abcdef",
                    ["reportPath"] = "two-tower/0123456789abcdef/report.html",
                    ["evaluation"] = new Dictionary<string, object> { ["ndcg10"] = 0.25 }.ToImmutableDictionary(),
                }.ToImmutableDictionary())
                : args.Inputs));
        }

        public Task<object> CallAsync(MockCallArgs args) => Task.FromResult<object>(ImmutableDictionary<string, object>.Empty);
    }
}
