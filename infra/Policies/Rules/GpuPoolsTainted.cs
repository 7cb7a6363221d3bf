using Reco.Policies.Costs;
using static Reco.Policies.PolicyResource;

namespace Reco.Policies.Rules;

/// <summary>GPU nodes are kept for pods that ask for GPUs, and go away when none does.</summary>
internal sealed class GpuPoolsTainted : ResourceRule
{
    private const string Taint = "sku=gpu:NoSchedule";

    /// <inheritdoc/>
    public override string Name => "gpu-pools-tainted";

    /// <inheritdoc/>
    public override string Description => $"GPU node pools carry the taint {Taint}, are no system pools, and scale from zero: GPU hours are the largest cost.";

    /// <inheritdoc/>
    public override IEnumerable<string> Check(PolicyResource resource, PolicyContext context)
    {
        if (resource.Type != "azure-native:containerservice:AgentPool" || Text(resource.At("vmSize")) is not { } size || !VirtualMachine.IsGpu(size))
        {
            yield break;
        }

        var taints = resource.At("nodeTaints");
        if (!IsUnknown(taints) && !Items(taints).Any(taint => IsUnknown(taint) || Text(taint) == Taint))
        {
            yield return $"nodeTaints of GPU pool ({size}) must hold {Taint}; set it here, not on the nodes: AKS takes taints that kubectl sets away again.";
        }

        if (Text(resource.At("mode")) == "System")
        {
            yield return "mode is System: a GPU pool is a User pool.";
        }

        if (!IsTrue(resource.At("enableAutoScaling")) || resource.At("minCount") is not { } least || (!IsUnknown(least) && least.NumberValue != 0))
        {
            yield return "enableAutoScaling must be true and minCount 0.";
        }
    }
}
