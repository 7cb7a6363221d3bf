using Reco.Policies.Costs;
using static Reco.Policies.Tests.RuleCheck;

namespace Reco.Policies.Tests.Costs;

public sealed class CostEstimateTests
{
    private const string Pool = "azure-native:containerservice:AgentPool";

    private static readonly PriceTable Prices = PriceTable.Default with
    {
        Regions = PriceTable.Default.Regions.Clear().Add("testland", 2m),
        VirtualMachines = PriceTable.Default.VirtualMachines.Clear().Add("Standard_D1", new VirtualMachine("d", 4, 1m)).Add("Standard_N1", new VirtualMachine("n", 24, 10m, 2, "A100")),
        SpotFactor = 0.5m,
        HoursPerMonth = 100,
    };

    [Fact]
    public void Of_PoolsThatScale_GivesARangeByComponentAndTheQuotaAtTheMaximum()
    {
        var estimate = CostEstimate.Of(
        [
            Resource(Pool, """{"vmSize":"Standard_D1","enableAutoScaling":true,"minCount":1,"maxCount":3,"location":"testland"}"""),
            Resource(Pool, """{"vmSize":"Standard_N1","enableAutoScaling":true,"minCount":0,"maxCount":2,"scaleSetPriority":"Spot"}""", "reco:azure:Other"),
        ], Prices);
        Assert.Equal((200m, 600m + 2000m), (estimate.Lowest, estimate.Highest));
        Assert.Equal(["Cluster", "Other"], estimate.Lines.Select(line => line.Component));
        Assert.Contains(new QuotaNeed("n", 48, 4, true), estimate.Quotas);
        Assert.Contains(new QuotaNeed("d", 12, 0, false), estimate.Quotas);
    }

    [Fact]
    public void Of_PoolAfterAZoneOfPrivateDns_IsPricedWhereTheRestIs()
    {
        var estimate = CostEstimate.Of(
        [
            Resource("azure-native:resources:ResourceGroup", """{"location":"testland"}"""),
            Resource("azure-native:privatedns:PrivateZone", """{"location":"Global"}"""),
            Resource(Pool, """{"vmSize":"Standard_D1","count":1}"""),
        ], Prices);
        Assert.Equal(200m + (2 * Prices.Monthly["privateDnsZone"]), estimate.Highest);
    }

    [Fact]
    public void Of_ClusterWithAnInlinePool_CountsPoolAndTier()
    {
        var estimate = CostEstimate.Of([Resource("azure-native:containerservice:ManagedCluster", """{"sku":{"tier":"Standard"},"agentPoolProfiles":[{"name":"system","vmSize":"Standard_D1","count":3}]}""")], Prices);
        Assert.Equal(300m + Prices.Monthly["aksUptimeTier:Standard"], estimate.Highest);
    }

    [Fact]
    public void Of_SizeWithoutAPrice_IsNamedNotCountedAsFree()
    {
        var estimate = CostEstimate.Of([Resource(Pool, """{"vmSize":"Standard_X9","count":1}""")], Prices);
        Assert.Equal("thing (Standard_X9)", Assert.Single(estimate.Unpriced));
    }

    [Fact]
    public void Default_Table_IsDatedAndSaysWhereItIsFrom()
    {
        Assert.Matches(@"^\d{4}-\d{2}$", PriceTable.Default.AsOf);
        Assert.NotEmpty(PriceTable.Default.Source);
        Assert.All(PriceTable.Default.VirtualMachines, entry => Assert.True(entry.Value is { UsdPerHour: > 0, VCpus: > 0 } && VirtualMachine.IsGpu(entry.Key) == entry.Value.Gpus > 0, entry.Key));
    }
}
