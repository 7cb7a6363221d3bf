using System.Collections.Immutable;
using Reco.Training.Data;

namespace Reco.Training.Evaluation;

/// <summary>Compares a model with its baselines on the held-out period.</summary>
internal sealed class Evaluator
{
    private readonly Shop shop;
    private readonly TimeSplit split;
    private readonly int holdoutDays;
    private readonly List<(RankingMetrics Metrics, string Settings)> baselines = [];

    /// <summary>Evaluates popularity and the named baselines. Those with settings are tuned as the model is: on the last days of
    /// the training side.</summary>
    public Evaluator(Shop shop, TimeSplit split, TimeSplit validation, int holdoutDays, IReadOnlyList<string> names, Action<string> say, CancellationToken cancellation)
    {
        this.shop = shop;
        this.split = split;
        this.holdoutDays = holdoutDays;
        foreach (var name in new[] { "popularity" }.Concat(names))
        {
            cancellation.ThrowIfCancellationRequested();
            if (Baselines.Refusal(name, shop.Users.Count, shop.Items.Count) is { } why)
            {
                say($"baseline {name}: not evaluated, for {why}");
                continue;
            }

            say($"evaluating {name}");
            var (ranker, settings) = Baselines.Make(name, split, validation, shop.Users.Count, shop.Items.Count, cancellation);
            baselines.Add((RankingMetrics.Evaluate(ranker, split.Held, EvaluationReport.Cutoffs), settings));
        }
    }

    private RankingMetrics Popularity => baselines[0].Metrics;

    /// <summary>Reports on a model.</summary>
    /// <param name="towers">Metrics of its first stage.</param>
    /// <param name="model">Metrics of all its stages.</param>
    /// <param name="ranker">Ranks as all its stages do, for the cold items.</param>
    /// <param name="groups">Groups of the users; null for none.</param>
    /// <param name="minLift">Least relative gain over popularity.</param>
    public EvaluationReport Report(RankingMetrics towers, RankingMetrics model, IRanker ranker, UserGroups? groups, double minLift)
    {
        var all = baselines.Select(baseline => (Name: baseline.Metrics.Ranker, baseline.Metrics)).Prepend((Name: "two-tower", Metrics: towers)).ToList();
        if (model != towers)
        {
            all.Insert(0, ("two-stage", model));
        }

        // The second column is the category, as in the bundle; a catalogue with fewer has the first, or none.
        var column = Math.Min(1, shop.FeatureNames.Count - 1);
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        int[] categories = [.. shop.Items.Select(item => column < 0 ? "" : item.Features[column]).Select(name => numbers.TryGetValue(name, out var number) ? number : numbers[name] = numbers.Count)];
        return new EvaluationReport
        {
            HoldoutDays = holdoutDays,
            Users = split.Held.Count,
            HeldOutUsers = split.HeldUsers,
            Items = shop.Items.Count,
            Rankers = all.ToImmutableSortedDictionary(entry => entry.Name, entry => EvaluationReport.Summarise(entry.Metrics), StringComparer.Ordinal),
            Lists = all.ToImmutableSortedDictionary(entry => entry.Name, entry => ListMetrics.Of(entry.Metrics, split.Train, shop.Users.Count, categories), StringComparer.Ordinal),
            Difference = Differences(model, [.. all.Where(entry => entry.Metrics != model)]),
            Settings = baselines.Where(baseline => baseline.Settings.Length > 0).ToImmutableSortedDictionary(baseline => baseline.Metrics.Ranker, baseline => baseline.Settings, StringComparer.Ordinal),
            Segments = Segments(model),
            Groups = Groups(model, groups),
            ColdStart = new ColdStartEvaluator(split, shop.Users.Count, categories).Measure(ranker, model, Popularity),
            Gate = Gate.Decide(model.Of("ndcg@10"), Popularity.Of("ndcg@10"), minLift),
        };
    }

    private static ImmutableSortedDictionary<string, Interval> Differences(RankingMetrics model, (string Name, RankingMetrics Metrics)[] others) => others
        .Zip(Bootstrap.Differences(model.Of("ndcg@10"), [.. others.Select(other => other.Metrics.Of("ndcg@10"))]))
        .ToImmutableSortedDictionary(entry => entry.First.Name, entry => entry.Second, StringComparer.Ordinal);

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
            .ToImmutableSortedDictionary(group => group.Key, group => Part(model, [.. group.Select(entry => entry.row)]), StringComparer.Ordinal);
    }

    private ImmutableSortedDictionary<string, GroupSegment> Groups(RankingMetrics model, UserGroups? groups)
    {
        var users = split.Held.Keys.Order().ToArray();
        return Enumerable.Range(0, groups?.Count ?? 0).ToImmutableSortedDictionary(UserGroups.Name, group => new GroupSegment(
            groups!.Labels[group], groups.Of.Count(own => own == group),
            Part(model, [.. Enumerable.Range(0, users.Length).Where(row => groups.Of[users[row]] == group)])), StringComparer.Ordinal);
    }

    private Segment Part(RankingMetrics model, int[] rows)
    {
        double[] Of(RankingMetrics metrics) => [.. rows.Select(row => metrics.Of("ndcg@10")[row])];
        var means = Bootstrap.Means([Of(model), Of(Popularity)]);
        return new Segment(rows.Length, means[0], means[1]);
    }
}
