using System.Numerics.Tensors;
using Reco.Bundle;
using Reco.Training.Evaluation;

namespace Reco.Training.Search;

/// <summary>A trained query tower in plain arrays: a query's vector is the sum of its tokens' rows, scaled to length 1, and a last
/// coordinate of 1 that brings the item's bias into the dot product.</summary>
internal sealed record SearchWeights : ISearcher
{
    /// <summary>Most tokens of a query.</summary>
    public const int MostTokens = 96;

    /// <summary>Rows of the table beside row 0, which is the padding.</summary>
    public required int Buckets { get; init; }

    /// <summary>Length of a vector, the bias included.</summary>
    public required int Dimension { get; init; }

    /// <summary>Token rows <c>[buckets + 1, d - 1]</c>.</summary>
    public required float[] Tokens { get; init; }

    /// <summary>Item vectors with the bias as their last coordinate <c>[items, d]</c>.</summary>
    public required float[] Items { get; init; }

    /// <inheritdoc/>
    public string Name => "query tower";

    /// <summary>Vector of a query <c>[d]</c>.</summary>
    public void Embed(ReadOnlySpan<long> tokens, Span<float> vector)
    {
        var width = Dimension - 1;
        vector.Clear();
        foreach (var token in tokens)
        {
            TensorPrimitives.Add(vector[..width], Tokens.AsSpan((int)token * width, width), vector[..width]);
        }

        var length = MathF.Sqrt(TensorPrimitives.SumOfSquares<float>(vector[..width]) + 1e-12f);
        TensorPrimitives.Divide(vector[..width], length, vector[..width]);
        vector[width] = 1;
    }

    /// <inheritdoc/>
    public void Score(string query, Span<float> scores)
    {
        Span<long> tokens = stackalloc long[MostTokens];
        Span<float> vector = stackalloc float[Dimension];
        var count = SearchTokens.Write(query, Buckets, tokens);
        Embed(tokens[..count], vector);
        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = TensorPrimitives.Dot(vector, Items.AsSpan(item * Dimension, Dimension));
        }
    }
}

/// <summary>Fuses two searchers by <see cref="ReciprocalRanks"/>: exact words and mistyped ones.</summary>
internal sealed class FusedSearcher(ISearcher first, ISearcher second, int items) : ISearcher
{
    /// <inheritdoc/>
    public string Name => $"{first.Name} and {second.Name}";

    /// <inheritdoc/>
    public void Score(string query, Span<float> scores)
    {
        var own = new float[items];
        scores.Clear();
        foreach (var searcher in new[] { first, second })
        {
            searcher.Score(query, own);
            var top = RankingMetrics.Top(own, ReciprocalRanks.Depth);
            for (var rank = 0; rank < top.Length && (searcher != first || own[top[rank]] > 0); rank++)
            {
                scores[top[rank]] += ReciprocalRanks.Weight(rank);
            }
        }
    }
}
