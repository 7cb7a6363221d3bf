namespace Reco.Training.Ranking;

/// <summary>A trained ranker.</summary>
/// <param name="Features">Makes its inputs.</param>
/// <param name="Head">Makes a score of them.</param>
internal sealed record RankerWeights(RankerFeatures Features, RankerHead Head)
{
    /// <summary>Scores of candidates <c>[candidates]</c>.</summary>
    public float[] Score(ReadOnlySpan<long> recent, int[] candidates, float[] scores)
    {
        var features = new float[candidates.Length * Features.Count];
        Features.Write(recent, candidates, scores, features);
        return Head.ScoreRows(features, Features.Count);
    }
}
