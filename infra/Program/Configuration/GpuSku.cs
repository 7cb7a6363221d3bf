using System.Collections.Immutable;

namespace Reco.Infra.Configuration;

/// <summary>A size of Azure virtual machine with GPUs: the typed choice of a GPU pool.</summary>
internal sealed record GpuSku
{
    private static readonly ImmutableArray<string> NoPartitions = [];
    private static readonly ImmutableArray<string> Partitions = ["MIG1g", "MIG2g", "MIG3g", "MIG4g", "MIG7g"];

    /// <summary>Every size that Reco knows, by its name in Azure.</summary>
    public static ImmutableSortedDictionary<string, GpuSku> Known { get; } = new GpuSku[]
    {
        new() { VmSize = "Standard_NC4as_T4_v3", Family = "Standard NCASv3_T4 Family", VCpus = 4, MemoryGiB = 28, Type = GpuType.T4, Gpus = 1, GpuMemoryGiB = 16 },
        new() { VmSize = "Standard_NC8as_T4_v3", Family = "Standard NCASv3_T4 Family", VCpus = 8, MemoryGiB = 56, Type = GpuType.T4, Gpus = 1, GpuMemoryGiB = 16 },
        new() { VmSize = "Standard_NC16as_T4_v3", Family = "Standard NCASv3_T4 Family", VCpus = 16, MemoryGiB = 110, Type = GpuType.T4, Gpus = 1, GpuMemoryGiB = 16 },
        new() { VmSize = "Standard_NC64as_T4_v3", Family = "Standard NCASv3_T4 Family", VCpus = 64, MemoryGiB = 440, Type = GpuType.T4, Gpus = 4, GpuMemoryGiB = 16 },
        new() { VmSize = "Standard_NV36ads_A10_v5", Family = "StandardNVADSA10v5Family", VCpus = 36, MemoryGiB = 440, Type = GpuType.A10, Gpus = 1, GpuMemoryGiB = 24 },
        new() { VmSize = "Standard_NV72ads_A10_v5", Family = "StandardNVADSA10v5Family", VCpus = 72, MemoryGiB = 880, Type = GpuType.A10, Gpus = 2, GpuMemoryGiB = 24 },
        new() { VmSize = "Standard_NC24ads_A100_v4", Family = "StandardNCADSA100v4Family", VCpus = 24, MemoryGiB = 220, Type = GpuType.A100, Gpus = 1, GpuMemoryGiB = 80, MigProfiles = Partitions },
        new() { VmSize = "Standard_NC48ads_A100_v4", Family = "StandardNCADSA100v4Family", VCpus = 48, MemoryGiB = 440, Type = GpuType.A100, Gpus = 2, GpuMemoryGiB = 80, MigProfiles = Partitions },
        new() { VmSize = "Standard_NC96ads_A100_v4", Family = "StandardNCADSA100v4Family", VCpus = 96, MemoryGiB = 880, Type = GpuType.A100, Gpus = 4, GpuMemoryGiB = 80, MigProfiles = Partitions },
        new() { VmSize = "Standard_ND96asr_v4", Family = "Standard NDASv4_A100 Family", VCpus = 96, MemoryGiB = 900, Type = GpuType.A100, Gpus = 8, GpuMemoryGiB = 40, MigProfiles = Partitions },
        new() { VmSize = "Standard_ND96amsr_A100_v4", Family = "Standard NDAMSv4_A100Family", VCpus = 96, MemoryGiB = 1900, Type = GpuType.A100, Gpus = 8, GpuMemoryGiB = 80, MigProfiles = Partitions },
        new() { VmSize = "Standard_NC40ads_H100_v5", Family = "StandardNCadsH100v5Family", VCpus = 40, MemoryGiB = 320, Type = GpuType.H100, Gpus = 1, GpuMemoryGiB = 94, MigProfiles = Partitions },
        new() { VmSize = "Standard_NC80adis_H100_v5", Family = "StandardNCadsH100v5Family", VCpus = 80, MemoryGiB = 640, Type = GpuType.H100, Gpus = 2, GpuMemoryGiB = 94, MigProfiles = Partitions },
        new() { VmSize = "Standard_ND96isr_H100_v5", Family = "standardNDSH100v5Family", VCpus = 96, MemoryGiB = 1900, Type = GpuType.H100, Gpus = 8, GpuMemoryGiB = 80, MigProfiles = Partitions },
    }.ToImmutableSortedDictionary(sku => sku.VmSize, sku => sku, StringComparer.Ordinal);

    /// <summary>Name in Azure.</summary>
    public required string VmSize { get; init; }

    /// <summary>Quota family that its cores count against.</summary>
    public required string Family { get; init; }

    /// <summary>Cores.</summary>
    public required int VCpus { get; init; }

    /// <summary>Memory of the machine in GiB.</summary>
    public required int MemoryGiB { get; init; }

    /// <summary>Kind of its GPUs.</summary>
    public required GpuType Type { get; init; }

    /// <summary>Number of its GPUs.</summary>
    public required int Gpus { get; init; }

    /// <summary>Memory of each GPU in GiB.</summary>
    public required int GpuMemoryGiB { get; init; }

    /// <summary>MIG profiles that AKS can set up; empty for GPUs that cannot be divided.</summary>
    public ImmutableArray<string> MigProfiles { get; init; } = NoPartitions;
}
