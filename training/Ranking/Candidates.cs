using Reco.Training.Evaluation;

namespace Reco.Training.Ranking;

/// <summary>What the first stage hands to the second: the towers' best items, and what the user had lately.</summary>
internal static class Candidates
{
    /// <summary>The best items, best first, then those of the history that are not among them.</summary>
    public static int[] Of(ReadOnlySpan<float> scores, ReadOnlySpan<long> recent, int count)
    {
        var best = RankingMetrics.Top(scores, count);
        var known = best.ToHashSet();
        var rest = new List<int>();
        foreach (var item in recent)
        {
            if (item > 0 && known.Add((int)item - 1))
            {
                rest.Add((int)item - 1);
            }
        }

        return [.. best, .. rest];
    }
}
