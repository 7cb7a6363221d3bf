using System.Numerics.Tensors;
using Reco.Training.Data;
using Reco.Training.Model;

namespace Reco.Training.Evaluation;

/// <summary>Ranks by the dot product of user and item vectors.</summary>
internal sealed class TowerRanker(TowerWeights weights, Histories histories) : IRanker
{
    private readonly float[] items = weights.ItemVectors();

    /// <inheritdoc/>
    public string Name => "two-tower";

    /// <inheritdoc/>
    public int Items => weights.Shape.Items;

    /// <summary>Mean nDCG@10 on held-out purchases, by which settings of towers are chosen.</summary>
    /// <param name="weights">Towers.</param>
    /// <param name="histories">What users had before.</param>
    /// <param name="held">What they had after.</param>
    /// <param name="hideSeen">True where nothing is consumed twice.</param>
    public static double Ndcg(TowerWeights weights, Histories histories, IReadOnlyDictionary<int, int[]> held, bool hideSeen)
    {
        IRanker ranker = new TowerRanker(weights, histories);
        return RankingMetrics.Evaluate(hideSeen ? new UnseenRanker(ranker, histories) : ranker, held, [10]).Of("ndcg@10").Average();
    }

    /// <inheritdoc/>
    public void Score(int user, Span<float> scores)
    {
        var d = weights.Shape.Dimension;
        Span<float> vector = stackalloc float[d];
        UserTower.Embed(weights, histories, user, vector);
        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = TensorPrimitives.Dot(vector, items.AsSpan(item * d, d));
        }
    }
}
