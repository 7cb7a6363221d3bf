using Reco.Training.Ranking;

namespace Reco.Training.Model;

/// <summary>Which loss the towers learn by.</summary>
internal enum Loss
{
    /// <summary>Sampled softmax over the batch's own positives and drawn negatives, with logQ correction (mixed negative
    /// sampling, Yang et al. 2020).</summary>
    Softmax,

    /// <summary>Binary cross-entropy with uniform negatives.</summary>
    Bce,
}

/// <summary>How the towers are fitted.</summary>
internal enum Family
{
    /// <summary>Whichever is better on the validation period.</summary>
    Auto,

    /// <summary>By gradient descent: <see cref="TwoTowerModel"/>.</summary>
    Neural,

    /// <summary>In closed form: <see cref="LinearTowers"/>.</summary>
    Linear,
}

/// <summary>Hyper-parameters.</summary>
internal sealed record TrainingOptions
{
    /// <summary>Length of the vectors.</summary>
    public int Dimension { get; init; } = 64;

    /// <summary>Most passes over the data; early stopping on the validation period may end sooner.</summary>
    public int Epochs { get; init; } = 30;

    /// <summary>Interactions in a batch.</summary>
    public int BatchSize { get; init; } = 1024;

    /// <summary>Negatives that a batch shares.</summary>
    public int Negatives { get; init; } = 1024;

    /// <summary>Share of the negatives that is drawn by popularity instead of uniformly.</summary>
    public double PopularNegatives { get; init; }

    /// <summary>Share of the negatives that the model itself draws: <see cref="Model.HardNegatives"/>.</summary>
    public double HardNegatives { get; init; }

    /// <summary>Units of a hidden layer at the top of each neural tower; 0 for none.</summary>
    public int MlpUnits { get; init; }

    /// <summary>Batches whose gradients are added up before a step: a larger batch than memory holds, though with the negatives of a
    /// small one.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>Where training computes: <c>auto</c>, <c>cpu</c> or <c>cuda</c>.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Arithmetic of the large products: <c>auto</c> (bfloat16 on CUDA), <c>fp32</c> or <c>bf16</c>.</summary>
    public string Precision { get; init; } = "auto";

    /// <summary>Learning rate of Adam.</summary>
    public double LearningRate { get; init; } = 0.003;

    /// <summary>Decoupled weight decay.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Most recent items that describe a user.</summary>
    public int History { get; init; } = 100;

    /// <summary>Groups of users by what they buy: k of k-means; 0 for none.</summary>
    public int Groups { get; init; } = 8;

    /// <summary>True: the neural user tower has a vector for each group beside one for each user.</summary>
    public bool GroupFeature { get; init; }

    /// <summary>Length of the held-out period.</summary>
    public int HoldoutDays { get; init; } = 28;

    /// <summary>Most users of the validation period and of the held-out one who are ranked for: a sample of them where there are more.</summary>
    public int EvaluationUsers { get; init; } = 20_000;

    /// <summary>Share of examples whose user is hidden, so that the unknown user is learned.</summary>
    public double UserDropout { get; init; } = 0.3;

    /// <summary>Share of items whose own embedding is hidden in a step, so that what the catalogue says of them can stand alone: an item
    /// that was never bought has nothing else. 0 by default: measured, it changes little for all items and does no good to new ones.</summary>
    public double ItemDropout { get; init; }

    /// <summary>Gives items that were never bought vectors by their texts' likeness to others, as far as the validation period shows no
    /// loss for the towers. False by default: measured, the order of both stages loses more than new items gain.</summary>
    public bool FillNewItems { get; init; }

    /// <summary>Turns (epochs, or parts of one in a long log) without gain on the validation period after which training stops.</summary>
    public int Patience { get; init; } = 3;

    /// <summary>Best items of the towers that the ranker puts in order; those of the history are added. 0: no ranker.</summary>
    public int Candidates { get; init; } = 200;

    /// <summary>Kind of the ranker.</summary>
    public RankerKind Ranker { get; init; } = RankerKind.Auto;

    /// <summary>Share of the weights of neural towers that is set to zero in the pruned variant; 0: there is none. 0 by default: the variant is
    /// smaller on disk only, where it is never served from, and costs two more epochs.</summary>
    public double Prune { get; init; }

    /// <summary>How the towers are fitted.</summary>
    public Family Family { get; init; } = Family.Auto;

    /// <summary>True: gradients come from libtorch's record of operations even where <see cref="Direct.DirectFit"/> could write them out.</summary>
    public bool Recorded { get; init; }

    /// <summary>Loss.</summary>
    public Loss Loss { get; init; } = Loss.Softmax;

    /// <summary>Seed of everything random.</summary>
    public int Seed { get; init; } = 42;
}
