using System.Runtime.Intrinsics;

namespace Reco.Scoring.Retrieval;

/// <summary>Vectors in product quantisation (Jégou et al. 2011): the coordinates are cut into parts of two, and each part of a vector is the
/// nearest of 16 centroids, half a byte. The last coordinate, a bias on which the order hangs most, is a part of its own.
/// 16 is what one register looks up at once (André et al. 2015).</summary>
internal sealed class PqCodes
{
    /// <summary>Centroids of a part.</summary>
    public const int Centroids = 16;

    /// <summary>Vectors that are kept together: a byte of each, then the next byte of each.</summary>
    public const int Block = 64;

    /// <summary>So many parts' distances of a byte each fit in a sum of 16 bits.</summary>
    private const int MostParts = 256;

    private const int Rounds = 8;
    private const int Sample = 8_192;
    private const int RowsAtOnce = 64 * Block;

    private readonly float[][] centroids;
    private readonly int[] starts;
    private readonly byte[] codes;

    private PqCodes(int count, int dimension, int[] starts, float[][] centroids)
    {
        (Count, Dimension, this.starts, this.centroids) = (count, dimension, starts, centroids);
        Pairs = (Parts + 1) / 2;
        codes = new byte[checked((count + Block - 1) / Block * Pairs * Block)];
    }

    /// <summary>Number of vectors.</summary>
    public int Count { get; }

    /// <summary>Length of a vector.</summary>
    public int Dimension { get; }

    /// <summary>Number of parts.</summary>
    public int Parts => centroids.Length;

    /// <summary>Bytes of a vector: two parts each.</summary>
    public int Pairs { get; }

    /// <summary>Bytes that codes and centroids take.</summary>
    public long Bytes => codes.Length + centroids.Sum(part => (long)part.Length * sizeof(float));

    /// <summary>Learns the centroids on a sample and codes every row: the same rows give the same codes.</summary>
    /// <param name="rows">The vectors; at least one.</param>
    /// <param name="threads">Threads that it may take.</param>
    /// <param name="cancellation">Stops it.</param>
    public static PqCodes Make<TRows>(TRows rows, int threads, CancellationToken cancellation)
        where TRows : struct, IVectorRows
    {
        var starts = Cut(rows.Dimension);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        var sample = new float[Math.Min(Sample, rows.Count) * rows.Dimension];
        for (var place = 0; place < sample.Length / rows.Dimension; place++)
        {
            var row = (int)((long)place * rows.Count * rows.Dimension / sample.Length);
            rows.Copy(row, sample.AsSpan(place * rows.Dimension, rows.Dimension));
        }

        var centroids = new float[starts.Length - 1][];
        Parallel.For(0, centroids.Length, parallel, part => centroids[part] = Learn(sample, rows.Dimension, starts[part], starts[part + 1]));
        var made = new PqCodes(rows.Count, rows.Dimension, starts, centroids);
        Parallel.For(0, (rows.Count + RowsAtOnce - 1) / RowsAtOnce, parallel, chunk => made.Code(rows, chunk * RowsAtOnce));
        return made;
    }

    /// <summary>The codes of a block: of each pair of parts a byte for every vector, the first part in the lower half. Byte 2i is
    /// vector i, byte 2i + 1 is vector 32 + i, so that even and odd bytes are neighbours each.</summary>
    public ref byte this[int block] => ref codes[block * Pairs * Block];

    /// <summary>Writes the dot products of a query's parts with the centroids, as bytes: score = step * sum + least.</summary>
    /// <param name="query">Vector <c>[d]</c>.</param>
    /// <param name="table">Takes <see cref="Centroids"/> bytes for each part.</param>
    /// <returns>Step and least.</returns>
    public (float Step, float Least) WriteTable(ReadOnlySpan<float> query, Span<byte> table)
    {
        Span<float> products = stackalloc float[Centroids * MostParts];
        var (widest, least) = (0f, 0f);
        for (var part = 0; part < Parts; part++)
        {
            var own = products.Slice(part * Centroids, Centroids);
            Multiply(centroids[part], query[starts[part]..starts[part + 1]], own);
            var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
            foreach (var value in own)
            {
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
            }

            foreach (ref var value in own)
            {
                value -= low;
            }

            (widest, least) = (Math.Max(widest, high - low), least + low);
        }

        var step = widest > 0 ? widest / byte.MaxValue : 1;
        table.Clear();
        for (var at = 0; at < Parts * Centroids; at++)
        {
            table[at] = (byte)MathF.Round(products[at] / step);
        }

        return (step, least);
    }

