using System.Globalization;
using Reco.Training.Data;

namespace Reco.Training.Evaluation;

/// <summary>The baselines of the harness, by name. Each that has settings is given the best ones on the validation period.</summary>
internal static class Baselines
{
    private const int Rank = 32;

    /// <summary>Names of all but popularity, which is always there.</summary>
    public static readonly string[] Names = ["personal", "item-knn", "ease", "ials", "bpr"];

    /// <summary>Those that cost seconds: what a run compares with unless told otherwise.</summary>
    public static readonly string[] Quick = ["personal", "item-knn"];

    /// <summary>Largest side of the matrix that EASE inverts: 20,000 take 10 GB and some minutes.</summary>
    public const int MostInverted = 20_000;

    /// <summary>Why a baseline cannot be made for a shop; null where it can.</summary>
    public static string? Refusal(string name, int users, int items) => name == "ease" && Math.Min(users, items) > MostInverted
        ? $"it inverts a matrix of the smaller of {users} users and {items} items squared, and takes at most {MostInverted}"
        : null;

    /// <summary>Makes a baseline for a split.</summary>
    /// <returns>The ranker, and its settings in words.</returns>
    public static (IRanker Ranker, string Settings) Make(string name, TimeSplit split, TimeSplit validation, int users, int items, CancellationToken cancellation)
    {
        var train = split.Train;
        switch (name)
        {
            case "popularity":
                return (new PopularityRanker(train, items), "");
            case "personal":
                return (new PersonalFrequencyRanker(train, users, items), "");
            case "item-knn":
                var settings = ItemKnnRanker.Tune(validation.Train, validation.Held, users, items, cancellation);
                return (new ItemKnnRanker(train, users, items, settings), $"{settings.Neighbours} neighbours, shrinkage {settings.Shrink}");
            case "ease":
                var (lambda, repeat) = EaseRanker.Tune(validation.Train, validation.Held, users, items, [30, 300, 1_000], [0, 0.1f, 0.3f]);
                return (new EaseRanker(train, users, items, lambda, repeat), Text($"lambda {lambda}, repeats {repeat}"));
            case "ials":
                var (alpha, regularisation) = Best([(5.0, 0.003), (5.0, 0.03), (20.0, 0.003), (20.0, 0.03)], validation,
                    choice => FactorRanker.ImplicitAls(validation.Train, users, items, Rank, choice.Item1, choice.Item2, sweeps: 5));
                return (FactorRanker.ImplicitAls(train, users, items, Rank, alpha, regularisation), Text($"rank {Rank}, alpha {alpha}, regularisation {regularisation}"));
            case "bpr":
                var (rate, epochs) = Best([(0.02f, 20), (0.02f, 60), (0.05f, 20), (0.05f, 60)], validation,
                    choice => FactorRanker.Bpr(validation.Train, users, items, Rank, choice.Item1, 0.01f, choice.Item2));
                return (FactorRanker.Bpr(train, users, items, Rank, rate, 0.01f, epochs), Text($"rank {Rank}, rate {rate}, {epochs} epochs"));
            default:
                throw new TrainingException($"There is no baseline {name}; there are {string.Join(", ", Names)}.");
        }
    }

    private static T Best<T>(T[] choices, TimeSplit validation, Func<T, IRanker> make) =>
        choices.MaxBy(choice => RankingMetrics.Evaluate(make(choice), validation.Held, [10]).Of("ndcg@10").Average())!;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
