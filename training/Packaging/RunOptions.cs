using System.Collections.Immutable;
using System.Globalization;
using Reco.Training.Data.Storage;
using Reco.Training.Model;

namespace Reco.Training.Packaging;

/// <summary>Everything that one run is told.</summary>
internal sealed record RunOptions
{
    /// <summary><c>demo</c> or a folder.</summary>
    public required string Data { get; init; }

    /// <summary>Folder of all models.</summary>
    public required string Store { get; init; }

    /// <summary>Folder of checkpoints and finished stages; null for one in the store. Each set of data
    /// and parameters has a folder of its own in it.</summary>
    public string? Work { get; init; }

    /// <summary>True: what is in <see cref="Work"/> stays when the bundle is published.</summary>
    public bool KeepWork { get; init; }

    /// <summary>Most events in memory; more are kept in files.</summary>
    public int EventsInMemory { get; init; } = EventStorage.DefaultMost;

    /// <summary>Name of the model.</summary>
    public required string Name { get; init; }

    /// <summary>Hyper-parameters.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>Least relative gain in nDCG@10 over popularity.</summary>
    public double GateMinLift { get; init; }

    /// <summary>How this process finds the workers that train with it: <c>auto</c>, <c>single</c>, <c>mpi</c> or <c>tcp</c>.</summary>
    public string Workers { get; init; } = "auto";

    /// <summary>Baselines beside popularity: names of <see cref="Evaluation.Baselines"/>.</summary>
    public IReadOnlyList<string> Baselines { get; init; } = Evaluation.Baselines.Quick;

    /// <summary>Largest relative loss of nDCG@10 by which a smaller variant is still served.</summary>
    public double CompressionMaxLoss { get; init; } = 0.005;

    /// <summary><c>namespace/name</c> of the ConfigMap that is told the result, or null.</summary>
    public string? ResultConfigMap { get; init; }

    /// <summary>Address of the Azure storage queue whose message started the run, or null.</summary>
    public string? TriggerQueue { get; init; }

    /// <summary>Hyper-parameters by name, for the lineage.</summary>
    public ImmutableSortedDictionary<string, string> Parameters() => new Dictionary<string, string>
    {
        ["dimension"] = Text(Training.Dimension),
        ["epochs"] = Text(Training.Epochs),
        ["batchSize"] = Text(Training.BatchSize),
        ["negatives"] = Text(Training.Negatives),
        ["popularNegatives"] = Text(Training.PopularNegatives),
        ["hardNegatives"] = Text(Training.HardNegatives),
        ["mlpUnits"] = Text(Training.MlpUnits),
        ["accumulate"] = Text(Training.Accumulate),
        ["trainingPrecision"] = Training.Precision,
        ["learningRate"] = Text(Training.LearningRate),
        ["weightDecay"] = Text(Training.WeightDecay),
        ["history"] = Text(Training.History),
        ["holdoutDays"] = Text(Training.HoldoutDays),
        ["evaluationUsers"] = Text(Training.EvaluationUsers),
        ["userDropout"] = Text(Training.UserDropout),
        ["itemDropout"] = Text(Training.ItemDropout),
        ["groups"] = Text(Training.Groups),
        ["groupFeature"] = Training.GroupFeature ? "true" : "false",
        ["fillNewItems"] = Training.FillNewItems ? "true" : "false",
        ["patience"] = Text(Training.Patience),
        ["loss"] = Training.Loss.ToString().ToLowerInvariant(),
        ["family"] = Training.Family.ToString().ToLowerInvariant(),
        ["ranker"] = Training.Ranker.ToString().ToLowerInvariant(),
        ["candidates"] = Text(Training.Candidates),
        ["prune"] = Text(Training.Prune),
        ["gateMinLift"] = Text(GateMinLift),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
