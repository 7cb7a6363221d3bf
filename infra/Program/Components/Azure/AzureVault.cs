using Pulumi;
using Pulumi.AzureNative.Authorization;
using Pulumi.AzureNative.KeyVault;
using Pulumi.AzureNative.KeyVault.Inputs;
using Reco.Infra.Configuration;

namespace Reco.Infra.Components.Azure;

/// <summary>Arguments of <see cref="AzureVault"/>.</summary>
internal sealed class AzureVaultArgs : ResourceArgs
{
    /// <summary>The environment.</summary>
    public required AzureEnvironment Environment { get; init; }

    /// <summary>The network from which it is reached.</summary>
    public required AzureNetwork Network { get; init; }

    /// <summary>Settings of target azure.</summary>
    public required AzureConfig Config { get; init; }
}

/// <summary>The vault: by roles only, from within the network, never purged before its time.</summary>
internal sealed class AzureVault : ComponentResource
{
    /// <summary>Makes the vault and its private endpoint.</summary>
    public AzureVault(string name, AzureVaultArgs args, ComponentResourceOptions? options = null)
        : base("reco:azure:Vault", name, options)
    {
        var (environment, config) = (args.Environment, args.Config);
        Input<string> tenant = config.TenantId is { } known ? known : GetClientConfig.Invoke().Apply(client => client.TenantId);
        var vault = new Vault(name, new VaultArgs
        {
            ResourceGroupName = environment.Group,
            Location = environment.Location,
            Properties = new VaultPropertiesArgs
            {
                TenantId = tenant,
                Sku = new SkuArgs { Family = SkuFamily.A, Name = SkuName.Standard },
                EnableRbacAuthorization = true,
                EnableSoftDelete = true,
                EnablePurgeProtection = true,
                SoftDeleteRetentionInDays = Math.Clamp(config.Artifacts.SoftDeleteDays, 7, 90),
                PublicNetworkAccess = "Disabled",
                NetworkAcls = new NetworkRuleSetArgs { DefaultAction = NetworkRuleAction.Deny, Bypass = NetworkRuleBypassOptions.AzureServices },
            },
            Tags = environment.Tags,
        }, new CustomResourceOptions { Parent = this, Protect = config.IsProduction });
        _ = new PrivateLink($"{name}-link", new PrivateLinkArgs
        {
            Environment = environment,
            Network = args.Network,
            ResourceId = vault.Id,
            Part = "vault",
            Zone = "privatelink.vaultcore.azure.net",
        }, new ComponentResourceOptions { Parent = this });
        TenantId = tenant;
        VaultId = vault.Id;
        VaultName = vault.Name;
        RegisterOutputs(new Dictionary<string, object?> { ["vaultName"] = VaultName });
    }

    /// <summary>The directory of who may use it.</summary>
    public Input<string> TenantId { get; }

    /// <summary>ID of the vault.</summary>
    public Output<string> VaultId { get; }

    /// <summary>Name of the vault.</summary>
    public Output<string> VaultName { get; }
}
