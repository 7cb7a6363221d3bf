using Pulumi;
using Pulumi.AzureNative.Storage;
using Pulumi.AzureNative.Storage.Inputs;
using Reco.Infra.Configuration;

namespace Reco.Infra.Components.Azure;

/// <summary>Arguments of <see cref="AzureModelStore"/>.</summary>
internal sealed class AzureModelStoreArgs : ResourceArgs
{
    /// <summary>The environment.</summary>
    public required AzureEnvironment Environment { get; init; }

    /// <summary>The network from which it is reached.</summary>
    public required AzureNetwork Network { get; init; }

    /// <summary>Settings of target azure.</summary>
    public required AzureConfig Config { get; init; }
}

/// <summary>Where model bundles, training data and checkpoints are kept: a storage account that takes identities only, from
/// within the network; bundles cannot be changed once written.</summary>
internal sealed class AzureModelStore : ComponentResource
{
    /// <summary>Container of model bundles.</summary>
    public const string Bundles = "bundles";

    /// <summary>Container of training data.</summary>
    public const string Data = "data";

    /// <summary>Container of training checkpoints, which live for two weeks.</summary>
    public const string Checkpoints = "checkpoints";

    private const int CheckpointDays = 14;
    private const int CoolDays = 60;

    /// <summary>Makes the account, its containers, rules and private endpoint.</summary>
    public AzureModelStore(string name, AzureModelStoreArgs args, ComponentResourceOptions? options = null)
        : base("reco:azure:ModelStore", name, options)
    {
        var (environment, config) = (args.Environment, args.Config);
        var account = new StorageAccount(name, new StorageAccountArgs
        {
            ResourceGroupName = environment.Group,
            Location = environment.Location,
            Kind = Kind.StorageV2,
            Sku = new SkuArgs { Name = config.Artifacts.StorageRedundancy },
            AccessTier = AccessTier.Hot,
            AllowBlobPublicAccess = false,
            AllowSharedKeyAccess = false,
            AllowCrossTenantReplication = false,
            DefaultToOAuthAuthentication = true,
            IsLocalUserEnabled = false,
            EnableHttpsTrafficOnly = true,
            MinimumTlsVersion = MinimumTlsVersion.TLS1_2,
            PublicNetworkAccess = PublicNetworkAccess.Disabled,
            NetworkRuleSet = new NetworkRuleSetArgs { DefaultAction = DefaultAction.Deny, Bypass = Bypass.AzureServices },
            Encryption = new EncryptionArgs
            {
                KeySource = KeySource.Microsoft_Storage,
                RequireInfrastructureEncryption = true,
                Services = new EncryptionServicesArgs { Blob = new EncryptionServiceArgs { Enabled = true, KeyType = KeyType.Account } },
            },
            Tags = environment.Tags,
        }, new CustomResourceOptions { Parent = this, Protect = config.IsProduction });
        AccountId = account.Id;
        AccountName = account.Name;

        var child = new CustomResourceOptions { Parent = this };
        var service = new BlobServiceProperties($"{name}-service", new BlobServicePropertiesArgs
        {
            BlobServicesName = "default",
            ResourceGroupName = environment.Group,
            AccountName = account.Name,
            IsVersioningEnabled = true,
            ChangeFeed = new ChangeFeedArgs { Enabled = true, RetentionInDays = 30 },
            DeleteRetentionPolicy = new DeleteRetentionPolicyArgs { Enabled = true, Days = config.Artifacts.SoftDeleteDays },
            ContainerDeleteRetentionPolicy = new DeleteRetentionPolicyArgs { Enabled = true, Days = config.Artifacts.SoftDeleteDays },
        }, child);
        var containers = new[] { Bundles, Data, Checkpoints }.ToDictionary(container => container, container => MakeContainer($"{name}-{container}", container, account, service, args));
        if (config.Ttl is null)
        {
            _ = new BlobContainerImmutabilityPolicy($"{name}-bundles-stay", new BlobContainerImmutabilityPolicyArgs
            {
                ImmutabilityPolicyName = "default",
                ResourceGroupName = environment.Group,
                AccountName = account.Name,
                ContainerName = containers[Bundles].Name,
                ImmutabilityPeriodSinceCreationInDays = config.Artifacts.BundleImmutableDays,
                AllowProtectedAppendWrites = false,
            }, child);
        }

        _ = new ManagementPolicy($"{name}-lifecycle", new ManagementPolicyArgs
        {
            ManagementPolicyName = "default",
            ResourceGroupName = environment.Group,
            AccountName = account.Name,
            Policy = new ManagementPolicySchemaArgs
            {
                Rules =
                {
                    Lifecycle("checkpoints-go", Checkpoints, new ManagementPolicyBaseBlobArgs { Delete = new DateAfterModificationArgs { DaysAfterModificationGreaterThan = CheckpointDays } }),
                    // What a bundle was before it got its final name: the policy keeps it as an old version until its time is over.
                    Lifecycle("old-versions-go", Bundles, version: new ManagementPolicyVersionArgs { Delete = new DateAfterCreationArgs { DaysAfterCreationGreaterThan = config.Artifacts.BundleImmutableDays } }),
                    Lifecycle("bundles-cool-down", Bundles, new ManagementPolicyBaseBlobArgs { TierToCool = new DateAfterModificationArgs { DaysAfterModificationGreaterThan = CoolDays } }),
                },
            },
        }, new CustomResourceOptions { Parent = this, DependsOn = { service } });
        _ = new PrivateLink($"{name}-link", new PrivateLinkArgs
        {
            Environment = environment,
            Network = args.Network,
            ResourceId = account.Id,
            Part = "blob",
            Zone = "privatelink.blob.core.windows.net",
        }, new ComponentResourceOptions { Parent = this });

        ContainerIds = containers.ToDictionary(entry => entry.Key, entry => entry.Value.Id);
        RegisterOutputs(new Dictionary<string, object?> { ["accountName"] = AccountName });
    }

