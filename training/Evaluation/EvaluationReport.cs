using System.Collections.Immutable;

namespace Reco.Training.Evaluation;

/// <summary>What <c>evaluation.json</c> holds: every metric of the model and of the baselines with its 95 % interval, by full
/// ranking on the held-out period, and the gate's verdict.</summary>
internal sealed record EvaluationReport
{
    /// <summary>Cutoffs that are reported.</summary>
    public static readonly int[] Cutoffs = [5, 10, 20];

    /// <summary>How the figures were made.</summary>
    public string Protocol { get; init; } = "split by time; full ranking over every item; binary relevance; 95 % percentile bootstrap over users";

    /// <summary>Length of the held-out period in days.</summary>
    public required int HoldoutDays { get; init; }

    /// <summary>Users who bought something in it, or a random sample of them: those whom every figure is about.</summary>
    public required int Users { get; init; }

    /// <summary>All users who bought something in it.</summary>
    public required int HeldOutUsers { get; init; }

    /// <summary>Items that compete.</summary>
    public required int Items { get; init; }

    /// <summary>Metrics by ranker and name.</summary>
    public required ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, Interval>> Rankers { get; init; }

    /// <summary>Coverage, novelty, popularity bias, diversity and calibration, by ranker.</summary>
    public required ImmutableSortedDictionary<string, ListMetrics> Lists { get; init; }

    /// <summary>Difference in nDCG@10 of the model to each baseline, paired by user.</summary>
    public required ImmutableSortedDictionary<string, Interval> Difference { get; init; }

    /// <summary>Settings of baselines, chosen on the validation period.</summary>
    public required ImmutableSortedDictionary<string, string> Settings { get; init; }

    /// <summary>Items and users without any training interaction, apart.</summary>
    public required ColdStart ColdStart { get; init; }

    /// <summary>nDCG@10 by how much is known of the user.</summary>
    public required ImmutableSortedDictionary<string, Segment> Segments { get; init; }

    /// <summary>nDCG@10 by the users' group, with what the group buys more than others; users without a group are no part of it.</summary>
    public required ImmutableSortedDictionary<string, GroupSegment> Groups { get; init; }

    /// <summary>The verdict.</summary>
    public required GateVerdict Gate { get; init; }

    /// <summary>Summarises the metrics of one ranker.</summary>
    public static ImmutableSortedDictionary<string, Interval> Summarise(RankingMetrics metrics) => metrics.Names
        .Zip(Bootstrap.Means([.. metrics.Names.Select(metrics.Of)]))
        .ToImmutableSortedDictionary(metric => metric.First, metric => metric.Second, StringComparer.Ordinal);
}

/// <summary>nDCG@10 of a part of the users.</summary>
/// <param name="Users">How many.</param>
/// <param name="Model">Of the model.</param>
/// <param name="Popularity">Of popularity, for the same users.</param>
internal sealed record Segment(int Users, Interval Model, Interval Popularity);

/// <summary>nDCG@10 of a group of users.</summary>
/// <param name="Label">What it buys more than others.</param>
/// <param name="Known">Its users, with or without a purchase in the held-out period.</param>
/// <param name="Quality">Of those with one.</param>
internal sealed record GroupSegment(string Label, int Known, Segment Quality);

/// <summary>What the gate decided, and why.</summary>
/// <param name="Promoted">True: the bundle may be served.</param>
/// <param name="Reason">Why, in words.</param>
internal sealed record GateVerdict(bool Promoted, string Reason);
