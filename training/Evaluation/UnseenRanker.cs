using Reco.Training.Data;

namespace Reco.Training.Evaluation;

/// <summary>Ranks as another ranker does, what the user has had in training last: the protocol of data sets in which nothing
/// is consumed twice (films), and wrong where people buy again.</summary>
internal sealed class UnseenRanker(IRanker inner, Histories histories) : IRanker
{
    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public int Items => inner.Items;

    /// <inheritdoc/>
    public void Score(int user, Span<float> scores)
    {
        inner.Score(user, scores);
        foreach (var item in histories.All(user))
        {
            scores[item] = float.NegativeInfinity;
        }
    }
}
