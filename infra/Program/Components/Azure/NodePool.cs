using System.Security.Cryptography;
using System.Text;
using Pulumi;
using Pulumi.AzureNative.ContainerService;
using Pulumi.AzureNative.ContainerService.Inputs;
using Reco.Infra.Configuration;

namespace Reco.Infra.Components.Azure;

/// <summary>What a node pool is.</summary>
internal sealed record NodePoolSpec
{
    /// <summary>What it is for, at most 6 lower-case letters: the start of its name and the value of its label.</summary>
    public required string Role { get; init; }

    /// <summary>Size of its machines.</summary>
    public required string VmSize { get; init; }

    /// <summary>Fewest nodes.</summary>
    public int Least { get; init; }

    /// <summary>Most nodes.</summary>
    public required int Most { get; init; }

    /// <summary>Whether its machines may be taken away for a lower price.</summary>
    public bool IsSpot { get; init; }

    /// <summary>The GPUs; null for machines without.</summary>
    public GpuSku? Gpu { get; init; }

    /// <summary>MIG profile; null for whole GPUs.</summary>
    public string? GpuInstanceProfile { get; init; }

    /// <summary>Whether the machines come without NVIDIA's driver, because the GPU operator installs it.</summary>
    public bool WithoutDriver { get; init; }

    /// <summary>Availability zones.</summary>
    public IReadOnlyList<string> Zones { get; init; } = [];

    /// <summary>Name in AKS: the role and a digest of what cannot be changed, so that a pool of another size is a pool of
    /// another name, which can be there before the old one goes. At most 12 letters and digits.</summary>
    public string Name
    {
        get
        {
            var fixedPart = $"{VmSize}|{IsSpot}|{GpuInstanceProfile}|{string.Join(',', Zones)}{(WithoutDriver ? "|no driver" : "")}";
            return Role + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(fixedPart)))[..6];
        }
    }
}

/// <summary>Makes node pools of a cluster.</summary>
internal static class NodePool
{
    /// <summary>Label of the pool's role; pods choose their nodes by it.</summary>
    public const string RoleLabel = "reco.dev/pool";

    private const string GpuTaint = "sku=gpu:NoSchedule";
    private const string SpotTaint = "kubernetes.azure.com/scalesetpriority=spot:NoSchedule";

    /// <summary>A pool. A changed size makes a new pool under a new name and then drains and deletes the old one.</summary>
    public static AgentPool Make(NodePoolSpec spec, ManagedCluster cluster, AzureEnvironment environment, Input<string> subnetId, ComponentResource parent)
    {
        var args = new AgentPoolArgs
        {
            AgentPoolName = spec.Name,
            ResourceGroupName = environment.Group,
            ResourceName = cluster.Name,
            VmSize = spec.VmSize,
            Mode = AgentPoolMode.User,
            Type = AgentPoolType.VirtualMachineScaleSets,
            OsType = OSType.Linux,
            OsSKU = OSSKU.AzureLinux,
            EnableAutoScaling = true,
            MinCount = spec.Least,
            MaxCount = spec.Most,
            Count = spec.Least,
            EnableEncryptionAtHost = true,
            EnableNodePublicIP = false,
            VnetSubnetID = subnetId,
            AvailabilityZones = [.. spec.Zones],
            NodeLabels = { [RoleLabel] = spec.Role },
            ScaleDownMode = ScaleDownMode.Delete,
            Tags = environment.Tags,
        };
        if (spec.Gpu is { } gpu)
        {
            args.OsSKU = OSSKU.Ubuntu;
            if (spec.WithoutDriver)
            {
                args.GpuProfile = new GPUProfileArgs { Driver = GPUDriver.None };
            }

            args.NodeTaints.Add(GpuTaint);
            args.NodeLabels.Add(PodDefaults.GpuTypeLabel, gpu.Type.ToString().ToLowerInvariant());
            args.NodeLabels.Add("reco.dev/gpus", $"{gpu.Gpus}");
            if (spec.GpuInstanceProfile is { } profile)
            {
                args.GpuInstanceProfile = profile;
                args.NodeLabels.Add("reco.dev/mig", profile);
            }
        }

        if (spec.IsSpot)
        {
            args.ScaleSetPriority = ScaleSetPriority.Spot;
            args.ScaleSetEvictionPolicy = ScaleSetEvictionPolicy.Delete;
            args.SpotMaxPrice = -1;
            args.NodeTaints.Add(SpotTaint);
        }
        else
        {
            // Spot pools take no surge.
            args.UpgradeSettings = new AgentPoolUpgradeSettingsArgs { MaxSurge = "33%", DrainTimeoutInMinutes = 30 };
        }

        return new AgentPool($"{spec.Role}-pool", args, new CustomResourceOptions
        {
            Parent = parent,
            DeleteBeforeReplace = false,
            // The autoscaler moves it.
            IgnoreChanges = { "count" },
            DeletedWith = cluster,
        });
    }
}
