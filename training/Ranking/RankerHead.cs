namespace Reco.Training.Ranking;

/// <summary>A learned function from the features of one candidate to its score.</summary>
internal abstract record RankerHead
{
    /// <summary>Bytes of its parameters.</summary>
    public abstract int Bytes { get; }

    /// <summary>Score of one candidate.</summary>
    /// <param name="features">Its features <c>[features]</c>.</param>
    public abstract float Score(ReadOnlySpan<float> features);

    /// <summary>Scores of several candidates <c>[candidates]</c>.</summary>
    /// <param name="features">Their features <c>[candidates, count]</c>.</param>
    /// <param name="count">Features of a candidate.</param>
    public float[] ScoreRows(ReadOnlySpan<float> features, int count)
    {
        var result = new float[features.Length / count];
        for (var row = 0; row < result.Length; row++)
        {
            result[row] = Score(features.Slice(row * count, count));
        }

        return result;
    }
}
