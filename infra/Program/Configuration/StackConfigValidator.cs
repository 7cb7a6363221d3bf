using System.Text.RegularExpressions;

namespace Reco.Infra.Configuration;

/// <summary>Checks values of <see cref="StackConfig"/>. Every message names the key and what is allowed.</summary>
internal static partial class StackConfigValidator
{
    private static readonly string[] Precisions = ["auto", "fp32", "fp16", "int8", "int8-static"];

    /// <summary>Lists what is wrong; empty where nothing is.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="projectRoot">Folder of Pulumi.yaml.</param>
    /// <param name="stack">Name of the stack.</param>
    public static IEnumerable<string> Validate(StackConfig config, string projectRoot, string stack)
    {
        if (config.Target != Target.Local && !StackLabel().IsMatch(stack))
        {
            yield return $"the stack's name is \"{stack}\"; on a cluster it is part of the names of objects and must be at most 32 lower-case letters, digits and dashes. Rename it with: stack rename";
        }


        if (!DnsLabel().IsMatch(config.Namespace))
        {
            yield return $"reco:namespace is \"{config.Namespace}\"; it must be a DNS label: lower-case letters, digits and dashes, at most 63.";
        }

        if (!DnsLabel().IsMatch(config.ModelName))
        {
            yield return $"reco:modelName is \"{config.ModelName}\"; it must be a DNS label: lower-case letters, digits and dashes, at most 63.";
        }

        if (!Precisions.Contains(config.Scoring.Precision))
        {
            yield return $"reco:precision is \"{config.Scoring.Precision}\"; it must be one of {string.Join(", ", Precisions)}.";
        }

        if (!Quantity().IsMatch(config.Training.StoreSize))
        {
            yield return $"reco:storeSize is \"{config.Training.StoreSize}\"; it must be a Kubernetes quantity such as 10Gi.";
        }

        foreach (var problem in Ranges(config).Concat(Workloads(config)).Concat(OfTarget(config, projectRoot)))
        {
            yield return problem;
        }
    }

    private static IEnumerable<string> OfTarget(StackConfig config, string projectRoot) => config.Target switch
    {
        Target.Local => Local(config, projectRoot),
        Target.Kubernetes => Cluster(config),
        _ => Azure(config),
    };

    private static IEnumerable<string> Ranges(StackConfig config) =>
        new[]
        {
            Range("epochs", config.Training.Epochs, 1, 10_000),
            Range("batchSize", config.Training.BatchSize, 2, 1_048_576),
            Range("history", config.Training.History, 1, 1_000),
            Range("userGroups", config.Training.UserGroups, 0, 1_000),
            Range("holdoutDays", config.Training.HoldoutDays, 1, 3_650),
            Range("seed", config.Training.Seed, 0, int.MaxValue),
            Range("trainingGpus", config.Training.Gpus, 0, 16),
            Range("scoringGpus", config.Scoring.Gpus, 0, 16),
            Range("replicas", config.Scoring.Replicas, 1, 1_000),
            Range("scoringPort", config.Scoring.Port, 30_000, 32_767),
            Range("gateMinLift", config.Training.GateMinLift, 0, 10),
            config.Training.LearningRate is > 0 and <= 10 ? null : $"reco:learningRate is {config.Training.LearningRate}; it must be above 0 and at most 10.",
        }.OfType<string>();

    private static IEnumerable<string> Local(StackConfig config, string projectRoot)
    {
        if (config.Dataset != StackConfig.DemoDataset && !Directory.Exists(Path.Combine(projectRoot, config.Dataset)))
        {
            yield return $"reco:dataset is \"{config.Dataset}\", but there is no such folder ({Path.GetFullPath(Path.Combine(projectRoot, config.Dataset))}); "
                + $"it must be \"{StackConfig.DemoDataset}\" or a folder, absolute or relative to Pulumi.yaml.";
        }

        if (config.KubeContext is not null)
        {
            yield return "reco:kubeContext is set, but reco:target is local; remove it, or set reco:target to kubernetes.";
        }
    }

    private static IEnumerable<string> Cluster(StackConfig config)
    {
        if (string.IsNullOrWhiteSpace(config.KubeContext))
        {
            yield return "reco:kubeContext is missing; on target kubernetes it names the context of your kubeconfig.";
        }

        if (!IsDataset(config.Dataset))
        {
            yield return $"reco:dataset is \"{config.Dataset}\"; on target kubernetes it must be \"{StackConfig.DemoDataset}\" or pvc:NAME, a volume claim in namespace {config.Namespace}.";
        }

        foreach (var (key, image) in new[] { ("trainingImage", config.Training.Image), ("scoringImage", config.Scoring.Image) })
        {
            if (image is null || !ImageByDigest().IsMatch(image))
            {
                yield return $"reco:{key} is {(image is null ? "missing" : $"\"{image}\"")}; on target kubernetes it must name an image by digest (repository@sha256:...).";
            }
        }
    }

    /// <summary>What training may read on a cluster: the demo shop, or a volume claim.</summary>
    private static bool IsDataset(string dataset) => dataset == StackConfig.DemoDataset || (dataset.StartsWith("pvc:", StringComparison.Ordinal) && DnsLabel().IsMatch(dataset["pvc:".Length..]));

    private static string? Range(string key, double value, double least, double most) =>
        value >= least && value <= most ? null : $"reco:{key} is {value}; it must be from {least} to {most}.";

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    private static partial Regex DnsLabel();

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$")]
    private static partial Regex StackLabel();

    [GeneratedRegex("^[1-9][0-9]*(Mi|Gi|Ti)$")]
    private static partial Regex Quantity();

    [GeneratedRegex("^[a-z0-9]+([._:/-]+[a-z0-9]+)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?@sha256:[0-9a-f]{64}$")]
    private static partial Regex ImageByDigest();
}
