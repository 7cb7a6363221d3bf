using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Reco.Scoring.Retrieval;

/// <summary>Exact search over FP32 vectors. Rows are kept in groups of 16 that are stored coordinate by coordinate
/// (<c>[group, d, 16]</c>): one register then holds a coordinate of 16 items, and no sum across a register is needed.</summary>
internal sealed class ExactFp32Index : IItemIndex
{
    private const int Lanes = 16;
    private const int GroupsAtOnce = 4;

    private readonly float[] groups;

    /// <summary>Makes the index.</summary>
    /// <param name="vectors">Vectors <c>[count, dimension]</c>, row-major.</param>
    /// <param name="count">Number of items.</param>
    /// <param name="dimension">Length of a vector.</param>
    public ExactFp32Index(ReadOnlySpan<float> vectors, int count, int dimension)
    {
        Count = count;
        Dimension = dimension;
        groups = GC.AllocateUninitializedArray<float>(checked(Groups(count) * Lanes * dimension));
        groups.AsSpan(Math.Max(0, (Groups(count) - GroupsAtOnce) * Lanes * dimension)).Clear();
        for (var item = 0; item < count; item++)
        {
            var target = Offset(item);
            var row = vectors.Slice(item * dimension, dimension);
            for (var c = 0; c < row.Length; c++)
            {
                groups[target + (c * Lanes)] = row[c];
            }
        }
    }

    /// <inheritdoc/>
    public string Kind => "exact-fp32";

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public int Dimension { get; }

    /// <inheritdoc/>
    public long Bytes => groups.Length * sizeof(float);

    /// <inheritdoc/>
    public int Search(ReadOnlySpan<float> query, in ItemFilter filter, Span<Hit> hits)
    {
        var best = new TopK(hits.Length);
        Span<float> scores = stackalloc float[Lanes * GroupsAtOnce];
        for (var first = 0; first < Count; first += scores.Length)
        {
            ScoreGroups(first / Lanes, query, scores);
            best.AddRange(first, scores[..Math.Min(scores.Length, Count - first)], filter);
        }

        return best.Finish(hits);
    }

    /// <inheritdoc/>
    public float Score(int item, ReadOnlySpan<float> query)
    {
        // The same order of additions as in a search, so that both give the same number.
        ref var column = ref groups[Offset(item)];
        var sum = 0f;
        for (var c = 0; c < query.Length; c++)
        {
            sum = MathF.FusedMultiplyAdd(query[c], Unsafe.Add(ref column, c * Lanes), sum);
        }

        return sum;
    }

    /// <inheritdoc/>
    public void CopyVector(int item, Span<float> vector)
    {
        ref var column = ref groups[Offset(item)];
        for (var c = 0; c < Dimension; c++)
        {
            vector[c] = Unsafe.Add(ref column, c * Lanes);
        }
    }

    private static int Groups(int count) => (((count + Lanes - 1) / Lanes) + GroupsAtOnce - 1) / GroupsAtOnce * GroupsAtOnce;

    private int Offset(int item) => (item / Lanes * Lanes * Dimension) + (item % Lanes);

    private void ScoreGroups(int group, ReadOnlySpan<float> query, Span<float> scores)
    {
        var stride = (nuint)(Lanes * Dimension);
        ref var a = ref groups[group * Lanes * Dimension];
        var (s0, s1, s2, s3) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
        nuint at = 0;
        foreach (var value in query)
        {
            var q = Vector512.Create(value);
            s0 = Vector512.FusedMultiplyAdd(q, Vector512.LoadUnsafe(ref a, at), s0);
            s1 = Vector512.FusedMultiplyAdd(q, Vector512.LoadUnsafe(ref a, at + stride), s1);
            s2 = Vector512.FusedMultiplyAdd(q, Vector512.LoadUnsafe(ref a, at + (2 * stride)), s2);
            s3 = Vector512.FusedMultiplyAdd(q, Vector512.LoadUnsafe(ref a, at + (3 * stride)), s3);
            at += Lanes;
        }

        ref var target = ref MemoryMarshal.GetReference(scores);
        s0.StoreUnsafe(ref target);
        s1.StoreUnsafe(ref target, Lanes);
        s2.StoreUnsafe(ref target, 2 * Lanes);
        s3.StoreUnsafe(ref target, 3 * Lanes);
    }
}
