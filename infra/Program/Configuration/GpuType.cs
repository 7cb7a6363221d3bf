namespace Reco.Infra.Configuration;

/// <summary>A kind of data-centre GPU.</summary>
internal enum GpuType
{
    /// <summary>Whichever the cluster has.</summary>
    Any,

    /// <summary>NVIDIA T4, 16 GB.</summary>
    T4,

    /// <summary>NVIDIA V100, 16 GB.</summary>
    V100,

    /// <summary>NVIDIA A10, 24 GB.</summary>
    A10,

    /// <summary>NVIDIA A100, 80 GB.</summary>
    A100,

    /// <summary>NVIDIA H100, 94 GB in Azure's NCads_H100_v5.</summary>
    H100,
}

/// <summary>What the program knows of a kind of GPU: how a node says that it has it, and the share of a node that goes
/// with one GPU.</summary>
/// <param name="Products">Values of the node label <c>nvidia.com/gpu.product</c>, which GPU feature discovery sets; with
/// time slicing they end in <c>-SHARED</c>.</param>
/// <param name="Cpus">CPUs that a pod requests for each GPU: somewhat under the node's share, so that it fits beside daemons.</param>
/// <param name="MemoryGi">Memory in GiB that a pod requests for each GPU.</param>
internal sealed record GpuShape(IReadOnlyList<string> Products, int Cpus, int MemoryGi)
{
    /// <summary>Node label of the product.</summary>
    public const string ProductLabel = "nvidia.com/gpu.product";

    private static readonly Dictionary<GpuType, GpuShape> Shapes = new()
    {
        // By Azure's sizes: NC4as_T4_v3, NC6s_v3, NV36ads_A10_v5, NC24ads_A100_v4, NC40ads_H100_v5.
        [GpuType.Any] = new([], 3, 12),
        [GpuType.T4] = new(["Tesla-T4"], 3, 20),
        [GpuType.V100] = new(["Tesla-V100-PCIE-16GB", "Tesla-V100-SXM2-16GB", "Tesla-V100-SXM2-32GB"], 5, 90),
        [GpuType.A10] = new(["NVIDIA-A10", "NVIDIA-A10-24Q"], 32, 380),
        [GpuType.A100] = new(["NVIDIA-A100-80GB-PCIe", "NVIDIA-A100-SXM4-40GB", "NVIDIA-A100-SXM4-80GB"], 22, 200),
        [GpuType.H100] = new(["NVIDIA-H100-NVL", "NVIDIA-H100-PCIe", "NVIDIA-H100-80GB-HBM3"], 38, 300),
    };

    /// <summary>The shape of a kind.</summary>
    public static GpuShape Of(GpuType type) => Shapes[type];

    /// <summary>The products and, for GPUs that are shared by turns, their shared names.</summary>
    public IEnumerable<string> ProductLabels => Products.SelectMany(product => new[] { product, $"{product}-SHARED" });
}
