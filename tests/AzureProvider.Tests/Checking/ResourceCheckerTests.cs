using Reco.Providers.AzureNative.Wire;

namespace Reco.Providers.AzureNative.Tests.Checking;

public sealed class ResourceCheckerTests
{
    private const string Group = "azure-native:resources:ResourceGroup";
    private const string Identity = "azure-native:managedidentity:UserAssignedIdentity";
    private readonly TestProvider provider = new();

    [Fact]
    public async Task Check_WithoutName_ChoosesOneThatThePreviewAndTheUpdateShare()
    {
        var first = (await provider.CheckAsync(Group, "{}", name: "shop")).Inputs;
        var second = (await provider.CheckAsync(Group, "{}", name: "shop")).Inputs;
        Assert.Matches("^shop[0-9a-f]{8}$", Plain.Text(first, "resourceGroupName"));
        Assert.Equal(Plain.Text(first, "resourceGroupName"), Plain.Text(second, "resourceGroupName"));
        Assert.NotEqual(Plain.Text(first, "resourceGroupName"), Plain.Text((await provider.CheckAsync(Group, "{}", name: "shop", seed: "other")).Inputs, "resourceGroupName"));
        Assert.True(first.Fields["__createBeforeDelete"].BoolValue);
    }

    [Fact]
    public async Task Check_ExistingResource_KeepsTheChosenName()
    {
        var inputs = (await provider.CheckAsync(Group, "{}", """{"resourceGroupName":"shop12345678","__createBeforeDelete":true}""")).Inputs;
        Assert.Equal("shop12345678", Plain.Text(inputs, "resourceGroupName"));
        Assert.True(inputs.Fields["__createBeforeDelete"].BoolValue);
    }

    [Fact]
    public async Task Check_SubResource_TakesThePulumiName()
    {
        var inputs = (await provider.CheckAsync("azure-native:network:Subnet", """{"resourceGroupName":"rg","virtualNetworkName":"net","addressPrefix":"10.0.0.0/24"}""", name: "nodes")).Inputs;
        Assert.Equal("nodes", Plain.Text(inputs, "subnetName"));
        Assert.False(inputs.Fields.ContainsKey("__createBeforeDelete"));
    }

    [Fact]
    public async Task Check_RoleAssignment_IsNamedByAUuid()
    {
        var response = await provider.CheckAsync("azure-native:authorization:RoleAssignment", """{"scope":"/subscriptions/s","principalId":"p","principalType":"ServicePrincipal","roleDefinitionId":"r"}""");
        Assert.Empty(response.Failures);
        Assert.True(Guid.TryParse(Plain.Text(response.Inputs, "roleAssignmentName"), out _));
    }

    [Fact]
    public async Task Check_WithoutLocation_TakesTheConfiguredOneThenTheGroupsThenFails()
    {
        Assert.Equal("westeurope", Plain.Text((await provider.CheckAsync(Identity, """{"resourceGroupName":"rg"}""")).Inputs, "location"));

        var bare = new TestProvider("{}");
        await bare.CheckAsync(Group, """{"resourceGroupName":"rg","location":"northeurope"}""");
        Assert.Equal("northeurope", Plain.Text((await bare.CheckAsync(Identity, """{"resourceGroupName":"rg"}""")).Inputs, "location"));

        var failure = Assert.Single((await bare.CheckAsync(Identity, """{"resourceGroupName":"another"}""")).Failures);
        Assert.Equal("location", failure.Property);
        Assert.Contains("azure-native:location", failure.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_Always_RecordsTheApiVersion() =>
        Assert.Equal("2024-03-01", Plain.Text((await provider.CheckAsync(Group, "{}")).Inputs, "azureApiVersion"));
}
