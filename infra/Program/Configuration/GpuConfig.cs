namespace Reco.Infra.Configuration;

/// <summary>Who makes GPUs known to Kubernetes.</summary>
internal enum GpuOperationsMode
{
    /// <summary>The cluster's operators.</summary>
    None,

    /// <summary>The stack, by NVIDIA's GPU operator.</summary>
    Operator,
}

/// <summary>How several pods share one GPU.</summary>
internal enum GpuSharing
{
    /// <summary>They do not.</summary>
    None,

    /// <summary>By turns; memory is not divided.</summary>
    TimeSlicing,

    /// <summary>By Multi-Instance GPU partitions, each with memory of its own.</summary>
    Mig,
}

/// <summary>How the cluster's GPUs are run.</summary>
internal sealed record GpuConfig
{
    /// <summary><c>reco:gpuOperations</c>; the operator on target azure with <c>reco:gpuSku</c>, unless said otherwise.</summary>
    public GpuOperationsMode Operations { get; init; } = GpuOperationsMode.None;

    /// <summary><c>reco:gpuDriver</c>: the operator installs the driver; false where the nodes' image has it, as on AKS.</summary>
    public bool InstallDriver { get; init; }

    /// <summary><c>reco:gpuSharing</c>.</summary>
    public GpuSharing Sharing { get; init; } = GpuSharing.None;

    /// <summary><c>reco:gpuSlices</c>: pods that share a GPU by turns.</summary>
    public int Slices { get; init; } = 4;

    /// <summary><c>reco:migProfile</c>: MIG layout of every GPU, for example <c>all-1g.10gb</c>.</summary>
    public string MigProfile { get; init; } = "all-1g.10gb";
}
