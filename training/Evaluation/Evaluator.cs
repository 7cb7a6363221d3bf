using System.Collections.Immutable;
using Reco.Training.Data;

namespace Reco.Training.Evaluation;

/// <summary>Compares a model with its baselines on the held-out period.</summary>
internal sealed class Evaluator
{
    private readonly Shop shop;
    private readonly TimeSplit split;
    private readonly int holdoutDays;
    private readonly RankingMetrics popularity;
    private readonly RankingMetrics itemKnn;
    private readonly ItemKnnSettings settings;

    /// <summary>Evaluates the baselines. Item-kNN is tuned as the model is: on the last days of the training side.</summary>
    public Evaluator(Shop shop, TimeSplit split, int holdoutDays)
    {
        this.shop = shop;
        this.split = split;
        this.holdoutDays = holdoutDays;
        var (users, items) = (shop.Users.Count, shop.Items.Count);
        var validation = TimeSplit.Last(split.Train, holdoutDays);
        settings = ItemKnnRanker.Tune(validation.Train, validation.Held, users, items);
        itemKnn = RankingMetrics.Evaluate(new ItemKnnRanker(split.Train, users, items, settings), split.Held, EvaluationReport.Cutoffs);
        popularity = RankingMetrics.Evaluate(new PopularityRanker(split.Train, items), split.Held, EvaluationReport.Cutoffs);
    }

    /// <summary>Reports on a model.</summary>
    public EvaluationReport Report(RankingMetrics model, double minLift)
    {
        (string Name, RankingMetrics Metrics)[] all = [("two-tower", model), (popularity.Ranker, popularity), (itemKnn.Ranker, itemKnn)];
        return new EvaluationReport
        {
            HoldoutDays = holdoutDays,
            Users = split.Held.Count,
            Items = shop.Items.Count,
            Rankers = all.ToImmutableSortedDictionary(entry => entry.Name, entry => EvaluationReport.Summarise(entry.Metrics), StringComparer.Ordinal),
            Coverage = all.ToImmutableSortedDictionary(entry => entry.Name, entry => entry.Metrics.Coverage, StringComparer.Ordinal),
            Difference = all.Skip(1).ToImmutableSortedDictionary(entry => entry.Name, entry => Bootstrap.Difference(model.Of("ndcg@10"), entry.Metrics.Of("ndcg@10")), StringComparer.Ordinal),
            ItemKnn = $"{settings.Neighbours} neighbours, shrinkage {settings.Shrink}",
            Segments = Segments(model),
            Gate = Gate.Decide(model.Of("ndcg@10"), popularity.Of("ndcg@10"), minLift),
        };
    }

    private ImmutableSortedDictionary<string, Segment> Segments(RankingMetrics model)
    {
        var known = split.Train.CountBy(entry => entry.User).ToDictionary();
        var users = split.Held.Keys.Order().ToArray();
        return users.Select((user, row) => (row, Name: known.GetValueOrDefault(user) switch
            {
                0 => "0 known purchases",
                < 10 => "1 to 9 known purchases",
                < 50 => "10 to 49 known purchases",
                _ => "50 or more known purchases",
            }))
            .GroupBy(entry => entry.Name)
            .ToImmutableSortedDictionary(group => group.Key, group => new Segment(
                group.Count(),
                Bootstrap.Mean([.. group.Select(entry => model.Of("ndcg@10")[entry.row])]),
                Bootstrap.Mean([.. group.Select(entry => popularity.Of("ndcg@10")[entry.row])])), StringComparer.Ordinal);
    }
}
