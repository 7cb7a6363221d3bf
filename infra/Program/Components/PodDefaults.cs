using Pulumi;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;

namespace Reco.Infra.Components;

/// <summary>What every pod of the stack has: the <c>restricted</c> Pod Security Standard, and how GPUs are asked for.</summary>
internal static class PodDefaults
{
    /// <summary>User and group of the containers: the <c>app</c> user of .NET's container images.</summary>
    private const int User = 1654;

    /// <summary>Pod-level part of the restricted standard.</summary>
    public static PodSecurityContextArgs PodSecurity() => new()
    {
        RunAsNonRoot = true,
        RunAsUser = User,
        RunAsGroup = User,
        FsGroup = User,
        SeccompProfile = new SeccompProfileArgs { Type = "RuntimeDefault" },
    };

    /// <summary>Container-level part of the restricted standard, with a read-only root file system.</summary>
    public static SecurityContextArgs ContainerSecurity() => new()
    {
        AllowPrivilegeEscalation = false,
        ReadOnlyRootFilesystem = true,
        Capabilities = new CapabilitiesArgs { Drop = { "ALL" } },
    };

    /// <summary>Requests and limits; GPUs stand in both, as Kubernetes wants of extended resources.</summary>
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

    /// <summary>Toleration of the taint of AKS GPU pools; none for a pod without GPUs.</summary>
    public static InputList<TolerationArgs> Tolerations(int gpus)
    {
        var tolerations = new InputList<TolerationArgs>();
        if (gpus > 0)
        {
            tolerations.Add(new TolerationArgs { Key = "sku", Operator = "Equal", Value = "gpu", Effect = "NoSchedule" });
        }

        return tolerations;
    }
}
