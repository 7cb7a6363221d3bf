using Reco.Scoring.Retrieval;

namespace Reco.Scoring.Models;

/// <summary>Likeness of items: the cosine of their vectors without the bias, for likeness is of taste, not of popularity.</summary>
internal static class Likeness
{
    /// <summary>Makes of an item's vector the query whose dot products, times <see cref="InverseNorms"/>, are likeness.</summary>
    /// <param name="vector">The vector.</param>
    /// <param name="hasBias">Whether its last coordinate is a bias.</param>
    public static void Make(Span<float> vector, bool hasBias)
    {
        if (hasBias)
        {
            vector[^1] = 0;
        }

        var norm = MathF.Sqrt(SquaredNorm(vector));
        foreach (ref var value in vector)
        {
            value = norm > 0 ? value / norm : 0;
        }
    }

    /// <summary>1 / |vector| of each item without its bias.</summary>
    public static float[] InverseNorms(IItemIndex index, bool hasBias)
    {
        var norms = new float[index.Count];
        Chunks.For((index.Count + 4095) / 4096, chunk =>
        {
            var vector = new float[index.Dimension];
            for (var item = chunk * 4096; item < Math.Min(index.Count, (chunk + 1) * 4096); item++)
            {
                index.CopyVector(item, vector);
                var norm = MathF.Sqrt(SquaredNorm(hasBias ? vector.AsSpan(..^1) : vector));
                norms[item] = norm > 0 ? 1 / norm : 0;
            }
        });
        return norms;
    }

    private static float SquaredNorm(ReadOnlySpan<float> vector)
    {
        var sum = 0f;
        foreach (var value in vector)
        {
            sum = MathF.FusedMultiplyAdd(value, value, sum);
        }

        return sum;
    }
}
