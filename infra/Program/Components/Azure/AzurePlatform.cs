using Pulumi;
using Reco.Infra.Configuration;
using Reco.Infra.Quota;

namespace Reco.Infra.Components.Azure;

/// <summary>Everything of a stack that is Azure's, in the order in which it depends on one another.</summary>
internal sealed class AzurePlatform
{
    /// <summary>Declares it.</summary>
    public AzurePlatform(StackConfig config)
    {
        var azure = config.Azure;
        Environment = new AzureEnvironment("environment", new AzureEnvironmentArgs { Config = azure });
        var monitoring = new AzureMonitoring("monitoring", new AzureMonitoringArgs { Environment = Environment, Config = azure });
        var network = new AzureNetwork("network", new AzureNetworkArgs { Environment = Environment, Network = azure.Network });
        Registry = new AzureRegistry("registry", new AzureRegistryArgs { Environment = Environment, Network = network, Config = azure });
        Store = new AzureModelStore("models", new AzureModelStoreArgs { Environment = Environment, Network = network, Config = azure });
        var vault = new AzureVault("vault", new AzureVaultArgs { Environment = Environment, Network = network, Config = azure });
        Cluster = new AzureCluster("cluster", new AzureClusterArgs
        {
            Environment = Environment,
            Network = network,
            Registry = Registry,
            LogsId = monitoring.LogsId,
            Config = azure,
            DriverByOperator = config.Gpu is { Operations: GpuOperationsMode.Operator, InstallDriver: true },
        });
        monitoring.Watch(Cluster, config.Monitoring.Logs == LogStore.LogAnalytics);
        monitoring.Audit("vault-audit", vault.VaultId, "AuditEvent");
        monitoring.Audit("registry-audit", Registry.RegistryId, "ContainerRegistryLoginEvents", "ContainerRegistryRepositoryEvents");
        // Reading is not logged: each start of a pod reads a bundle.
        monitoring.Audit("store-audit", Output.Format($"{Store.AccountId}/blobServices/default"), "StorageWrite", "StorageDelete");
        QuotaCheck.Start(azure);
        Access = new AccessControl("access", new AccessControlArgs
        {
            Environment = Environment,
            Cluster = Cluster,
            Store = Store,
            Namespace = config.Namespace,
        });
        Trigger = config.Training.Trigger.Queue is not { } queue ? null : new AzureTriggerQueue("trigger-queue", new AzureTriggerQueueArgs
        {
            Environment = Environment,
            Network = network,
            Cluster = Cluster,
            Store = Store,
            Access = Access,
            Queue = queue,
        });
        Signing = azure.Signing.Mode == Configuration.ImageSigning.Off ? null : new ImageSigning("image-signing", new ImageSigningArgs
        {
            Environment = Environment,
            Cluster = Cluster,
            Registry = Registry,
            Vault = vault,
            Signing = azure.Signing,
        });
    }

    /// <summary>The containers as volumes of the cluster: bundles twice, for training with an identity that writes and for
    /// scoring with one that cannot; checkpoints and data where training uses them.</summary>
    public StoreVolumes Mount(StackConfig config, ComponentResourceOptions options)
    {
        var (training, size) = (Access.TrainingClientId, config.Training.StoreSize);
        return new StoreVolumes
        {
            Bundles = Volume("bundles", AzureModelStore.Bundles, training, size, readOnly: false),
            ReadBundles = Volume("bundles-read", AzureModelStore.Bundles, Access.ScoringClientId, size, readOnly: true),
            Checkpoints = TrainingIdentity.KeepsCheckpoints(config.Training)
                ? Volume("checkpoints", AzureModelStore.Checkpoints, training, TrainingIdentity.CheckpointSize, readOnly: false)
                : null,
            Data = config.Dataset == StackConfig.StoreDataset ? Volume("data", AzureModelStore.Data, training, size, readOnly: true) : null,
        };

        Output<string> Volume(string name, string container, Input<string> client, string capacity, bool readOnly) => new BlobVolume(name, new BlobVolumeArgs
        {
            Environment = Environment,
            AccountName = Store.AccountName,
            Container = container,
            ClientId = client,
            Size = capacity,
            ReadOnly = readOnly,
        }, options).Name;
    }

    /// <summary>Names, tags, resource group.</summary>
    public AzureEnvironment Environment { get; }

    /// <summary>The registry.</summary>
    public AzureRegistry Registry { get; }

    /// <summary>The model store.</summary>
    public AzureModelStore Store { get; }

    /// <summary>The cluster.</summary>
    public AzureCluster Cluster { get; }

    /// <summary>The queue whose messages start training; null: none.</summary>
    public AzureTriggerQueue? Trigger { get; }

    /// <summary>Who signs and who checks images; null: nobody checks.</summary>
    public ImageSigning? Signing { get; }

    /// <summary>Identities of the workloads.</summary>
    public AccessControl Access { get; }
}

/// <summary>Names of the volumes of an Azure model store.</summary>
internal sealed record StoreVolumes
{
    /// <summary>Bundles, for training.</summary>
    public required Output<string> Bundles { get; init; }

    /// <summary>Bundles, for scoring: read-only.</summary>
    public required Output<string> ReadBundles { get; init; }

    /// <summary>Checkpoints; null where training keeps none.</summary>
    public Output<string>? Checkpoints { get; init; }

    /// <summary>Training data, read-only; null where the data come from elsewhere.</summary>
    public Output<string>? Data { get; init; }
}
