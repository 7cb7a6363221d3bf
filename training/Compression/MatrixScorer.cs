using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Reco.Bundle;

namespace Reco.Training.Compression;

/// <summary>Scores every item for one user vector, on FP32 or int8 items.</summary>
internal static class MatrixScorer
{
    /// <summary>scores[i] = e_u . e_i.</summary>
    public static void Score(ItemMatrix items, ReadOnlySpan<float> user, Span<float> scores)
    {
        var d = items.Dimension;
        if (items.Values is not null)
        {
            for (var item = 0; item < scores.Length; item++)
            {
                scores[item] = TensorPrimitives.Dot(user, items.Values.AsSpan(item * d, d));
            }

            return;
        }

        if (Avx2.IsSupported && d % Vector256<short>.Count == 0)
        {
            ScoreIntegers(items, user, scores);
            return;
        }

        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = items.Scales![item] * Dot(user, items.Quantised.AsSpan(item * d, d));
        }
    }

    /// <summary>Integer arithmetic throughout: the user vector in 16 bits (an error of 2^-15 of its largest coordinate, far below
    /// that of the items' 8 bits), sums in 32, chosen so that they cannot overflow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScoreIntegers(ItemMatrix items, ReadOnlySpan<float> user, Span<float> scores)
    {
        var d = items.Dimension;
        var most = TensorPrimitives.MaxMagnitude(user);
        var steps = Math.Min(short.MaxValue, int.MaxValue / (127 * d));
        var scale = Math.Max(1e-30f, Math.Abs(most)) / steps;
        var vector = new short[d];
        for (var c = 0; c < d; c++)
        {
            vector[c] = (short)MathF.Round(user[c] / scale);
        }

        ref var first = ref MemoryMarshal.GetArrayDataReference(items.Quantised!);
        ref var own = ref MemoryMarshal.GetArrayDataReference(vector);
        for (var item = 0; item < scores.Length; item++)
        {
            var sum = Vector256<int>.Zero;
            for (var c = 0; c < d; c += Vector256<short>.Count)
            {
                var bytes = Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref first, (nuint)((item * d) + c)));
                sum += Avx2.MultiplyAddAdjacent(bytes, Vector256.LoadUnsafe(ref own, (nuint)c));
            }

            scores[item] = items.Scales![item] * scale * Vector256.Sum(sum);
        }
    }

    /// <summary>Dot product of FP32 and int8 values: bytes are widened in registers, so that memory traffic stays a quarter.
    /// Compiled for speed at once: a short run would time the unoptimised code.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<sbyte> right)
    {
        var sum = Vector256<float>.Zero;
        var i = 0;
        for (; i <= left.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var bytes = Vector128.CreateScalarUnsafe(BinaryPrimitives.ReadInt64LittleEndian(MemoryMarshal.AsBytes(right[i..]))).AsSByte();
            var (lower, upper) = Vector128.Widen(Vector128.WidenLower(bytes));
            var wide = Vector256.ConvertToSingle(Vector256.Create(lower, upper));
            sum = Vector256.FusedMultiplyAdd(Vector256.Create(left[i..]), wide, sum);
        }

        var total = Vector256.Sum(sum);
        for (; i < left.Length; i++)
        {
            total += left[i] * right[i];
        }

        return total;
    }
}
