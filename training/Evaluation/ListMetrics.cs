using Reco.Training.Data;

namespace Reco.Training.Evaluation;

/// <summary>What accuracy does not tell of top-10 lists; means over users.</summary>
/// <param name="Coverage">Share of the catalogue in somebody's top 20.</param>
/// <param name="Novelty">Bits of surprise of an item, -log2 of its share of the training interactions, smoothed (Zhou et al. 2010).</param>
/// <param name="PopularityBias">Mean popularity of the recommended items over that of the items in the same users' histories: 1 is
/// none, above it the lists are more popular than what people had (Abdollahpouri et al. 2019).</param>
/// <param name="Diversity">Share of pairs of a list in different categories.</param>
/// <param name="Miscalibration">Kullback-Leibler divergence of the list's categories from the history's, in nats, smoothed by 1 %
/// (Steck 2018); users with a history only.</param>
internal sealed record ListMetrics(double Coverage, double Novelty, double PopularityBias, double Diversity, double Miscalibration)
{
    private const int Length = 10;

    /// <summary>Measures the lists of a ranker.</summary>
    /// <param name="metrics">Its lists.</param>
    /// <param name="train">Training interactions.</param>
    /// <param name="users">Number of users.</param>
    /// <param name="categories">Category of each item.</param>
    public static ListMetrics Of(RankingMetrics metrics, InteractionLog train, int users, int[] categories)
    {
        var counts = new double[categories.Length];
        foreach (var entry in train)
        {
            counts[entry.Item]++;
        }

        var histories = train.Histories(users);
        var (novelty, bias, diversity, divergence) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        foreach (var (user, list) in metrics.Lists)
        {
            var top = list.Length > Length ? list[..Length] : list;
            novelty.Add(top.Average(item => -Math.Log2((counts[item] + 1) / (train.Length + categories.Length))));
            var pairs = from first in Enumerable.Range(0, top.Length) from second in Enumerable.Range(first + 1, top.Length - first - 1) select (top[first], top[second]);
            diversity.Add(pairs.Select(pair => categories[pair.Item1] != categories[pair.Item2] ? 1.0 : 0).DefaultIfEmpty(0).Average());
            if (histories.Of(user).ToArray() is { Length: > 0 } own)
            {
                bias.Add(top.Average(item => counts[item]) / own.Average(item => counts[item]));
                divergence.Add(Divergence(own, top, categories));
            }
        }

        static double Mean(List<double> values) => values.Count == 0 ? 0 : values.Average();
        return new ListMetrics(metrics.Coverage, Mean(novelty), Mean(bias), Mean(diversity), Mean(divergence));
    }

    private static double Divergence(int[] history, int[] list, int[] categories)
    {
        const double Smoothing = 0.01;
        var listed = list.CountBy(item => categories[item]).ToDictionary(pair => pair.Key, pair => pair.Value / (double)list.Length);
        return history.CountBy(item => categories[item]).Sum(pair =>
        {
            var share = pair.Value / (double)history.Length;
            return share * Math.Log(share / (((1 - Smoothing) * listed.GetValueOrDefault(pair.Key)) + (Smoothing * share)));
        });
    }
}
