using Pulumi;
using Pulumi.AzureNative.ContainerRegistry;
using Pulumi.AzureNative.ContainerRegistry.Inputs;
using Reco.Infra.Configuration;

namespace Reco.Infra.Components.Azure;

/// <summary>Arguments of <see cref="AzureRegistry"/>.</summary>
internal sealed class AzureRegistryArgs : ResourceArgs
{
    /// <summary>The environment.</summary>
    public required AzureEnvironment Environment { get; init; }

    /// <summary>The network from which it is reached.</summary>
    public required AzureNetwork Network { get; init; }

    /// <summary>Settings of target azure.</summary>
    public required AzureConfig Config { get; init; }
}

/// <summary>The registry of images: private, without an administrator's account, untagged images gone after a week. Premium,
/// because private endpoints, replicas and retention are.</summary>
internal sealed class AzureRegistry : ComponentResource
{
    private const int UntaggedDays = 7;

    /// <summary>Makes the registry, its replicas and its private endpoint.</summary>
    public AzureRegistry(string name, AzureRegistryArgs args, ComponentResourceOptions? options = null)
        : base("reco:azure:Registry", name, options)
    {
        var (environment, config) = (args.Environment, args.Config);
        var zoned = config.Zones.Count > 1 ? ZoneRedundancy.Enabled : ZoneRedundancy.Disabled;
        var registry = new Registry(name, new RegistryArgs
        {
            ResourceGroupName = environment.Group,
            Location = environment.Location,
            Sku = new SkuArgs { Name = SkuName.Premium },
            AdminUserEnabled = false,
            AnonymousPullEnabled = false,
            DataEndpointEnabled = true,
            PublicNetworkAccess = PublicNetworkAccess.Disabled,
            NetworkRuleBypassOptions = NetworkRuleBypassOptions.AzureServices,
            ZoneRedundancy = zoned,
            Policies = new PoliciesArgs
            {
                RetentionPolicy = new RetentionPolicyArgs { Status = PolicyStatus.Enabled, Days = UntaggedDays },
                ExportPolicy = new ExportPolicyArgs { Status = ExportPolicyStatus.Disabled },
                // Content trust by Notary v1 is retired: see ImageSigning for what takes its place.
                TrustPolicy = new TrustPolicyArgs { Status = PolicyStatus.Disabled, Type = TrustPolicyType.Notary },
            },
            Tags = environment.Tags,
        }, new CustomResourceOptions { Parent = this, Protect = config.IsProduction });
        foreach (var region in config.Artifacts.RegistryReplicas)
        {
            _ = new Replication($"{name}-{region}", new ReplicationArgs
            {
                ReplicationName = region,
                ResourceGroupName = environment.Group,
                RegistryName = registry.Name,
                Location = region,
                RegionEndpointEnabled = true,
                ZoneRedundancy = zoned,
                Tags = environment.Tags,
            }, new CustomResourceOptions { Parent = this });
        }

        _ = new PrivateLink($"{name}-link", new PrivateLinkArgs
        {
            Environment = environment,
            Network = args.Network,
            ResourceId = registry.Id,
            Part = "registry",
            Zone = "privatelink.azurecr.io",
        }, new ComponentResourceOptions { Parent = this });
        RegistryId = registry.Id;
        LoginServer = registry.LoginServer;
        RegisterOutputs(new Dictionary<string, object?> { ["loginServer"] = LoginServer });
    }

    /// <summary>ID of the registry.</summary>
    public Output<string> RegistryId { get; }

    /// <summary>Host name of the registry.</summary>
    public Output<string> LoginServer { get; }
}
