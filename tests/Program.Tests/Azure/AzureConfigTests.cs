using System.Collections.Immutable;
using Reco.Infra.Components.Azure;
using static Reco.Infra.Tests.ProgramRun;

namespace Reco.Infra.Tests.Azure;

/// <summary>Configurations of target azure that are out of the ordinary: each is refused with what to do, or makes what can be
/// deployed.</summary>
public sealed class AzureConfigTests
{
    private const string Cluster = "azure-native:containerservice:ManagedCluster";

    [Theory]
    [InlineData("addressSpace=172.21.0.0/16", "pods have 172.20.0.0/14")]
    [InlineData("addressSpace=172.31.0.0/16", "AKS takes no part of 172.30.0.0/15")]
    [InlineData("addressSpace=10.40.1.0/16", "private IPv4 range of length 16")]
    [InlineData("privateCluster=false,authorizedIpRanges=203.0.113.7/24", "an address range such as")]
    [InlineData("owner= ", "reco:owner is missing")]
    [InlineData("dataset=pvc:", "pvc:NAME")]
    [InlineData("zones=1;1", "some of 1, 2, 3, separated by commas, or none")]
    [InlineData("zones=none,storageRedundancy=Standard_GZRS", "spans zones")]
    [InlineData("storageRedundancy=Premium_LRS", "one of Standard_LRS")]
    [InlineData("registryReplicas=westeurope", "regions other than azure-native:location")]
    [InlineData("budgetEmails=nobody", "e-mail addresses")]
    [InlineData("environment=pr-", "no dash last")]
    [InlineData("expires=tomorrow", "a UTC time such as")]
    [InlineData("cpuSize=Standard_NC4as_T4_v3", "machines without GPUs")]
    [InlineData("cpuMaxNodes=999", "nodes at most")]
    [InlineData("kubeContext=shop", "a cluster of its own")]
    [InlineData("trainingClientId=11111111-2222-3333-4444-555555555555", "an identity for training")]
    [InlineData("remoteWriteUrl=https://example.org/write", "set both or none")]
    [InlineData("trainingGpus=2", "a node of size Standard_NC24ads_A100_v4 has 1")]
    [InlineData("trainingGpus=1,trainingGpuType=t4", "have A100")]
    [InlineData("trainingGpus=4,trainingGpuType=h100,gpuSku=Standard_ND96isr_H100_v5", "a pod asks for 152 CPUs")]
    [InlineData("trainingGpus=1,trainingWorkers=3", "the workers start together")]
    [InlineData("trainingGpus=1,gpuMaxNodes=0", "spot nodes take training with reco:trainingSpot only")]
    [InlineData("scoringGpus=1", "3 pods run while a new version takes over, but GPU nodes have room for 2")]
    [InlineData("scoringGpus=1,gpuMaxNodes=3,rollout=canary,monitoring=install,gateway=edge/public", "4 pods run")]
    [InlineData("scoringGpus=1,gpuMaxNodes=0", "spot nodes take training only")]
    [InlineData("gpuSku=Standard_NC4as_T4_v3,gpuSharing=mig", "cannot be divided")]
    [InlineData("gpuSharing=mig,gpuInstanceProfile=MIG1g", "keep one of them")]
    public Task Config_ThatCannotBeDeployed_SaysWhatToDo(string keys, string expected) => AssertRefusedAsync(keys, expected);

    [Theory]
    [InlineData("trainingGpus=1", "reco:trainingGpus is 1, but the cluster has no GPU nodes")]
    [InlineData("scoringGpus=2", "reco:scoringGpus is 2, but the cluster has no GPU nodes")]
    [InlineData("gpuInstanceProfile=MIG1g", "reco:gpuInstanceProfile is set, but the cluster has no GPU nodes")]
    public Task Config_WithGpusButNoNodesThatHaveThem_IsRefused(string keys, string expected) => AssertRefusedAsync($"gpuSku=,{keys}", expected);

    [Theory]
    [InlineData("trainingGpus=1,trainingSpot=true,gpuMaxNodes=0")]
    [InlineData("trainingGpus=1,trainingWorkers=5,trainingSpot=true")]
    [InlineData("scoringGpus=1,gpuInstanceProfile=MIG1g,replicas=13")]
    [InlineData("scoringGpus=1,gpuSharing=timeSlicing,replicas=7")]
    public async Task Config_WithRoomOnGpuNodes_IsTaken(string keys) => Assert.NotNull((await AzureStackTests.RunAsync(Pairs(keys))).Inputs(Cluster));

