using Reco.Protocol;

namespace Reco.Providers.AzureNative.Tests.Diffing;

public sealed class ResourceDifferTests
{
    private const string Pool = "azure-native:containerservice:AgentPool";
    private const string Cluster = "azure-native:containerservice:ManagedCluster";
    private readonly TestProvider provider = new();

    [Fact]
    public async Task Diff_SameInputs_IsNone()
    {
        const string Same = """{"agentPoolName":"gpu","vmSize":"a","nodeTaints":["x"],"tags":{"a":"b"}}""";
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await provider.DiffAsync(Pool, Same, Same)).Changes);
    }

    [Theory]
    [InlineData(Pool, """{"vmSize":"a"}""", """{"vmSize":"b"}""", "vmSize")]
    [InlineData(Pool, """{"agentPoolName":"a"}""", """{"agentPoolName":"b"}""", "agentPoolName")]
    [InlineData(Pool, """{"resourceName":"a"}""", """{"resourceName":"b"}""", "resourceName")]
    [InlineData(Cluster, """{"networkProfile":{"podCidr":"a"}}""", """{"networkProfile":{"podCidr":"b"}}""", "networkProfile.podCidr")]
    [InlineData(Cluster, """{"location":"westeurope"}""", """{"location":"northeurope"}""", "location")]
    [InlineData("azure-native:authorization:RoleAssignment", """{"principalId":"a"}""", """{"principalId":"b"}""", "principalId")]
    public async Task Diff_FixedProperty_Replaces(string token, string before, string after, string path)
    {
        var diff = await provider.DiffAsync(token, before, after);
        Assert.Equal(PropertyDiff.Types.Kind.UpdateReplace, diff.DetailedDiff[path].Kind);
        Assert.Equal([path.Split('.')[0]], diff.Replaces);
        Assert.True(diff.DeleteBeforeReplace);
    }

    [Theory]
    [InlineData(Cluster, """{"networkProfile":{"advancedNetworking":{"enabled":false}}}""", """{"networkProfile":{"advancedNetworking":{"enabled":true}}}""", "networkProfile.advancedNetworking.enabled")]
    [InlineData(Cluster, """{"kubernetesVersion":"1.32"}""", """{"kubernetesVersion":"1.33"}""", "kubernetesVersion")]
    [InlineData(Pool, """{"maxCount":1}""", """{"maxCount":2}""", "maxCount")]
    [InlineData(Cluster, """{"agentPoolProfiles":[{"count":1}]}""", """{"agentPoolProfiles":[{"count":2}]}""", "agentPoolProfiles[0].count")]
    public async Task Diff_OtherProperty_UpdatesInPlace(string token, string before, string after, string path)
    {
        var diff = await provider.DiffAsync(token, before, after);
        Assert.Equal(PropertyDiff.Types.Kind.Update, diff.DetailedDiff[path].Kind);
        Assert.Empty(diff.Replaces);
        Assert.False(diff.DeleteBeforeReplace);
    }

    [Fact]
    public async Task Diff_RandomlyNamedResource_IsMadeBeforeTheOldOneGoes()
    {
        var diff = await provider.DiffAsync(Cluster, """{"dnsPrefix":"a","__createBeforeDelete":true}""", """{"dnsPrefix":"b","__createBeforeDelete":true}""");
        Assert.Equal(["dnsPrefix"], diff.Replaces);
        Assert.False(diff.DeleteBeforeReplace);
    }

    [Fact]
    public async Task Diff_LocationSpelledDifferently_IsNone() =>
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await provider.DiffAsync(Cluster, """{"location":"West Europe"}""", """{"location":"westeurope"}""")).Changes);
}
