namespace Reco.Training.Evaluation;

/// <summary>Ranks as another ranker does, the items that training knows purchases of last.</summary>
internal sealed class ColdOnlyRanker(IRanker inner, bool[] warm) : IRanker
{
    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public int Items => inner.Items;

    /// <inheritdoc/>
    public void Score(int user, Span<float> scores)
    {
        inner.Score(user, scores);
        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = warm[item] ? float.NegativeInfinity : scores[item];
        }
    }
}
