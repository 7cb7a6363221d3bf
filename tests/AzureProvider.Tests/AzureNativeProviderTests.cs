using Grpc.Core;
using Reco.Providers.AzureNative.Wire;

namespace Reco.Providers.AzureNative.Tests;

public sealed class AzureNativeProviderTests
{
    private const string Cluster = "azure-native:containerservice:ManagedCluster";
    private readonly TestProvider provider = new();

    [Fact]
    public async Task Create_Preview_KnowsNameTypeAndIdAndNothingOfAzuresAnswers()
    {
        var response = await provider.CreateAsync(Cluster, """{"resourceGroupName":"rg","resourceName":"aks","location":"westeurope","oidcIssuerProfile":{"enabled":true}}""");
        Assert.Equal("/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks", response.Id);
        Assert.Equal("aks", Plain.Text(response.Properties, "name"));
        Assert.Equal("Microsoft.ContainerService/managedClusters", Plain.Text(response.Properties, "type"));
        Assert.True(Plain.IsUnknown(response.Properties.Fields["fqdn"]));
        var issuer = response.Properties.Fields["oidcIssuerProfile"].StructValue;
        Assert.True(issuer.Fields["enabled"].BoolValue);
        Assert.True(Plain.IsUnknown(issuer.Fields["issuerURL"]));
    }

    [Fact]
    public async Task Create_PreviewWithoutSubscription_LeavesTheIdOpen() =>
        Assert.Equal("", (await new TestProvider("{}").CreateAsync(Cluster, """{"resourceGroupName":"rg","resourceName":"aks"}""")).Id);

    [Fact]
    public async Task Create_PreviewUnderAScope_DoublesNoSlash()
    {
        var response = await provider.CreateAsync("azure-native:authorization:RoleAssignment", """{"scope":"/subscriptions/s/resourceGroups/rg","roleAssignmentName":"n","principalId":"p","roleDefinitionId":"r"}""");
        Assert.Equal("/subscriptions/s/resourceGroups/rg/providers/Microsoft.Authorization/roleAssignments/n", response.Id);
    }

    [Fact]
    public async Task Create_ForReal_IsRefusedWithWhatToDo()
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => provider.CreateAsync(Cluster, """{"resourceGroupName":"rg","resourceName":"aks"}""", preview: false));
        Assert.Equal(StatusCode.FailedPrecondition, error.StatusCode);
        Assert.Contains("nothing was changed", error.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("pulumi up", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_ClientConfig_TakesTheSettingsAndMarksWhatIsMissing()
    {
        var known = new TestProvider("""{"subscriptionId":"s"}""", new Dictionary<string, string> { ["ARM_TENANT_ID"] = "t", ["ARM_CLIENT_ID"] = "c" });
        var answer = (await known.InvokeAsync("azure-native:authorization:getClientConfig")).Return;
        Assert.Equal(("s", "t", "c"), (Plain.Text(answer, "subscriptionId"), Plain.Text(answer, "tenantId"), Plain.Text(answer, "clientId")));
        Assert.Contains("objectId stand", Assert.Single(known.Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_AnotherFunction_SaysThatItNeedsAzure()
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => provider.InvokeAsync("azure-native:containerservice:listManagedClusterUserCredentials", """{"resourceName":"secretish"}"""));
        Assert.Contains("listManagedClusterUserCredentials(resourceName)", error.Status.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("secretish", error.Status.Detail, StringComparison.Ordinal);
    }
}
