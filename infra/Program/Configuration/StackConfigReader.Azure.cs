using Pulumi;

namespace Reco.Infra.Configuration;

/// <summary>Binds the settings of target azure.</summary>
internal sealed partial class StackConfigReader
{
    private AzureConfig BindAzure(AzureConfig defaults)
    {
        var provider = new Config("azure-native");
        var zones = List("zones") switch
        {
            [] => defaults.Zones,
            ["none"] => [],
            var named => named,
        };
        return new AzureConfig
        {
            Location = provider.Get("location"),
            TenantId = provider.Get("tenantId"),
            SubscriptionId = provider.Get("subscriptionId"),
            Environment = Text("environment") ?? Deployment.Instance.StackName,
            Owner = Text("owner"),
            CostCentre = Text("costCentre"),
            Ttl = Text("ttl"),
            Expires = Text("expires"),
            Zones = zones,
            MonthlyBudget = Integer("monthlyBudget", defaults.MonthlyBudget),
            BudgetEmails = List("budgetEmails"),
            LogRetentionDays = Integer("logRetentionDays", defaults.LogRetentionDays),
            AzureMonitor = Flag("azureMonitor", defaults.AzureMonitor),
            Network = new NetworkConfig
            {
                AddressSpace = Text("addressSpace") ?? defaults.Network.AddressSpace,
                PrivateCluster = Flag("privateCluster", defaults.Network.PrivateCluster),
                AuthorizedIpRanges = List("authorizedIpRanges"),
            },
            Cluster = BindCluster(defaults.Cluster),
            Signing = new SigningConfig
            {
                Mode = Enumeration("imageSigning", defaults.Signing.Mode),
                Certificate = Text("signingCertificate") ?? defaults.Signing.Certificate,
                Subject = Text("signingSubject") ?? defaults.Signing.Subject,
                Repository = Text("signingRepository"),
            },
            Artifacts = new ArtifactConfig
            {
                RegistryReplicas = [.. List("registryReplicas")],
                StorageRedundancy = Text("storageRedundancy") ?? (zones.Count == 0 ? "Standard_LRS" : defaults.Artifacts.StorageRedundancy),
                BundleImmutableDays = Integer("bundleImmutableDays", defaults.Artifacts.BundleImmutableDays),
                SoftDeleteDays = Integer("softDeleteDays", defaults.Artifacts.SoftDeleteDays),
            },
        };
    }

    private ClusterConfig BindCluster(ClusterConfig defaults) => new()
    {
        KubernetesVersion = Text("kubernetesVersion") ?? defaults.KubernetesVersion,
        Tier = Text("clusterTier") ?? defaults.Tier,
        AdminGroups = List("adminGroups"),
        UpgradeChannel = Text("upgradeChannel") ?? defaults.UpgradeChannel,
        MaintenanceDay = Text("maintenanceDay") ?? defaults.MaintenanceDay,
        MaintenanceHour = Integer("maintenanceHour", defaults.MaintenanceHour),
        Defender = Flag("defender", defaults.Defender),
        SystemSize = Text("systemSize") ?? defaults.SystemSize,
        SystemNodes = Integer("systemNodes", defaults.SystemNodes),
        CpuSize = Text("cpuSize") ?? defaults.CpuSize,
        CpuMinNodes = Integer("cpuMinNodes", defaults.CpuMinNodes),
        CpuMaxNodes = Integer("cpuMaxNodes", defaults.CpuMaxNodes),
        GpuSku = Text("gpuSku"),
        GpuInstanceProfile = Text("gpuInstanceProfile"),
        GpuMaxNodes = Integer("gpuMaxNodes", defaults.GpuMaxNodes),
        GpuSpotMaxNodes = Integer("gpuSpotMaxNodes", defaults.GpuSpotMaxNodes),
    };
}
