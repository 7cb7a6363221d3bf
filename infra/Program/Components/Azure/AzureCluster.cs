using System.Text;
using Pulumi;
using Pulumi.AzureNative.ContainerService;
using Pulumi.AzureNative.ContainerService.Inputs;
using Reco.Infra.Configuration;
using Identity = Pulumi.AzureNative.ManagedIdentity.UserAssignedIdentity;
using IdentityArgs = Pulumi.AzureNative.ManagedIdentity.UserAssignedIdentityArgs;
using KubeletIdentityArgs = Pulumi.AzureNative.ContainerService.Inputs.UserAssignedIdentityArgs;

namespace Reco.Infra.Components.Azure;

/// <summary>Arguments of <see cref="AzureCluster"/>.</summary>
internal sealed class AzureClusterArgs : ResourceArgs
{
    /// <summary>The environment.</summary>
    public required AzureEnvironment Environment { get; init; }

    /// <summary>The network.</summary>
    public required AzureNetwork Network { get; init; }

    /// <summary>The registry that its nodes pull from.</summary>
    public required AzureRegistry Registry { get; init; }

    /// <summary>ID of the Log Analytics workspace.</summary>
    public required Input<string> LogsId { get; init; }

    /// <summary>Settings of target azure.</summary>
    public required AzureConfig Config { get; init; }

    /// <summary>Whether the GPU operator installs NVIDIA's driver: the nodes must not bring one, too.</summary>
    public bool DriverByOperator { get; init; }
}

/// <summary>The cluster: AKS with identities of the directory only, Cilium, workload identity, upgrades in a maintenance
/// window, and pools for the system, for services, for GPUs and for GPUs at spot price.</summary>
internal sealed class AzureCluster : ComponentResource
{
    /// <summary>Addresses of Services.</summary>
    public const string ServiceRange = "172.29.0.0/16";

    /// <summary>Addresses of pods: a /24 for each node. AKS takes no part of 172.30.0.0/15.</summary>
    public const string PodRange = "172.20.0.0/14";

    /// <summary>Most nodes, by the addresses of their pods.</summary>
    public const int MostNodes = 1_000;

    private const string LongTermTier = "Premium";
    private const string DnsAddress = "172.29.0.10";

    /// <summary>Makes the cluster and its pools.</summary>
    public AzureCluster(string name, AzureClusterArgs args, ComponentResourceOptions? options = null)
        : base("reco:azure:Cluster", name, options)
    {
        var (environment, settings) = (args.Environment, args.Config.Cluster);
        var control = MakeIdentity("cluster-identity", "id-aks", environment);
        var kubelet = MakeIdentity("kubelet-identity", "id-kubelet", environment);
        var roles = new List<Resource>
        {
            Roles.Assign("cluster-joins-network", Roles.NetworkContributor, control.PrincipalId, args.Network.NodesSubnetId, this),
            Roles.Assign("cluster-hands-out-kubelet", Roles.ManagedIdentityOperator, control.PrincipalId, kubelet.Id, this),
            Roles.Assign("kubelet-pulls", Roles.AcrPull, kubelet.PrincipalId, args.Registry.RegistryId, this),
        };
        ClusterName = environment.NameOf("aks");
        var cluster = new ManagedCluster(name, ClusterArgs(args, control, kubelet), new CustomResourceOptions
        {
            Parent = this,
            DependsOn = [.. roles],
            // These channels move the minor version, too: what the configuration says would be a step back.
            IgnoreChanges = settings.UpgradeChannel is "stable" or "rapid" ? ["kubernetesVersion"] : [],
            Protect = args.Config.IsProduction,
            CustomTimeouts = new CustomTimeouts { Create = TimeSpan.FromMinutes(45), Update = TimeSpan.FromMinutes(90), Delete = TimeSpan.FromMinutes(45) },
        });
        Resource = cluster;
        foreach (var (window, hours) in new[] { ("aksManagedAutoUpgradeSchedule", 6), ("aksManagedNodeOSUpgradeSchedule", 4) })
        {
            _ = new MaintenanceConfiguration($"{name}-{window}", new MaintenanceConfigurationArgs
            {
                ConfigName = window,
                ResourceGroupName = environment.Group,
                ResourceName = cluster.Name,
                MaintenanceWindow = new MaintenanceWindowArgs
                {
                    DurationHours = hours,
                    StartTime = $"{settings.MaintenanceHour:00}:00",
                    UtcOffset = "+00:00",
                    Schedule = new ScheduleArgs { Weekly = new WeeklyScheduleArgs { DayOfWeek = settings.MaintenanceDay, IntervalWeeks = 1 } },
                },
            }, new CustomResourceOptions { Parent = this, DeletedWith = cluster });
        }

        foreach (var pool in Pools(args.Config))
        {
            NodePool.Make(pool with { WithoutDriver = pool.Gpu is not null && args.DriverByOperator }, cluster, environment, args.Network.NodesSubnetId, this);
        }

        OidcIssuer = cluster.OidcIssuerProfile.Apply(profile => profile!.IssuerURL);
        Kubeconfig = Output.CreateSecret(MakeKubeconfig(cluster, environment, args.Config.Network.PrivateCluster));
        RegisterOutputs(new Dictionary<string, object?> { ["clusterName"] = ClusterName, ["oidcIssuer"] = OidcIssuer });
    }