    /// <summary>Where the parts begin, and the end.</summary>
    private static int[] Cut(int dimension)
    {
        var free = dimension - 1;
        var parts = Math.Min((free + 1) / 2, MostParts - 1);
        return [.. Enumerable.Range(0, parts + 1).Select(part => (int)((long)part * free / Math.Max(1, parts))), dimension];
    }

    private void Code<TRows>(TRows rows, int first)
        where TRows : struct, IVectorRows
    {
        var vector = new float[Dimension];
        for (var row = first; row < Math.Min(Count, first + RowsAtOnce); row++)
        {
            rows.Copy(row, vector);
            var place = row % Block;
            var at = (row / Block * Pairs * Block) + (place < Block / 2 ? 2 * place : (2 * (place - (Block / 2))) + 1);
            for (var part = 0; part < Parts; part++)
            {
                var code = Nearest(centroids[part], vector.AsSpan(starts[part]..starts[part + 1]));
                codes[at + (part / 2 * Block)] |= (byte)(code << (part % 2 * 4));
            }
        }
    }

    /// <summary>Lloyd's algorithm. Centroids are kept coordinate by coordinate: <c>[size, 16]</c>.</summary>
    private static float[] Learn(float[] sample, int dimension, int start, int end)
    {
        var (count, size) = (sample.Length / dimension, end - start);
        var centres = new float[size * Centroids];

        // The first ones are quantiles of the first coordinate: spread, and the same each time.
        int[] order = [.. Enumerable.Range(0, count).OrderBy(row => sample[(row * dimension) + start])];
        for (var centre = 0; centre < Centroids; centre++)
        {
            var row = order[(int)(((2L * centre) + 1) * count / (2 * Centroids))];
            for (var c = 0; c < size; c++)
            {
                centres[(c * Centroids) + centre] = sample[(row * dimension) + start + c];
            }
        }

        var (sums, members) = (new double[centres.Length], new int[Centroids]);
        for (var round = 0; round < Rounds; round++)
        {
            Array.Clear(sums);
            Array.Clear(members);
            for (var row = 0; row < count; row++)
            {
                var value = sample.AsSpan((row * dimension) + start, size);
                var nearest = Nearest(centres, value);
                members[nearest]++;
                for (var c = 0; c < size; c++)
                {
                    sums[(c * Centroids) + nearest] += value[c];
                }
            }

            for (var at = 0; at < centres.Length; at++)
            {
                centres[at] = members[at % Centroids] > 0 ? (float)(sums[at] / members[at % Centroids]) : centres[at];
            }
        }

        return centres;
    }

    private static int Nearest(float[] centres, ReadOnlySpan<float> value)
    {
        var distances = Vector512<float>.Zero;
        for (var c = 0; c < value.Length; c++)
        {
            var difference = Vector512.LoadUnsafe(ref centres[c * Centroids]) - Vector512.Create(value[c]);
            distances = Vector512.FusedMultiplyAdd(difference, difference, distances);
        }

        var halves = Vector256.Min(distances.GetLower(), distances.GetUpper());
        var quarter = Vector128.Min(halves.GetLower(), halves.GetUpper());
        quarter = Vector128.Min(quarter, Vector128.Shuffle(quarter, Vector128.Create(2, 3, 0, 1)));
        quarter = Vector128.Min(quarter, Vector128.Shuffle(quarter, Vector128.Create(1, 0, 3, 2)));
        var mask = Vector512.Equals(distances, Vector512.Create(quarter[0])).ExtractMostSignificantBits();
        return System.Numerics.BitOperations.TrailingZeroCount(mask | (1UL << (Centroids - 1)));
    }

    private static void Multiply(float[] centres, ReadOnlySpan<float> query, Span<float> products)
    {
        var sums = Vector512<float>.Zero;
        for (var c = 0; c < query.Length; c++)
        {
            sums = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref centres[c * Centroids]), Vector512.Create(query[c]), sums);
        }

        sums.CopyTo(products);
    }
}
