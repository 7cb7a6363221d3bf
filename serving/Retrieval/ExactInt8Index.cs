using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Reco.Scoring.Retrieval;

/// <summary>Exact search over int8 vectors with a scale each: a quarter of FP32's memory and traffic. The scan multiplies bytes by
/// bytes, with the query quantised as well; the best of it are scored again with the query as it is. The rounding of the query
/// bounds how far a score of the scan can be off, and by that bound it is checked that nothing was missed; where it cannot be
/// ruled out, every item is scored with the query as it is.</summary>
internal sealed class ExactInt8Index : ScanIndex
{
    private const int Four = 4;
    private const int Spare = 64;
    private const int CandidatesPerPlace = 4;

    /// <summary>Where the candidates would be more than one in so many items, all are scored with the query as it is at once.</summary>
    private const int FewOfAll = 4;

    /// <summary>Without VNNI, pairs of products are summed in 16 bits, which 63 cannot overflow.</summary>
    private static readonly float Steps = AvxVnni.IsSupported ? 127f : 63f;

    private readonly byte[] groups;
    private readonly float[] scales;
    private readonly float[] norms;
    private readonly float largestNorm;
    private readonly int quads;

    /// <summary>Makes the index.</summary>
    /// <param name="vectors">Vectors <c>[count, dimension]</c>, row-major.</param>
    /// <param name="scales">Scale of each vector: value = scale * vector.</param>
    /// <param name="count">Number of items.</param>
    /// <param name="dimension">Length of a vector.</param>
    public ExactInt8Index(sbyte[] vectors, float[] scales, int count, int dimension)
        : base(count, dimension)
    {
        quads = (dimension + Four - 1) / Four;
        groups = new byte[checked(Groups * Lanes * quads * Four)];
        groups.AsSpan().Fill(128);
        this.scales = new float[Groups * Lanes];
        scales.CopyTo(this.scales, 0);
        norms = new float[count];
        Chunks.For((count + 4095) / 4096, chunk =>
        {
            for (var item = chunk * 4096; item < Math.Min(count, (chunk + 1) * 4096); item++)
            {
                var squares = 0L;
                for (var c = 0; c < dimension; c++)
                {
                    var value = vectors[(item * dimension) + c];
                    groups[Offset(item, c)] = (byte)(value + 128);
                    squares += value * value;
                }

                norms[item] = scales[item] * MathF.Sqrt(squares);
            }
        });
        largestNorm = count == 0 ? 0 : norms.Max();
    }

    /// <inheritdoc/>
    public override string Kind => "exact-int8";

    /// <inheritdoc/>
    public override long Bytes => groups.Length + ((long)scales.Length * sizeof(float));

    /// <inheritdoc/>
    public override float Score(int item, ReadOnlySpan<float> query)
    {
        var sum = 0f;
        for (var c = 0; c < query.Length; c++)
        {
            sum = MathF.FusedMultiplyAdd(query[c], groups[Offset(item, c)] - 128, sum);
        }

        return sum * scales[item];
    }

    /// <inheritdoc/>
    public override void CopyVector(int item, Span<float> vector)
    {
        for (var c = 0; c < Dimension; c++)
        {
            vector[c] = (groups[Offset(item, c)] - 128) * scales[item];
        }
    }

    /// <inheritdoc/>
    protected override int SearchAll(ReadOnlySpan<float> query, ItemFilter filter, Span<Hit> hits, float[]? weights)
    {
        var wanted = (hits.Length * CandidatesPerPlace) + Spare;
        if (wanted > Count / FewOfAll)
        {
            return ScanExactly(query, filter, hits, weights);
        }

        var prepared = ArrayPool<float>.Shared.Rent(quads + 2);
        var candidates = ArrayPool<Hit>.Shared.Rent(wanted);
        try
        {
            var rounding = Prepare(query, prepared);
            var found = Scan(new ArraySegment<float>(prepared, 0, quads + 2), filter, candidates.AsSpan(0, wanted), weights);
            var off = rounding * LargestNorm(weights) * 1.0001f;
            var complete = found < wanted || candidates[found - 1].Score < candidates[hits.Length - 1].Score - (2 * off);
            return complete ? Rescore(query, candidates.AsSpan(0, found), hits, weights) : ScanExactly(query, filter, hits, weights);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(prepared);
            ArrayPool<Hit>.Shared.Return(candidates);
        }
    }

    /// <summary>Scores candidates again with the query as it is.</summary>
    private int Rescore(ReadOnlySpan<float> query, Span<Hit> candidates, Span<Hit> hits, float[]? weights)
    {
        candidates.Sort(static (a, b) => a.Item.CompareTo(b.Item));
        var best = new TopK(hits.Length);
        Span<float> scores = stackalloc float[Lanes];
        var scored = -1;
        foreach (var candidate in candidates)
        {
            if (candidate.Item / Lanes != scored)
            {
                scored = candidate.Item / Lanes;
                ScoreExactly(scored, query, scores);
            }

            best.Add(candidate.Item, scores[candidate.Item % Lanes] * (weights?[candidate.Item] ?? 1));
        }

        return best.Finish(hits);
    }