    /// <summary>Name of the cluster.</summary>
    public string ClusterName { get; }

    /// <summary>The cluster itself: what is in it is deleted with it.</summary>
    public ManagedCluster Resource { get; }

    /// <summary>Issuer of the tokens of service accounts.</summary>
    public Output<string> OidcIssuer { get; }

    /// <summary>How to reach the cluster, as a secret. It names kubelogin, which logs in as whoever runs it; it holds no
    /// credential of its own.</summary>
    public Output<string> Kubeconfig { get; }

    /// <summary>The pools that the settings ask for, beside the system's.</summary>
    public static IEnumerable<NodePoolSpec> Pools(AzureConfig config)
    {
        var settings = config.Cluster;
        yield return new NodePoolSpec { Role = "cpu", VmSize = settings.CpuSize, Least = settings.CpuMinNodes, Most = settings.CpuMaxNodes, Zones = config.Zones };
        if (settings.GpuSku is null)
        {
            yield break;
        }

        // Not every zone has every GPU: Azure chooses one where it has some.
        var gpu = new NodePoolSpec { Role = "gpu", VmSize = settings.GpuSku, Most = settings.GpuMaxNodes, Gpu = GpuSku.Known[settings.GpuSku], GpuInstanceProfile = settings.GpuInstanceProfile };
        if (settings.GpuMaxNodes > 0)
        {
            yield return gpu;
        }

        if (settings.GpuSpotMaxNodes > 0)
        {
            yield return gpu with { Role = "spot", Most = settings.GpuSpotMaxNodes, IsSpot = true, GpuInstanceProfile = null };
        }
    }

    private static ManagedClusterArgs ClusterArgs(AzureClusterArgs args, Identity control, Identity kubelet)
    {
        var (environment, settings) = (args.Environment, args.Config.Cluster);
        var cluster = new ManagedClusterArgs
        {
            ResourceName = environment.NameOf("aks"),
            ResourceGroupName = environment.Group,
            Location = environment.Location,
            NodeResourceGroup = environment.NameOf("rg-nodes"),
            DnsPrefix = environment.NameOf("aks"),
            KubernetesVersion = settings.KubernetesVersion,
            Sku = new ManagedClusterSKUArgs { Name = ManagedClusterSKUName.Base, Tier = settings.Tier },
            Identity = new ManagedClusterIdentityArgs { Type = ResourceIdentityType.UserAssigned, UserAssignedIdentities = { control.Id } },
            IdentityProfile =
            {
                ["kubeletidentity"] = new KubeletIdentityArgs { ResourceId = kubelet.Id, ClientId = kubelet.ClientId, ObjectId = kubelet.PrincipalId },
            },
            DisableLocalAccounts = true,
            EnableRBAC = true,
            AadProfile = new ManagedClusterAADProfileArgs { Managed = true, EnableAzureRBAC = true, AdminGroupObjectIDs = [.. settings.AdminGroups] },
            OidcIssuerProfile = new ManagedClusterOIDCIssuerProfileArgs { Enabled = true },
            SecurityProfile = Security(args),
            NetworkProfile = new ContainerServiceNetworkProfileArgs
            {
                NetworkPlugin = NetworkPlugin.Azure,
                NetworkPluginMode = NetworkPluginMode.Overlay,
                NetworkDataplane = NetworkDataplane.Cilium,
                NetworkPolicy = NetworkPolicy.Cilium,
                OutboundType = OutboundType.UserAssignedNATGateway,
                PodCidr = PodRange,
                ServiceCidr = ServiceRange,
                DnsServiceIP = DnsAddress,
                LoadBalancerSku = LoadBalancerSku.Standard,
            },
            ApiServerAccessProfile = ApiServer(args.Config.Network, args.Network.EgressAddress),
            AutoUpgradeProfile = new ManagedClusterAutoUpgradeProfileArgs { UpgradeChannel = settings.UpgradeChannel, NodeOSUpgradeChannel = NodeOSUpgradeChannel.NodeImage },
            AutoScalerProfile = new ManagedClusterPropertiesAutoScalerProfileArgs
            {
                Expander = Expander.Least_waste,
                BalanceSimilarNodeGroups = "true",
                ScaleDownUnneededTime = "10m",
                SkipNodesWithSystemPods = "false",
            },
            StorageProfile = new ManagedClusterStorageProfileArgs { BlobCSIDriver = new ManagedClusterStorageProfileBlobCSIDriverArgs { Enabled = true } },
            WorkloadAutoScalerProfile = new ManagedClusterWorkloadAutoScalerProfileArgs { Keda = new ManagedClusterWorkloadAutoScalerProfileKedaArgs { Enabled = true } },
            AddonProfiles =
            {
                ["omsagent"] = new ManagedClusterAddonProfileArgs { Enabled = true, Config = { ["logAnalyticsWorkspaceResourceID"] = args.LogsId, ["useAADAuth"] = "true" } },
                ["azurepolicy"] = new ManagedClusterAddonProfileArgs { Enabled = true },
            },
            AgentPoolProfiles = { SystemPool(args) },
            Tags = environment.Tags,
        };
        if (settings.Tier == LongTermTier)
        {
            cluster.SupportPlan = KubernetesSupportPlan.AKSLongTermSupport;
        }

        if (args.Config.AzureMonitor)
        {
            cluster.AzureMonitorProfile = new ManagedClusterAzureMonitorProfileArgs { Metrics = new ManagedClusterAzureMonitorProfileMetricsArgs { Enabled = true } };
        }

        return cluster;
    }

