using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Reco.Scoring.Retrieval;

/// <summary>Approximate search by product quantisation: every item is scored by lookups in a table of the query (<see cref="PqCodes"/>),
/// and a short list is scored again by the vectors themselves. Filters and factors by item hold inside the scan. What fills the
/// short list badly, narrow filters and more items than it holds, is answered exactly.</summary>
internal sealed class PqIndex<TRows> : ScanIndex, ITunableIndex
    where TRows : struct, IVectorRows
{
    /// <summary>The short list is never shorter than so many times what is asked for.</summary>
    private const int LeastPerPlace = 2;

    /// <summary>Where the short list would be one in so many items, all are scored by their vectors at once.</summary>
    private const int FewOfAll = 16;

    private const int TableFloats = PqCodes.Centroids / sizeof(float);

    private readonly TRows rows;
    private readonly PqCodes codes;
    private readonly ExactRowIndex<TRows> exact;

    /// <summary>Makes the index.</summary>
    /// <param name="rows">The vectors.</param>
    /// <param name="codes">Their codes.</param>
    public PqIndex(TRows rows, PqCodes codes)
        : base(rows.Count, rows.Dimension)
    {
        (this.rows, this.codes) = (rows, codes);
        exact = new ExactRowIndex<TRows>(rows);
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> Efforts { get; } = [200, 300, 500, 800, 1_200, 2_000, 3_000, 5_000, 8_000];

    /// <summary>Items that are scored by their vectors: more find more, and take longer.</summary>
    public int Effort { get; set; } = 1_200;

    /// <inheritdoc/>
    public override string Kind => $"pq-{rows.Kind}";

    /// <inheritdoc/>
    public override long Bytes => rows.Bytes + codes.Bytes;

    /// <summary>By what the scan reads, which is less than <see cref="Bytes"/>.</summary>
    protected override long BytesOfScan => codes.Bytes;

    /// <inheritdoc/>
    public override float Score(int item, ReadOnlySpan<float> query) => rows.Dot(item, query);

    /// <inheritdoc/>
    public override void CopyVector(int item, Span<float> vector) => rows.Copy(item, vector);

    /// <inheritdoc/>
    protected override int SearchAll(ReadOnlySpan<float> query, ItemFilter filter, Span<Hit> hits, float[]? weights)
    {
        var wanted = Math.Max(Effort, hits.Length * LeastPerPlace);
        if (wanted >= Count / FewOfAll)
        {
            return exact.Search(query, filter, hits, weights);
        }

        var length = (codes.Pairs * 2 * TableFloats) + 2;
        var prepared = ArrayPool<float>.Shared.Rent(length);
        var list = ArrayPool<Hit>.Shared.Rent(wanted);
        try
        {
            (prepared[length - 2], prepared[length - 1]) = codes.WriteTable(query, MemoryMarshal.AsBytes(prepared.AsSpan(0, length - 2)));
            var found = Scan(new ArraySegment<float>(prepared, 0, length), filter, list.AsSpan(0, wanted), weights);
            return Rescore(query, list.AsSpan(0, found), hits, weights);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(prepared);
            ArrayPool<Hit>.Shared.Return(list);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void ScoreBlock(int group, ReadOnlySpan<float> query, Span<float> scores)
    {
        ref var block = ref codes[group / GroupsAtOnce];
        ref var table = ref MemoryMarshal.GetReference(MemoryMarshal.AsBytes(query));
        var (even, odd) = Avx512BW.IsSupported ? SumWide(ref block, ref table, codes.Pairs) : Sum(ref block, ref table, codes.Pairs);
        var (step, least) = (Vector512.Create(query[^2]), Vector512.Create(query[^1]));
        Store(even, 0, scores);
        Store(odd, PqCodes.Block / 2, scores);

        void Store(Vector512<ushort> sums, int at, Span<float> target)
        {
            var (lower, upper) = Vector512.Widen(sums);
            Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(lower.AsInt32()), step, least).StoreUnsafe(ref target[at]);
            Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(upper.AsInt32()), step, least).StoreUnsafe(ref target[at + Lanes]);
        }
    }

    /// <summary>Sums of the table's entries for the 64 items of a block: those of the even bytes, then those of the odd ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<ushort> Even, Vector512<ushort> Odd) SumWide(ref byte block, ref byte table, int pairs)
    {
        var (even, odd) = (Vector512<ushort>.Zero, Vector512<ushort>.Zero);
        var (low, lowByte) = (Vector512.Create((byte)15), Vector512.Create((ushort)255));
        for (nuint pair = 0; pair < (nuint)pairs; pair++)
        {
            var both = Vector512.LoadUnsafe(ref block, pair * PqCodes.Block);
            var first = Avx512BW.Shuffle(Repeat(ref table, pair * 2), both & low).AsUInt16();
            var second = Avx512BW.Shuffle(Repeat(ref table, (pair * 2) + 1), (both.AsUInt16() >>> 4).AsByte() & low).AsUInt16();
            even += (first & lowByte) + (second & lowByte);
            odd += (first >>> 8) + (second >>> 8);
        }

        return (even, odd);

        static Vector512<byte> Repeat(ref byte table, nuint part)
        {
            var entries = Vector128.LoadUnsafe(ref table, part * PqCodes.Centroids);
            var half = Vector256.Create(entries, entries);
            return Vector512.Create(half, half);
        }
    }

    private static (Vector512<ushort> Even, Vector512<ushort> Odd) Sum(ref byte block, ref byte table, int pairs)
    {
        const int Quarter = PqCodes.Block / 4;
        Span<ushort> sums = stackalloc ushort[PqCodes.Block];
        var (low, lowByte) = (Vector128.Create((byte)15), Vector128.Create((ushort)255));
        for (var quarter = 0; quarter < 4; quarter++)
        {
            var (even, odd) = (Vector128<ushort>.Zero, Vector128<ushort>.Zero);
            for (nuint pair = 0; pair < (nuint)pairs; pair++)
            {
                var both = Vector128.LoadUnsafe(ref block, (pair * PqCodes.Block) + (nuint)(quarter * Quarter));
                var first = Vector128.ShuffleNative(Vector128.LoadUnsafe(ref table, pair * 2 * PqCodes.Centroids), both & low).AsUInt16();
                var second = Vector128.ShuffleNative(Vector128.LoadUnsafe(ref table, ((pair * 2) + 1) * PqCodes.Centroids), (both.AsUInt16() >>> 4).AsByte() & low).AsUInt16();
                even += (first & lowByte) + (second & lowByte);
                odd += (first >>> 8) + (second >>> 8);
            }

            even.CopyTo(sums[(quarter * Quarter / 2)..]);
            odd.CopyTo(sums[((PqCodes.Block / 2) + (quarter * Quarter / 2))..]);
        }

        return (Vector512.Create<ushort>(sums), Vector512.Create<ushort>(sums[(PqCodes.Block / 2)..]));
    }

    /// <summary>Scores the short list by its vectors.</summary>
    private int Rescore(ReadOnlySpan<float> query, ReadOnlySpan<Hit> list, Span<Hit> hits, float[]? weights)
    {
        const int Ahead = 8;
        var best = new TopK(hits.Length);
        for (var place = 0; place < list.Length; place++)
        {
            rows.Prefetch(list[Math.Min(place + Ahead, list.Length - 1)].Item);
            var item = list[place].Item;
            best.Add(item, rows.Dot(item, query) * (weights?[item] ?? 1));
        }

        return best.Finish(hits);
    }
}
