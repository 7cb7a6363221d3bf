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