    /// <summary>Scores every item with the query as it is.</summary>
    private int ScanExactly(ReadOnlySpan<float> query, ItemFilter filter, Span<Hit> hits, float[]? weights)
    {
        var best = new TopK(hits.Length);
        Span<float> scores = stackalloc float[Lanes];
        for (var first = 0; first < Count; first += Lanes)
        {
            ScoreExactly(first / Lanes, query, scores);
            var size = Math.Min(Lanes, Count - first);
            for (var i = 0; weights is not null && i < size; i++)
            {
                scores[i] *= weights[first + i];
            }

            best.AddRange(first, scores[..size], filter);
        }

        return best.Finish(hits);
    }

    /// <summary>Scores of a group's 16 items: for each the additions of <see cref="Score"/> in their order.</summary>
    private void ScoreExactly(int group, ReadOnlySpan<float> query, Span<float> scores)
    {
        ref var start = ref groups[group * Lanes * quads * Four];
        var (sums, low, offset) = (Vector512<float>.Zero, Vector512.Create(0xFF), Vector512.Create(128));
        for (var c = 0; c < query.Length; c++)
        {
            var word = Vector512.LoadUnsafe(ref start, (nuint)(c / Four * Lanes * Four)).AsInt32();
            var values = Vector512.ConvertToSingle(((word >>> (c % Four * 8)) & low) - offset);
            sums = Vector512.FusedMultiplyAdd(Vector512.Create(query[c]), values, sums);
        }

        (sums * Vector512.LoadUnsafe(ref scales[group * Lanes])).StoreUnsafe(ref MemoryMarshal.GetReference(scores));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void ScoreBlock(int group, ReadOnlySpan<float> query, Span<float> scores)
    {
        var (step, offset) = (query[quads], (int)BitConverter.SingleToUInt32Bits(query[quads + 1]));
        var words = MemoryMarshal.Cast<float, int>(query[..quads]);
        for (var g = 0; g < GroupsAtOnce; g++)
        {
            var (low, high) = Multiply(ref groups[(group + g) * Lanes * quads * Four], words);
            var first = (group + g) * Lanes;
            Store(low, first, g * Lanes, scores);
            Store(high, first + 8, (g * Lanes) + 8, scores);
        }

        void Store(Vector256<int> sums, int item, int at, Span<float> target)
        {
            var values = Vector256.ConvertToSingle(sums - Vector256.Create(offset)) * Vector256.Create(step) * Vector256.LoadUnsafe(ref scales[item]);
            values.StoreUnsafe(ref target[at]);
        }
    }

    /// <summary>Sums of products of a group's 16 items, eight in each register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<int> Low, Vector256<int> High) Multiply(ref byte start, ReadOnlySpan<int> query)
    {
        var (low, high) = (Vector256<int>.Zero, Vector256<int>.Zero);
        nuint at = 0;
        if (AvxVnni.IsSupported)
        {
            foreach (var word in query)
            {
                var q = Vector256.Create(word).AsSByte();
                low = AvxVnni.MultiplyWideningAndAdd(low, Vector256.LoadUnsafe(ref start, at), q);
                high = AvxVnni.MultiplyWideningAndAdd(high, Vector256.LoadUnsafe(ref start, at + 32), q);
                at += 64;
            }
        }
        else if (Avx2.IsSupported)
        {
            var ones = Vector256<short>.One;
            foreach (var word in query)
            {
                var q = Vector256.Create(word).AsSByte();
                low += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.LoadUnsafe(ref start, at), q), ones);
                high += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.LoadUnsafe(ref start, at + 32), q), ones);
                at += 64;
            }
        }
        else
        {
            Span<int> sums = stackalloc int[Lanes];
            foreach (var word in query)
            {
                for (var i = 0; i < Lanes * Four; i++)
                {
                    sums[i / Four] += Unsafe.Add(ref start, at + (nuint)i) * (sbyte)(word >> (i % Four * 8));
                }

                at += 64;
            }

            low = Vector256.Create<int>(sums);
            high = Vector256.Create<int>(sums[8..]);
        }

        return (low, high);
    }

    /// <summary>Writes the query as bytes, four a word, then its step and the sum that the items' offset of 128 adds.</summary>
    /// <returns>Length of the difference between the query and what was written.</returns>
    private float Prepare(ReadOnlySpan<float> query, float[] prepared)
    {
        var most = 0f;
        foreach (var value in query)
        {
            most = Math.Max(most, Math.Abs(value));
        }

        var step = most > 0 ? most / Steps : 1;
        var bytes = MemoryMarshal.AsBytes(prepared.AsSpan(0, quads));
        bytes.Clear();
        var (sum, rounding) = (0, 0.0);
        for (var c = 0; c < query.Length; c++)
        {
            var value = (sbyte)MathF.Round(query[c] / step);
            bytes[c] = (byte)value;
            sum += value;
            rounding += Math.Pow(query[c] - (value * (double)step), 2);
        }

        prepared[quads] = step;
        prepared[quads + 1] = BitConverter.UInt32BitsToSingle((uint)(sum * 128));
        return (float)Math.Sqrt(rounding);
    }

    private float LargestNorm(float[]? weights)
    {
        if (weights is null)
        {
            return largestNorm;
        }

        var most = 0f;
        for (var item = 0; item < norms.Length; item++)
        {
            most = Math.Max(most, norms[item] * weights[item]);
        }

        return most;
    }

    private int Offset(int item, int coordinate) => (((item / Lanes * quads) + (coordinate / Four)) * Lanes * Four) + (item % Lanes * Four) + (coordinate % Four);
}
