using Pulumi;
using Reco.Infra.Configuration;

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
        });
        monitoring.Watch(Cluster);
        Access = new AccessControl("access", new AccessControlArgs
        {
            Environment = Environment,
            Cluster = Cluster,
            Store = Store,
            Vault = vault,
            Namespace = config.Namespace,
        });
    }

    /// <summary>The container of bundles as a volume of the cluster; its name.</summary>
    public Output<string> MountBundles(StackConfig config, ComponentResourceOptions options) => new BlobVolume("bundles", new BlobVolumeArgs
    {
        Environment = Environment,
        AccountName = Store.AccountName,
        Container = AzureModelStore.Bundles,
        ClientId = Access.TrainingClientId,
        Size = config.Training.StoreSize,
    }, options).Name;

    /// <summary>Names, tags, resource group.</summary>
    public AzureEnvironment Environment { get; }

    /// <summary>The registry.</summary>
    public AzureRegistry Registry { get; }

    /// <summary>The model store.</summary>
    public AzureModelStore Store { get; }

    /// <summary>The cluster.</summary>
    public AzureCluster Cluster { get; }

    /// <summary>Identities of the workloads.</summary>
    public AccessControl Access { get; }
}
