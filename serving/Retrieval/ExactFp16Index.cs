using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Reco.Scoring.Retrieval;

/// <summary>Exact search over FP16 vectors: half the memory and half the traffic of FP32, in the same layout. Halves are widened
/// in registers by moving their bits to a float's place, which leaves it 2^112 too small; the query makes up for that, so
/// that nothing becomes denormal.</summary>
internal sealed class ExactFp16Index : ScanIndex
{
    /// <summary>Half of the exponents' difference is in the query, half is applied to the sum.</summary>
    private const float HalfOfBias = 72057594037927936f;

    private readonly short[] groups;

    /// <summary>Makes the index.</summary>
    /// <param name="vectors">Vectors <c>[count, dimension]</c>, row-major; values of at most 65,504.</param>
    /// <param name="count">Number of items.</param>
    /// <param name="dimension">Length of a vector.</param>
    public ExactFp16Index(float[] vectors, int count, int dimension)
        : base(count, dimension)
    {
        groups = new short[checked(Groups * Lanes * dimension)];
        Chunks.For((count + 4095) / 4096, chunk =>
        {
            for (var item = chunk * 4096; item < Math.Min(count, (chunk + 1) * 4096); item++)
            {
                var target = Offset(item);
                for (var c = 0; c < dimension; c++)
                {
                    // What is below the normal halves (0.00006) is nothing: it would be denormal on the way.
                    var half = (Half)vectors[(item * dimension) + c];
                    groups[target + (c * Lanes)] = Half.IsSubnormal(half) ? (short)0 : BitConverter.HalfToInt16Bits(half);
                }
            }
        });
    }

    /// <inheritdoc/>
    public override string Kind => "exact-fp16";

    /// <inheritdoc/>
    public override long Bytes => (long)groups.Length * sizeof(short);

    /// <inheritdoc/>
    public override float Score(int item, ReadOnlySpan<float> query)
    {
        ref var column = ref groups[Offset(item)];
        var sum = 0f;
        for (var c = 0; c < query.Length; c++)
        {
            sum = MathF.FusedMultiplyAdd(query[c] * HalfOfBias, BitConverter.Int32BitsToSingle((Unsafe.Add(ref column, c * Lanes) << 13) & unchecked((int)0x8FFFE000)), sum);
        }

        return sum * HalfOfBias;
    }

    /// <inheritdoc/>
    public override void CopyVector(int item, Span<float> vector)
    {
        ref var column = ref groups[Offset(item)];
        for (var c = 0; c < Dimension; c++)
        {
            vector[c] = (float)BitConverter.Int16BitsToHalf(Unsafe.Add(ref column, c * Lanes));
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
            var q = Vector512.Create(value * HalfOfBias);
            s0 = Vector512.FusedMultiplyAdd(q, Widen(Vector256.LoadUnsafe(ref start, at)), s0);
            s1 = Vector512.FusedMultiplyAdd(q, Widen(Vector256.LoadUnsafe(ref start, at + stride)), s1);
            s2 = Vector512.FusedMultiplyAdd(q, Widen(Vector256.LoadUnsafe(ref start, at + (2 * stride))), s2);
            s3 = Vector512.FusedMultiplyAdd(q, Widen(Vector256.LoadUnsafe(ref start, at + (3 * stride))), s3);
            at += Lanes;
        }

        var scale = Vector512.Create(HalfOfBias);
        ref var target = ref MemoryMarshal.GetReference(scores);
        (s0 * scale).StoreUnsafe(ref target);
        (s1 * scale).StoreUnsafe(ref target, Lanes);
        (s2 * scale).StoreUnsafe(ref target, 2 * Lanes);
        (s3 * scale).StoreUnsafe(ref target, 3 * Lanes);
    }

    /// <summary>Sign, exponent and mantissa of 16 halves at the places of a float's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Widen(Vector256<short> halves)
    {
        var (lower, upper) = Vector256.Widen(halves);
        return (Vector512.Create(lower, upper) << 13 & Vector512.Create(unchecked((int)0x8FFFE000))).AsSingle();
    }

    private int Offset(int item) => (item / Lanes * Lanes * Dimension) + (item % Lanes);
}
