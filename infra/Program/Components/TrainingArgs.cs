using Pulumi;
using Reco.Infra.Configuration;

namespace Reco.Infra.Components;

/// <summary>What one training run is: arguments of <see cref="TrainingJob"/>, <see cref="RetrainingSchedule"/> and
/// <see cref="TrainingTrigger"/>.</summary>
internal sealed class TrainingArgs : ResourceArgs
{
    /// <summary>Namespace of the job.</summary>
    public required Input<string> Namespace { get; init; }

    /// <summary>Where the stack lives.</summary>
    public required Target Target { get; init; }

    /// <summary>Image of the training tool.</summary>
    public required string Image { get; init; }

    /// <summary>Name of the model that it trains.</summary>
    public required string ModelName { get; init; }

    /// <summary>Hyper-parameters and limits.</summary>
    public required TrainingConfig Training { get; init; }

    /// <summary>What it reads.</summary>
    public required TrainingDataset Dataset { get; init; }

    /// <summary>Volume claim that it writes the bundle to.</summary>
    public required Input<string> StoreClaim { get; init; }

    /// <summary>Volume of checkpoints that there is already; null for one of the cluster's default storage class.</summary>
    public Input<string>? CheckpointVolume { get; init; }

    /// <summary>ConfigMap that it tells the result.</summary>
    public required Input<string> ResultConfigMap { get; init; }

    /// <summary>Client ID of the Azure identity that its pods act as; null: none.</summary>
    public Input<string>? ClientId { get; init; }

    /// <summary>What brings Kueue to the cluster; null where it is there.</summary>
    public QueueController? Queueing { get; init; }
}
