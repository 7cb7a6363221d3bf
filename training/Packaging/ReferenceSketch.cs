using Reco.Training.Data;
using Reco.Training.Evaluation;

namespace Reco.Training.Packaging;

/// <summary>What <c>reference.json</c> holds: distributions at training time, against which live traffic is compared to see
/// drift.</summary>
/// <param name="Scores">Scores of the items in users' top 10.</param>
/// <param name="HistoryLengths">Lengths of the histories.</param>
/// <param name="ItemShare">Share of interactions by popularity decile of the items, most popular first.</param>
internal sealed record ReferenceSketch(Histogram Scores, Histogram HistoryLengths, double[] ItemShare)
{
    /// <summary>Makes the sketches.</summary>
    public static ReferenceSketch From(IRanker ranker, TimeSplit split, Histories histories, int historyLength)
    {
        var users = split.Held.Keys.Order().Take(2_000).ToArray();
        var scores = new List<double>(users.Length * 10);
        var all = new float[ranker.Items];
        foreach (var user in users)
        {
            ranker.Score(user, all);
            scores.AddRange(RankingMetrics.Top(all, 10).Select(item => (double)all[item]));
        }

        var lengths = split.Train.Select(entry => entry.User).Distinct().Order().Select(user => (double)Math.Min(historyLength, histories.All(user).Count()));
        var counts = split.Train.CountBy(entry => entry.Item).Select(item => item.Value).OrderDescending().ToArray();
        var deciles = counts.Select((count, rank) => (count, decile: rank * 10 / counts.Length)).GroupBy(entry => entry.decile)
            .OrderBy(group => group.Key).Select(group => group.Sum(entry => entry.count) / (double)split.Train.Length).ToArray();
        return new ReferenceSketch(Histogram.Of(scores), Histogram.Of([.. lengths]), deciles);
    }
}

/// <summary>A histogram of equal bins.</summary>
/// <param name="Low">Lower bound of the first bin.</param>
/// <param name="High">Upper bound of the last one.</param>
/// <param name="Counts">Values by bin.</param>
internal sealed record Histogram(double Low, double High, long[] Counts)
{
    private const int Bins = 32;

    /// <summary>Histogram of some values over their own range.</summary>
    public static Histogram Of(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0)
        {
            return new Histogram(0, 1, new long[Bins]);
        }

        var (low, high) = (values.Min(), values.Max());
        var width = high > low ? high - low : 1;
        var counts = new long[Bins];
        foreach (var value in values)
        {
            counts[Math.Min(Bins - 1, (int)((value - low) / width * Bins))]++;
        }

        return new Histogram(low, low + width, counts);
    }
}
