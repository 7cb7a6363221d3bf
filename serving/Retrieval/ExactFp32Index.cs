using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Reco.Scoring.Retrieval;

/// <summary>Exact search over FP32 vectors. Rows are kept in groups of 16 that are stored coordinate by coordinate
/// (<c>[group, d, 16]</c>): one register then holds a coordinate of 16 items, and no sum across a register is needed.</summary>
internal sealed class ExactFp32Index : ScanIndex
{
    private readonly float[] groups;

    /// <summary>Makes the index.</summary>
    /// <param name="vectors">Vectors <c>[count, dimension]</c>, row-major.</param>
    /// <param name="count">Number of items.</param>
    /// <param name="dimension">Length of a vector.</param>
    public ExactFp32Index(float[] vectors, int count, int dimension)
        : base(count, dimension)
    {
        groups = new float[checked(Groups * Lanes * dimension)];
        Chunks.For((count + 4095) / 4096, chunk =>
        {
            for (var item = chunk * 4096; item < Math.Min(count, (chunk + 1) * 4096); item++)
            {
                var target = Offset(item);
                var row = vectors.AsSpan(item * dimension, dimension);
                for (var c = 0; c < row.Length; c++)
                {
                    groups[target + (c * Lanes)] = row[c];
                }
            }
        });
    }

    /// <inheritdoc/>
    public override string Kind => "exact-fp32";

    /// <inheritdoc/>
    public override long Bytes => (long)groups.Length * sizeof(float);

    /// <inheritdoc/>
    public override float Score(int item, ReadOnlySpan<float> query)
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
    public override void CopyVector(int item, Span<float> vector)
    {
        ref var column = ref groups[Offset(item)];
        for (var c = 0; c < Dimension; c++)
        {
            vector[c] = Unsafe.Add(ref column, c * Lanes);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void ScoreBlock(int group, ReadOnlySpan<float> query, Span<float> scores)
    {
        var stride = (nuint)(Lanes * Dimension);
        ref var start = ref groups[group * Lanes * Dimension];
        var (s0, s1, s2, s3) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
        nuint at = 0;
        foreach (var value in query)
        {
            var q = Vector512.Create(value);
            s0 = Vector512.FusedMultiplyAdd(q, Vector512.LoadUnsafe(ref start, at), s0);
            s1 = Vector512.FusedMultiplyAdd(q, Vector512.LoadUnsafe(ref start, at + stride), s1);
            s2 = Vector512.FusedMultiplyAdd(q, Vector512.LoadUnsafe(ref start, at + (2 * stride)), s2);
            s3 = Vector512.FusedMultiplyAdd(q, Vector512.LoadUnsafe(ref start, at + (3 * stride)), s3);
            at += Lanes;
        }

        ref var target = ref MemoryMarshal.GetReference(scores);
        s0.StoreUnsafe(ref target);
        s1.StoreUnsafe(ref target, Lanes);
        s2.StoreUnsafe(ref target, 2 * Lanes);
        s3.StoreUnsafe(ref target, 3 * Lanes);
    }

    private int Offset(int item) => (item / Lanes * Lanes * Dimension) + (item % Lanes);
}
