namespace Reco.Infra.Configuration;

/// <summary>Checks that pods which ask for GPUs can find a node: a pool at zero nodes says of none of this before it is too late, and
/// the pods would wait for ever.</summary>
internal static partial class StackConfigValidator
{
    /// <summary>Instances of a GPU by MIG profile.</summary>
    private static readonly Dictionary<string, int> Instances = new(StringComparer.Ordinal) { ["MIG1g"] = 7, ["MIG2g"] = 3, ["MIG3g"] = 2, ["MIG4g"] = 1, ["MIG7g"] = 1 };

    private static IEnumerable<string> Gpus(StackConfig config)
    {
        var cluster = config.Azure.Cluster;
        GpuWorkload[] workloads =
        [
            new("training", config.Training.Gpus, config.Training.GpuType, config.Training.Workers, config.Training.Spot),
            new("scoring", config.Scoring.Gpus, config.Scoring.GpuType, MostPods(config.Scoring), MaySpot: false),
        ];
        if (cluster.GpuSku is null)
        {
            return NoPool(cluster, workloads);
        }

        return GpuSku.Known.TryGetValue(cluster.GpuSku, out var sku)
            ? workloads.Where(workload => workload.Gpus > 0).SelectMany(workload => Fits(workload, config, sku)).Concat(Divided(config, sku))
            : [];
    }

    /// <summary>Pods while one version takes over from another: one more, or of a canary twice as many.</summary>
    private static int MostPods(ScoringConfig scoring) => scoring.Rollout.Mode == RolloutMode.Canary ? 2 * scoring.Replicas : scoring.Replicas + 1;

    private static IEnumerable<string> NoPool(ClusterConfig cluster, IEnumerable<GpuWorkload> workloads)
    {
        foreach (var workload in workloads.Where(workload => workload.Gpus > 0))
        {
            yield return $"reco:{workload.Name}Gpus is {workload.Gpus}, but the cluster has no GPU nodes; set reco:gpuSku to one of {string.Join(", ", GpuSku.Known.Keys)}, or reco:{workload.Name}Gpus to 0.";
        }

        if (cluster.GpuInstanceProfile is not null)
        {
            yield return "reco:gpuInstanceProfile is set, but the cluster has no GPU nodes; set reco:gpuSku, or remove the key.";
        }
    }

    private static IEnumerable<string> Fits(GpuWorkload workload, StackConfig config, GpuSku sku)
    {
        var (cluster, name) = (config.Azure.Cluster, workload.Name);
        if (workload.Type != GpuType.Any && workload.Type != sku.Type)
        {
            yield return $"reco:{name}GpuType is {workload.Type.ToString().ToLowerInvariant()}, but nodes of size {sku.VmSize} have {sku.Type}; set reco:{name}GpuType to any, or another reco:gpuSku.";
        }
        else if (name == "training" && (config.Training.Cpus > sku.VCpus || config.Training.MemoryGi > sku.MemoryGiB))
        {
            yield return $"reco:trainingGpuType is {workload.Type.ToString().ToLowerInvariant()} and reco:trainingGpus {workload.Gpus}: a pod asks for {config.Training.Cpus} CPUs and {config.Training.MemoryGi}Gi, but a node of size {sku.VmSize} has {sku.VCpus} and {sku.MemoryGiB}Gi; "
                + "set reco:trainingGpuType to any, which asks for less beside the GPUs, or fewer reco:trainingGpus.";
        }

        var (onDemand, spot) = (GpusOf(sku, config, isSpot: false), GpusOf(sku, config, isSpot: true));
        var nodes = cluster.GpuMaxNodes + (workload.MaySpot ? cluster.GpuSpotMaxNodes : 0);
        if (nodes == 0)
        {
            yield return $"reco:{name}Gpus is {workload.Gpus}, but there are no nodes for it: reco:gpuMaxNodes is 0{(name == "training" ? ", and spot nodes take training with reco:trainingSpot only" : " and spot nodes take training only")}.";
        }
        else if (workload.Gpus > Math.Max(cluster.GpuMaxNodes > 0 ? onDemand : 0, workload.MaySpot && cluster.GpuSpotMaxNodes > 0 ? spot : 0))
        {
            yield return $"reco:{name}Gpus is {workload.Gpus}, but a node of size {sku.VmSize} has {Math.Max(onDemand, workload.MaySpot ? spot : 0)}; ask for fewer, or choose a larger reco:gpuSku.";
        }
        else if ((cluster.GpuMaxNodes * (onDemand / workload.Gpus)) + (workload.MaySpot ? cluster.GpuSpotMaxNodes * (spot / workload.Gpus) : 0) is var room && room < workload.Pods)
        {
            var why = name == "training" ? $"reco:trainingWorkers is {workload.Pods}, and the workers start together" : $"reco:replicas is {config.Scoring.Replicas}, and {workload.Pods} pods run while a new version takes over";
            yield return $"{why}, but GPU nodes have room for {room} pods with {workload.Gpus} GPU(s) each; raise reco:gpuMaxNodes{(workload.MaySpot ? " or reco:gpuSpotMaxNodes" : "")}.";
        }
    }

    private static IEnumerable<string> Divided(StackConfig config, GpuSku sku)
    {
        if (config.Gpu.Sharing == GpuSharing.Mig && sku.MigProfiles.IsEmpty)
        {
            yield return $"reco:gpuSharing is mig, but GPUs of {sku.VmSize} cannot be divided; set it to timeSlicing or none.";
        }

        if (config.Gpu.Sharing == GpuSharing.Mig && config.Azure.Cluster.GpuInstanceProfile is not null)
        {
            yield return "reco:gpuSharing is mig and reco:gpuInstanceProfile is set: both would divide the GPUs; keep one of them.";
        }
    }

    /// <summary>GPUs that a node offers to pods. How many a layout of the operator's makes of one, its name does not tell: as many as
    /// there can be.</summary>
    private static int GpusOf(GpuSku sku, StackConfig config, bool isSpot) => sku.Gpus * config.Gpu.Sharing switch
    {
        GpuSharing.TimeSlicing => config.Gpu.Slices,
        GpuSharing.Mig => 7,
        _ => !isSpot && config.Azure.Cluster.GpuInstanceProfile is { } profile ? Instances.GetValueOrDefault(profile, 1) : 1,
    };

    private sealed record GpuWorkload(string Name, int Gpus, GpuType Type, int Pods, bool MaySpot);
}
