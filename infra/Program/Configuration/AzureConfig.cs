using System.Collections.Immutable;

namespace Reco.Infra.Configuration;

/// <summary>Settings of target azure.</summary>
internal sealed record AzureConfig
{
    /// <summary><c>azure-native:location</c>: region of everything.</summary>
    public string? Location { get; init; }

    /// <summary><c>azure-native:tenantId</c>: directory of the identities; null: that of who is logged in.</summary>
    public string? TenantId { get; init; }

    /// <summary><c>azure-native:subscriptionId</c>: who pays; null: that of who is logged in.</summary>
    public string? SubscriptionId { get; init; }

    /// <summary><c>reco:environment</c>: what the stack is, for names and tags; the stack's name if not set.</summary>
    public string Environment { get; init; } = "";

    /// <summary><c>reco:owner</c>: tag: who answers for the stack.</summary>
    public string? Owner { get; init; }

    /// <summary><c>reco:costCentre</c>: tag: who pays for it.</summary>
    public string? CostCentre { get; init; }

    /// <summary><c>reco:expires</c>: tag of short-lived stacks: UTC time after which <c>reco ttl</c> takes them down.</summary>
    public string? Expires { get; init; }

    /// <summary><c>reco:ttl</c>: life of a short-lived stack, for example <c>8h</c>; null: it stays.</summary>
    public string? Ttl { get; init; }

    /// <summary><c>reco:zones</c>: availability zones, separated by commas; <c>none</c> in regions without any.</summary>
    public IReadOnlyList<string> Zones { get; init; } = ["1", "2", "3"];

    /// <summary><c>reco:monthlyBudget</c>: USD a month that the stack may cost: a policy holds the plan against it, and Azure
    /// warns when the bill comes near it; 0: no budget.</summary>
    public int MonthlyBudget { get; init; }

    /// <summary><c>reco:budgetEmails</c>: who is warned.</summary>
    public IReadOnlyList<string> BudgetEmails { get; init; } = [];

    /// <summary>The network.</summary>
    public NetworkConfig Network { get; init; } = new();

    /// <summary>The cluster.</summary>
    public ClusterConfig Cluster { get; init; } = new();

    /// <summary>Registry and model store.</summary>
    public ArtifactConfig Artifacts { get; init; } = new();

    /// <summary>Signatures of images.</summary>
    public SigningConfig Signing { get; init; } = new();

    /// <summary><c>reco:logRetentionDays</c>: days that Log Analytics keeps logs.</summary>
    public int LogRetentionDays { get; init; } = 30;

    /// <summary><c>reco:azureMonitor</c>: an Azure Monitor workspace for metrics, with Grafana in front of it.</summary>
    public bool AzureMonitor { get; init; }

    /// <summary>Whether the stack is for production: data is protected from deletion.</summary>
    public bool IsProduction => Environment is "prod" or "production";
}

/// <summary>Settings of the network.</summary>
internal sealed record NetworkConfig
{
    /// <summary><c>reco:addressSpace</c>: addresses of the network; a /16.</summary>
    public string AddressSpace { get; init; } = "10.40.0.0/16";

    /// <summary><c>reco:privateCluster</c>: the API server has an address in the network only.</summary>
    public bool PrivateCluster { get; init; } = true;

    /// <summary><c>reco:authorizedIpRanges</c>: ranges that may reach a public API server.</summary>
    public IReadOnlyList<string> AuthorizedIpRanges { get; init; } = [];
}

/// <summary>Settings of the cluster.</summary>
internal sealed record ClusterConfig
{
    /// <summary><c>reco:kubernetesVersion</c>: minor version; the upgrade channel moves its patches.</summary>
    public string KubernetesVersion { get; init; } = "1.35";

    /// <summary><c>reco:clusterTier</c>: Free, Standard (with an uptime agreement) or Premium (long-term support).</summary>
    public string Tier { get; init; } = "Standard";

    /// <summary><c>reco:adminGroups</c>: object IDs of the Entra groups that administer the cluster.</summary>
    public IReadOnlyList<string> AdminGroups { get; init; } = [];

    /// <summary><c>reco:upgradeChannel</c>.</summary>
    public string UpgradeChannel { get; init; } = "patch";

    /// <summary><c>reco:maintenanceDay</c>: day of the week on which upgrades start.</summary>
    public string MaintenanceDay { get; init; } = "Tuesday";

    /// <summary><c>reco:maintenanceHour</c>: UTC hour at which they start.</summary>
    public int MaintenanceHour { get; init; } = 2;

    /// <summary><c>reco:defender</c>: Microsoft Defender watches the nodes.</summary>
    public bool Defender { get; init; } = true;

    /// <summary><c>reco:systemSize</c>: size of the system nodes.</summary>
    public string SystemSize { get; init; } = "Standard_D4ds_v5";

    /// <summary><c>reco:systemNodes</c>.</summary>
    public int SystemNodes { get; init; } = 3;

    /// <summary><c>reco:cpuSize</c>: size of the nodes of services and of training without GPUs.</summary>
    public string CpuSize { get; init; } = "Standard_D8ds_v5";

    /// <summary><c>reco:cpuMinNodes</c>.</summary>
    public int CpuMinNodes { get; init; } = 1;

    /// <summary><c>reco:cpuMaxNodes</c>.</summary>
    public int CpuMaxNodes { get; init; } = 6;

    /// <summary><c>reco:gpuSku</c>: size of the GPU nodes, one of <see cref="GpuSku.Known"/>; null: no GPU pools.</summary>
    public string? GpuSku { get; init; }

    /// <summary><c>reco:gpuInstanceProfile</c>: MIG profile that AKS sets up on every GPU node; null: whole GPUs.</summary>
    public string? GpuInstanceProfile { get; init; }

    /// <summary><c>reco:gpuMaxNodes</c>: most on-demand GPU nodes; the fewest are 0.</summary>
    public int GpuMaxNodes { get; init; } = 2;

    /// <summary><c>reco:gpuSpotMaxNodes</c>: most spot GPU nodes, for training; 0: no such pool.</summary>
    public int GpuSpotMaxNodes { get; init; } = 4;
}

/// <summary>Settings of the registry and the model store.</summary>
internal sealed record ArtifactConfig
{
    /// <summary><c>reco:registryReplicas</c>: further regions that hold the images.</summary>
    public ImmutableArray<string> RegistryReplicas { get; init; } = [];

    /// <summary><c>reco:storageRedundancy</c>: of the model store; across zones where there are any.</summary>
    public string StorageRedundancy { get; init; } = "Standard_ZRS";

    /// <summary><c>reco:bundleImmutableDays</c>: days for which a bundle can be neither changed nor deleted.</summary>
    public int BundleImmutableDays { get; init; } = 30;

    /// <summary><c>reco:softDeleteDays</c>: days for which something deleted can be had back.</summary>
    public int SoftDeleteDays { get; init; } = 14;
}