    private static ManagedClusterSecurityProfileArgs Security(AzureClusterArgs args)
    {
        var profile = new ManagedClusterSecurityProfileArgs
        {
            WorkloadIdentity = new ManagedClusterSecurityProfileWorkloadIdentityArgs { Enabled = true },
            ImageCleaner = new ManagedClusterSecurityProfileImageCleanerArgs { Enabled = true, IntervalHours = 48 },
        };
        if (args.Config.Cluster.Defender)
        {
            profile.Defender = new ManagedClusterSecurityProfileDefenderArgs
            {
                LogAnalyticsWorkspaceResourceId = args.LogsId,
                SecurityMonitoring = new ManagedClusterSecurityProfileDefenderSecurityMonitoringArgs { Enabled = true },
            };
        }

        return profile;
    }

    private static ManagedClusterAPIServerAccessProfileArgs ApiServer(NetworkConfig network, Output<string?> egress)
    {
        var profile = new ManagedClusterAPIServerAccessProfileArgs { EnablePrivateCluster = network.PrivateCluster, DisableRunCommand = true };
        if (network.PrivateCluster)
        {
            profile.PrivateDNSZone = "system";
            profile.EnablePrivateClusterPublicFQDN = false;
        }
        else
        {
            profile.AuthorizedIPRanges = [.. network.AuthorizedIpRanges];
            // The nodes call it, too, and come through the NAT gateway.
            profile.AuthorizedIPRanges.Add(egress.Apply(address => $"{address}/32"));
        }

        return profile;
    }

    private static ManagedClusterAgentPoolProfileArgs SystemPool(AzureClusterArgs args) => new()
    {
        Name = "system",
        Mode = AgentPoolMode.System,
        Type = AgentPoolType.VirtualMachineScaleSets,
        VmSize = args.Config.Cluster.SystemSize,
        Count = args.Config.Cluster.SystemNodes,
        OsType = OSType.Linux,
        OsSKU = OSSKU.AzureLinux,
        EnableEncryptionAtHost = true,
        EnableNodePublicIP = false,
        VnetSubnetID = args.Network.NodesSubnetId,
        AvailabilityZones = [.. args.Config.Zones],
        NodeTaints = { "CriticalAddonsOnly=true:NoSchedule" },
        UpgradeSettings = new AgentPoolUpgradeSettingsArgs { MaxSurge = "33%" },
    };

    private static Output<string> MakeKubeconfig(ManagedCluster cluster, AzureEnvironment environment, bool isPrivate) =>
        ListManagedClusterUserCredentials.Invoke(new ListManagedClusterUserCredentialsInvokeArgs
        {
            ResourceGroupName = environment.Group,
            ResourceName = cluster.Name,
            Format = "exec",
            // Known once the cluster answers, so that a preview of a new cluster does not ask for credentials.
            ServerFqdn = isPrivate ? cluster.PrivateFQDN : cluster.Fqdn,
        }).Apply(credentials => Encoding.UTF8.GetString(Convert.FromBase64String(credentials.Kubeconfigs[0].Value)));

    private Identity MakeIdentity(string name, string kind, AzureEnvironment environment) => new(name, new IdentityArgs
    {
        ResourceName = environment.NameOf(kind),
        ResourceGroupName = environment.Group,
        Location = environment.Location,
        Tags = environment.Tags,
    }, new CustomResourceOptions { Parent = this });
}
