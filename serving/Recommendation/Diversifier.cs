using Reco.Scoring.Models;
using Reco.Scoring.Retrieval;

namespace Reco.Scoring.Recommendation;

/// <summary>Chooses items that are good and unlike one another: maximal marginal relevance (Carbonell and Goldstein, 1998).</summary>
internal static class Diversifier
{
    /// <summary>How many candidates there are for each place.</summary>
    public const int CandidatesPerPlace = 5;

    /// <summary>Reorders candidates and keeps the first k.</summary>
    /// <param name="model">Whose vectors tell what is alike.</param>
    /// <param name="candidates">Items, best first.</param>
    /// <param name="k">How many are kept.</param>
    /// <param name="diversity">From 0 (by score alone) to 1 (by unlikeness alone).</param>
    public static Hit[] Choose(ServedModel model, ReadOnlySpan<Hit> candidates, int k, double diversity)
    {
        var (count, dimension) = (candidates.Length, model.Index.Dimension);
        k = Math.Min(k, count);
        var width = model.HasBias ? dimension - 1 : dimension;
        var vectors = new float[count * dimension];
        for (var i = 0; i < count; i++)
        {
            model.Index.CopyVector(candidates[i].Item, vectors.AsSpan(i * dimension, dimension));
        }

        var (low, high) = count == 0 ? (0f, 1f) : (candidates[^1].Score, candidates[0].Score);
        var likeness = new float[count];
        var chosen = new bool[count];
        var result = new Hit[k];
        for (var place = 0; place < k; place++)
        {
            var (best, bestValue) = (-1, double.NegativeInfinity);
            for (var i = 0; i < count; i++)
            {
                var relevance = high > low ? (candidates[i].Score - low) / (high - low) : 1;
                var value = ((1 - diversity) * relevance) - (diversity * (place == 0 ? 0 : likeness[i]));
                if (!chosen[i] && value > bestValue)
                {
                    (best, bestValue) = (i, value);
                }
            }

            chosen[best] = true;
            result[place] = candidates[best];
            for (var i = 0; i < count; i++)
            {
                if (!chosen[i])
                {
                    var cosine = Dot(vectors.AsSpan(i * dimension, width), vectors.AsSpan(best * dimension, width))
                        * model.InverseNorms[candidates[i].Item] * model.InverseNorms[candidates[best].Item];
                    likeness[i] = place == 0 ? cosine : Math.Max(likeness[i], cosine);
                }
            }
        }

        return result;
    }

    private static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var sum = 0f;
        for (var i = 0; i < left.Length; i++)
        {
            sum += left[i] * right[i];
        }

        return sum;
    }
}