    [Fact]
    public async Task ApiServer_WithAuthorisedRanges_LetsItsOwnNodesIn()
    {
        var mocks = await AzureStackTests.RunAsync(("privateCluster", "false"), ("authorizedIpRanges", "203.0.113.0/24"));
        var ranges = (ImmutableArray<object>)At(mocks.Inputs(Cluster), "apiServerAccessProfile", "authorizedIPRanges")!;
        Assert.Equal(["203.0.113.0/24", "198.51.100.7/32"], ranges.Cast<string>());
    }

    [Fact]
    public async Task Zones_None_MakesNothingThatSpansZones()
    {
        var mocks = await AzureStackTests.RunAsync(("zones", "none"));
        Assert.Empty((ImmutableArray<object>)At(mocks.Inputs(Cluster), "agentPoolProfiles", 0, "availabilityZones")!);
        Assert.Equal("Disabled", mocks.Inputs("azure-native:containerregistry:Registry")["zoneRedundancy"]);
        Assert.Equal("Standard_LRS", At(mocks.Inputs("azure-native:storage:StorageAccount"), "sku", "name"));
    }

    [Fact]
    public async Task Bundles_OfAStackThatLivesForATime_CanBeDeletedWithIt()
    {
        var mocks = await AzureStackTests.RunAsync(("ttl", "8h"), ("expires", "2026-01-31T18:00:00Z"));
        Assert.Null(At(mocks.Registered.Single(resource => resource.Name == "models-bundles").Inputs, "immutableStorageWithVersioning"));
        Assert.DoesNotContain(mocks.Registered, resource => resource.Type == "azure-native:storage:BlobContainerImmutabilityPolicy");
    }

    [Fact]
    public async Task Gpus_OfTheStacksOwnCluster_AreMadeKnownToKubernetes()
    {
        var release = (await AzureStackTests.RunAsync()).Registered.Single(resource => resource.Name == "gpu-operator").Inputs;
        Assert.Equal("nvidia-container-runtime", At(release, "values", "operator", "runtimeClass"));
        Assert.DoesNotContain((await AzureStackTests.RunAsync(("gpuOperations", "none"))).Registered, resource => resource.Name == "gpu-operator");
    }

    [Fact]
    public async Task Driver_ThatTheOperatorInstalls_IsNotOnTheNodesAlready()
    {
        var pools = (await AzureStackTests.RunAsync(("gpuDriver", "true"))).Registered.Where(resource => resource.Type == "azure-native:containerservice:AgentPool").ToDictionary(resource => resource.Name!, resource => resource.Inputs);
        Assert.Equal("None", At(pools["gpu-pool"], "gpuProfile", "driver"));
        Assert.Equal("None", At(pools["spot-pool"], "gpuProfile", "driver"));
        Assert.Null(At(pools["cpu-pool"], "gpuProfile"));
    }

    [Theory]
    [InlineData("none", false)]
    [InlineData("logAnalytics", true)]
    public async Task Agents_OfTheCluster_AreToldWhatToCollect(string logs, bool containerLogs)
    {
        var mocks = await AzureStackTests.RunAsync(("logs", logs));
        var rules = mocks.Registered.Where(resource => resource.Type == "azure-native:monitor:DataCollectionRule").ToDictionary(resource => resource.Name!, resource => resource.Inputs);
        var streams = (ImmutableArray<object>)At(rules["cluster-insights"], "dataFlows", 0, "streams")!;
        Assert.Contains("Microsoft-KubePodInventory", streams);
        Assert.Equal(containerLogs, streams.Contains("Microsoft-ContainerLogV2"));
        Assert.Equal(streams.Cast<string>(), ((ImmutableArray<object>)At(rules["cluster-insights"], "dataSources", "extensions", 0, "streams")!).Cast<string>());
        Assert.Equal("cluster-metrics-endpoint-id", rules["cluster-metrics"]["dataCollectionEndpointId"]);
        Assert.Equal(
            ["ContainerInsightsExtension", "ContainerInsightsMetricsExtension"],
            mocks.Registered.Where(resource => resource.Type == "azure-native:monitor:DataCollectionRuleAssociation").Select(resource => (string)resource.Inputs["associationName"]).Order());
    }

    [Fact]
    public void Ranges_OfPodsAndServices_AreNoneThatAksRefuses() => Assert.All([AzureCluster.PodRange, AzureCluster.ServiceRange], range =>
        Assert.False(System.Net.IPNetwork.Parse("172.30.0.0/15").Contains(System.Net.IPNetwork.Parse(range).BaseAddress), range));

    private static async Task AssertRefusedAsync(string keys, string expected)
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => AzureStackTests.RunAsync(Pairs(keys)));
        Assert.Contains(expected, error.ToString(), StringComparison.Ordinal);
    }

    private static (string, string)[] Pairs(string keys) => [.. keys.Split(',').Select(pair => (pair.Split('=')[0], pair.Split('=')[1].Replace(';', ',')))];
}
