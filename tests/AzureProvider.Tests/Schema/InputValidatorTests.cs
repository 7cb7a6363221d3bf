namespace Reco.Providers.AzureNative.Tests.Schema;

public sealed class InputValidatorTests
{
    private const string Pool = "azure-native:containerservice:AgentPool";
    private const string Storage = "azure-native:storage:StorageAccount";
    private readonly TestProvider provider = new();

    [Fact]
    public async Task Check_CompleteGpuPool_HasNoFailure()
    {
        var response = await provider.CheckAsync(Pool, """
            {"resourceGroupName":"rg","resourceName":"aks","agentPoolName":"gpu","vmSize":"Standard_NC24ads_A100_v4","mode":"User","type":"VirtualMachineScaleSets",
             "enableAutoScaling":true,"minCount":0,"maxCount":4,"nodeTaints":["sku=gpu:NoSchedule"],"nodeLabels":{"reco.dev/pool":"gpu"},"availabilityZones":["1"],
             "scaleSetPriority":"Spot","scaleSetEvictionPolicy":"Delete","spotMaxPrice":-1,"upgradeSettings":{"maxSurge":"33%"}}
            """);
        Assert.Empty(response.Failures);
    }

    [Theory]
    [InlineData("""{"vmsize":"x"}""", "vmsize: unknown property (did you mean \"vmSize\"?); allowed here: agentPoolName, availabilityZones")]
    [InlineData("""{"scaleSetPriority":"Spott"}""", "scaleSetPriority: \"Spott\" is not allowed (did you mean \"Spot\"?); allowed: Spot, Regular")]
    [InlineData("""{"count":"3"}""", "count: must be a number, not a string")]
    [InlineData("""{"minCount":-1,"nodeTaints":"sku=gpu:NoSchedule"}""", "nodeTaints: must be a list, not a string")]
    [InlineData("""{"enableAutoScaling":"true"}""", "enableAutoScaling: must be a boolean, not a string")]
    [InlineData("""{"upgradeSettings":{"maxSurg":"1"}}""", "upgradeSettings.maxSurg: unknown property (did you mean \"maxSurge\"?)")]
    [InlineData("""{"kubeletConfig":{"cpuManagerPolicy":7}}""", "kubeletConfig.cpuManagerPolicy: must be a string, not a number")]
    public async Task Check_WrongMember_NamesPathAndWhatIsAllowed(string extra, string expected)
    {
        var inputs = """{"resourceGroupName":"rg","resourceName":"aks","agentPoolName":"gpu",""" + extra[1..];
        Assert.StartsWith(expected, await provider.FailureAsync(Pool, inputs), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Gpu-Pool")]
    [InlineData("1gpu")]
    [InlineData("thirteenchars")]
    public async Task Check_PoolNameThatAksRefuses_Fails(string name) =>
        Assert.StartsWith("agentPoolName:", await provider.FailureAsync(Pool, $$"""{"resourceGroupName":"rg","resourceName":"aks","agentPoolName":"{{name}}"}"""), StringComparison.Ordinal);

    [Fact]
    public async Task Check_MissingParent_IsNamed() =>
        Assert.Equal("resourceName: is missing: it is part of the resource's ID", await provider.FailureAsync(Pool, """{"resourceGroupName":"rg","agentPoolName":"gpu"}"""));

    [Fact]
    public async Task Check_MissingRequiredOfTopLevelAndNested_AreNamed()
    {
        Assert.Equal("sku: is missing: Azure requires it", await provider.FailureAsync(Storage, """{"resourceGroupName":"rg","accountName":"recomodels","kind":"StorageV2"}"""));
        Assert.Equal("networkRuleSet.defaultAction: is missing: Azure requires it",
            await provider.FailureAsync(Storage, """{"resourceGroupName":"rg","accountName":"recomodels","kind":"StorageV2","sku":{"name":"Standard_ZRS"},"networkRuleSet":{"bypass":"AzureServices"}}"""));
        Assert.Equal("networkRuleSet.virtualNetworkRules[0].virtualNetworkResourceId: is missing: Azure requires it",
            await provider.FailureAsync(Storage, """{"resourceGroupName":"rg","accountName":"recomodels","kind":"StorageV2","sku":{"name":"Standard_ZRS"},"networkRuleSet":{"defaultAction":"Deny","virtualNetworkRules":[{"action":"Allow"}]}}"""));
    }

    [Fact]
    public async Task Check_RenamedMembers_AreFound()
    {
        var response = await provider.CheckAsync(Storage, """
            {"resourceGroupName":"rg","accountName":"recomodels","kind":"StorageV2","sku":{"name":"Standard_ZRS"},"enableHttpsTrafficOnly":true,
             "networkRuleSet":{"defaultAction":"Deny","virtualNetworkRules":[{"virtualNetworkResourceId":"/x"}],"ipRules":[{"iPAddressOrRange":"1.2.3.4"}]},
             "encryption":{"keySource":"Microsoft.Storage","requireInfrastructureEncryption":true,"services":{"blob":{"enabled":true,"keyType":"Account"}}}}
            """);
        Assert.Empty(response.Failures);
    }

    [Fact]
    public async Task Check_NestedLiftedMembers_AreFoundAndReadOnlyOnesRefused()
    {
        const string Network = "azure-native:network:VirtualNetwork";
        var response = await provider.CheckAsync(Network, """
            {"resourceGroupName":"rg","virtualNetworkName":"net","addressSpace":{"addressPrefixes":["10.0.0.0/8"]},
             "subnets":[{"name":"nodes","addressPrefix":"10.1.0.0/16","networkSecurityGroup":{"id":"/x"}}]}
            """);
        Assert.Empty(response.Failures);
        Assert.Equal("subnets[0].provisioningState: is read-only: Azure sets it",
            await provider.FailureAsync(Network, """{"resourceGroupName":"rg","virtualNetworkName":"net","subnets":[{"name":"nodes","addressPrefix":"10.1.0.0/16","provisioningState":"Succeeded"}]}"""));
        Assert.StartsWith("subnets[0].adressPrefix: unknown property (did you mean \"addressPrefix\"?)",
            await provider.FailureAsync(Network, """{"resourceGroupName":"rg","virtualNetworkName":"net","subnets":[{"name":"nodes","adressPrefix":"10.1.0.0/16"}]}"""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_UnknownValuesAndSetsOfIds_Pass()
    {
        var response = await provider.CheckAsync("azure-native:containerservice:ManagedCluster", """
            {"resourceGroupName":"UNKNOWN","resourceName":"aks","dnsPrefix":"UNKNOWN",
             "identity":{"type":"UserAssigned","userAssignedIdentities":["UNKNOWN"]},
             "agentPoolProfiles":[{"name":"system","mode":"System","vmSize":"Standard_D4ds_v5","count":3,"vnetSubnetID":"UNKNOWN"}],
             "autoScalerProfile":{"balanceSimilarNodeGroups":"true","expander":"least-waste"}}
            """.Replace("UNKNOWN", TestProvider.Unknown, StringComparison.Ordinal));
        Assert.Empty(response.Failures);
    }

    [Theory]
    [InlineData("""{"dataFlows":[{"streams":["Microsoft-PrometheusMetrics"],"destinations":["w"]}]}""", null)]
    [InlineData("""{"dataFlows":[{"streams":["Microsoft-PrometheusMetric"],"destinations":["w"]}]}""", "dataFlows[0].streams[0]: \"Microsoft-PrometheusMetric\" is not allowed (did you mean")]
    [InlineData("""{"dataSources":{"extensions":[{"name":"c","extensionName":"ContainerInsights","streams":["Microsoft-ContainerLogV2"]}]}}""", null)]
    [InlineData("""{"kind":"Microsoft-PrometheusMetrics"}""", "kind: \"Microsoft-PrometheusMetrics\" is not allowed")]
    [InlineData("""{"dataSources":{"syslog":[{"name":"s","streams":["Microsoft-PrometheusMetrics"]}]}}""", "dataSources.syslog[0].streams[0]: \"Microsoft-PrometheusMetrics\" is not allowed")]
    public async Task Check_ValueThatNoVersionLists_IsTakenWhereAzureTakesItAlone(string extra, string? expected)
    {
        const string Rule = "azure-native:monitor:DataCollectionRule";
        var inputs = """{"resourceGroupName":"rg","dataCollectionRuleName":"dcr","location":"westeurope",""" + extra[1..];
        if (expected is null)
        {
            Assert.Empty((await provider.CheckAsync(Rule, inputs)).Failures);
        }
        else
        {
            Assert.StartsWith(expected, await provider.FailureAsync(Rule, inputs), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Check_UnknownMembersAtSeveralDepths_AreEachNamedWithWhatIsAllowedThere()
    {
        var failures = (await provider.CheckAsync("azure-native:containerservice:ManagedCluster", """
            {"resourceGroupName":"rg","resourceName":"aks","location":"westeurope",
             "agentPoolProfiles":[{"name":"system","mode":"System","upgradeSettings":{"maxSurgee":"1"}}],
             "networkProfile":{"loadBalancerProfile":{"managedOutboundIPs":{"counts":1}}},
             "autoUpgradeProfile":{"channel":"patch"}}
            """)).Failures.Select(failure => (failure.Property, failure.Reason)).OrderBy(failure => failure.Property, StringComparer.Ordinal).ToList();
        Assert.Equal(["agentPoolProfiles[0].upgradeSettings.maxSurgee", "autoUpgradeProfile.channel", "networkProfile.loadBalancerProfile.managedOutboundIPs.counts"], failures.Select(failure => failure.Property));
        Assert.Contains("allowed here: drainTimeoutInMinutes", failures[0].Reason, StringComparison.Ordinal);
        Assert.Contains("allowed here: nodeOSUpgradeChannel, upgradeChannel", failures[1].Reason, StringComparison.Ordinal);
        Assert.Contains("allowed here: count, countIPv6", failures[2].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_TextTooShort_NamesTheLimits() =>
        Assert.Equal("accountName: has 2 characters; allowed: 3 to 24",
            await provider.FailureAsync(Storage, """{"resourceGroupName":"rg","accountName":"ab","kind":"StorageV2","sku":{"name":"Standard_ZRS"}}"""));

    [Fact]
    public async Task Check_TypeOutsideTheCatalogue_SaysHowToAddIt()
    {
        var error = await Assert.ThrowsAsync<Grpc.Core.RpcException>(() => provider.CheckAsync("azure-native:compute:VirtualMachine", "{}"));
        Assert.Contains("selection.json", error.Status.Detail, StringComparison.Ordinal);
    }
}
