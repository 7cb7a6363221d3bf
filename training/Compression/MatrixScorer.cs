using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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

        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = items.Scales![item] * Dot(user, items.Quantised.AsSpan(item * d, d));
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
