using Pulumi;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Reco.Infra.Configuration;

namespace Reco.Infra.Components;

/// <summary>What every pod of the stack has: the <c>restricted</c> Pod Security Standard, and how GPUs and spot nodes are
/// asked for.</summary>
internal static class PodDefaults
{
    /// <summary>Node label that a stack's own node pools carry: the kind of their GPUs, in lower case. The cluster's
    /// autoscaler knows it before the first node is there; NVIDIA's product label comes with the node.</summary>
    public const string GpuTypeLabel = "reco.dev/gpu-type";

    /// <summary>Taint and label of AKS spot nodes.</summary>
    public const string SpotLabel = "kubernetes.azure.com/scalesetpriority";

    /// <summary>Taint and label of AKS GPU pools.</summary>
    private const string GpuTaint = "sku";

    /// <summary>User and group of the containers: the <c>app</c> user of .NET's container images.</summary>
    private const int User = 1654;

    /// <summary>Pod-level part of the restricted standard.</summary>
    public static PodSecurityContextArgs PodSecurity() => new()
    {
        RunAsNonRoot = true,
        RunAsUser = User,
        RunAsGroup = User,
        FsGroup = User,
        // A volume with many bundles is not walked through at each start.
        FsGroupChangePolicy = "OnRootMismatch",
        SeccompProfile = new SeccompProfileArgs { Type = "RuntimeDefault" },
    };

    /// <summary>Container-level part of the restricted standard, with a read-only root file system.</summary>
    public static SecurityContextArgs ContainerSecurity() => new()
    {
        AllowPrivilegeEscalation = false,
        ReadOnlyRootFilesystem = true,
        Capabilities = new CapabilitiesArgs { Drop = { "ALL" } },
    };

    /// <summary>Requests and limits. CPU has no limit: throttling would cost latency, and requests already divide a busy
    /// node. GPUs stand in both, as Kubernetes wants of extended resources, and so that the GPU exporter can name the pod.</summary>
    public static ResourceRequirementsArgs Resources(string cpu, string memory, string memoryLimit, int gpus)
    {
        var resources = new ResourceRequirementsArgs
        {
            Requests = { ["cpu"] = cpu, ["memory"] = memory },
            Limits = { ["memory"] = memoryLimit },
        };
        if (gpus > 0)
        {
            resources.Requests.Add("nvidia.com/gpu", $"{gpus}");
            resources.Limits.Add("nvidia.com/gpu", $"{gpus}");
        }

        return resources;
    }

    /// <summary>Tolerations of the taints of GPU nodes (AKS pools' and NVIDIA's customary one) and of AKS spot nodes.</summary>
    public static InputList<TolerationArgs> Tolerations(int gpus, bool spot = false)
    {
        var tolerations = new InputList<TolerationArgs>();
        if (gpus > 0)
        {
            tolerations.Add(new TolerationArgs { Key = GpuTaint, Operator = "Equal", Value = "gpu", Effect = "NoSchedule" });
            tolerations.Add(new TolerationArgs { Key = "nvidia.com/gpu", Operator = "Exists", Effect = "NoSchedule" });
        }

        if (spot)
        {
            tolerations.Add(new TolerationArgs { Key = SpotLabel, Operator = "Equal", Value = "spot", Effect = "NoSchedule" });
        }

        return tolerations;
    }

    /// <summary>Nodes with the kind of GPU, by either label; spot nodes first where those will do. Null for a pod that goes
    /// anywhere.</summary>
    public static AffinityArgs? Affinity(int gpus, GpuType type, bool spot = false)
    {
        var isPicky = gpus > 0 && type != GpuType.Any;
        if (!isPicky && !spot)
        {
            return null;
        }

        var nodes = new NodeAffinityArgs();
        if (isPicky)
        {
            // Terms are alternatives.
            nodes.RequiredDuringSchedulingIgnoredDuringExecution = new NodeSelectorArgs
            {
                NodeSelectorTerms =
                {
                    new NodeSelectorTermArgs { MatchExpressions = { OneOf(GpuTypeLabel, [type.ToString().ToLowerInvariant()]) } },
                    new NodeSelectorTermArgs { MatchExpressions = { OneOf(GpuShape.ProductLabel, GpuShape.Of(type).ProductLabels) } },
                },
            };
        }

        if (spot)
        {
            nodes.PreferredDuringSchedulingIgnoredDuringExecution.Add(new PreferredSchedulingTermArgs
            {
                Weight = 100,
                Preference = new NodeSelectorTermArgs { MatchExpressions = { OneOf(SpotLabel, ["spot"]) } },
            });
        }

        return new AffinityArgs { NodeAffinity = nodes };
    }

    private static NodeSelectorRequirementArgs OneOf(string label, IEnumerable<string> values) =>
        new() { Key = label, Operator = "In", Values = values.ToList() };
}