    /// <summary>ID of the account.</summary>
    public Output<string> AccountId { get; }

    /// <summary>Name of the account.</summary>
    public Output<string> AccountName { get; }

    /// <summary>IDs of the containers by name.</summary>
    public IReadOnlyDictionary<string, Output<string>> ContainerIds { get; }

    /// <summary>A container. That of bundles keeps every version of a blob unchanged, rather than every blob: writing and renaming files
    /// of a mounted volume overwrites and deletes blobs, which a policy of the whole container would refuse. A stack that lives for a
    /// time keeps none: with versions that nobody may delete it could not be taken down when its time is over.</summary>
    private BlobContainer MakeContainer(string name, string container, StorageAccount account, Resource service, AzureModelStoreArgs store)
    {
        var args = new BlobContainerArgs
        {
            ContainerName = container,
            ResourceGroupName = store.Environment.Group,
            AccountName = account.Name,
            PublicAccess = PublicAccess.None,
        };
        if (container == Bundles && store.Config.Ttl is null)
        {
            args.ImmutableStorageWithVersioning = new ImmutableStorageWithVersioningArgs { Enabled = true };
        }

        return new BlobContainer(name, args, new CustomResourceOptions { Parent = this, DependsOn = { service } });
    }

    private static ManagementPolicyRuleArgs Lifecycle(string name, string container, ManagementPolicyBaseBlobArgs? blob = null, ManagementPolicyVersionArgs? version = null) => new()
    {
        Name = name,
        Enabled = true,
        Type = RuleType.Lifecycle,
        Definition = new ManagementPolicyDefinitionArgs
        {
            Filters = new ManagementPolicyFilterArgs { BlobTypes = { "blockBlob" }, PrefixMatch = { $"{container}/" } },
            Actions = Actions(blob, version),
        },
    };

    private static ManagementPolicyActionArgs Actions(ManagementPolicyBaseBlobArgs? blob, ManagementPolicyVersionArgs? version)
    {
        var actions = new ManagementPolicyActionArgs();
        if (blob is not null)
        {
            actions.BaseBlob = blob;
        }

        if (version is not null)
        {
            actions.Version = version;
        }

        return actions;
    }
}
