using Reco.Scoring.Retrieval;

namespace Reco.Scoring.Recommendation;

/// <summary>A known item, or known items that stand for an unknown one, each as heavy as its text is similar.</summary>
/// <param name="Path">Which of the two.</param>
/// <param name="Neighbours">The items; their scores are weights that sum to 1.</param>
internal sealed record FoundItem(AnswerPath Path, Hit[] Neighbours)
{
    /// <summary>Its score: the mean of theirs.</summary>
    /// <param name="score">Score of a known item.</param>
    public float Score(Func<int, float> score)
    {
        var sum = 0f;
        foreach (var neighbour in Neighbours)
        {
            sum += neighbour.Score * score(neighbour.Item);
        }

        return sum;
    }

    /// <summary>Its vector: the mean of theirs.</summary>
    public float[] Vector(IItemIndex index)
    {
        var vector = new float[index.Dimension];
        var row = new float[vector.Length];
        foreach (var neighbour in Neighbours)
        {
            index.CopyVector(neighbour.Item, row);
            for (var c = 0; c < row.Length; c++)
            {
                vector[c] += row[c] * neighbour.Score;
            }
        }

        return vector;
    }
}
