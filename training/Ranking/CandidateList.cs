using Reco.Training.Evaluation;

namespace Reco.Training.Ranking;

/// <summary>The candidates of one user, in the towers' order.</summary>
/// <param name="Features">Their features <c>[candidates, features]</c>.</param>
/// <param name="Labels">1 where the user bought the candidate, else 0 <c>[candidates]</c>.</param>
/// <param name="Relevant">How many items the user bought, candidates or not.</param>
internal sealed record CandidateList(float[] Features, float[] Labels, int Relevant)
{
    /// <summary>Whether anything can be learned from it.</summary>
    public bool HasPurchases => Labels.Any(label => label > 0);

    /// <summary>nDCG@10 by some scores, or in the towers' order.</summary>
    public double Ndcg(float[]? scores)
    {
        var order = scores is null ? [.. Enumerable.Range(0, Math.Min(10, Labels.Length))] : RankingMetrics.Top(scores, 10);
        var gain = order.Select((place, rank) => Labels[place] / Math.Log2(rank + 2)).Sum();
        return gain / Enumerable.Range(0, Math.Min(10, Relevant)).Sum(rank => 1 / Math.Log2(rank + 2));
    }
}
