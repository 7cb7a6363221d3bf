using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Reco.Scoring.Retrieval;

/// <summary>Vectors that are read one by one, as a graph does. Implementations are structs, so that each has its own compiled search.</summary>
internal interface IVectorRows
{
    /// <summary>Number of rows.</summary>
    int Count { get; }

    /// <summary>Length of a row.</summary>
    int Dimension { get; }

    /// <summary>Bytes that the rows take.</summary>
    long Bytes { get; }

    /// <summary>Name of the values: <c>fp32</c>, <c>int8</c>.</summary>
    string Kind { get; }

    /// <summary>Dot product of a row with a query.</summary>
    float Dot(int row, ReadOnlySpan<float> query);

    /// <summary>Copies a row.</summary>
    void Copy(int row, Span<float> vector);

    /// <summary>Says that a row will be read soon.</summary>
    void Prefetch(int row);
}

/// <summary>FP32 rows.</summary>
internal readonly unsafe struct FloatRows : IVectorRows
{
    private readonly float* values;
    private readonly object owner;
    private readonly int count;
    private readonly int dimension;

    /// <summary>Rows in an array.</summary>
    public FloatRows(float[] values, int count, int dimension)
    {
        var pinned = new PinnedArray(values);
        this.values = (float*)pinned.Start;
        (owner, this.count, this.dimension) = (pinned, count, dimension);
    }

    /// <summary>Rows in a file that has nothing else.</summary>
    public FloatRows(FileBytes file, int count, int dimension)
    {
        values = (float*)file.Start;
        (owner, this.count, this.dimension) = (file, count, dimension);
    }

    /// <inheritdoc/>
    public int Count => count;

    /// <inheritdoc/>
    public int Dimension => dimension;

    /// <inheritdoc/>
    public long Bytes => (long)count * dimension * sizeof(float);

    /// <inheritdoc/>
    public string Kind => "fp32";

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Dot(int row, ReadOnlySpan<float> query)
    {
        ref var start = ref *(values + ((long)row * dimension));
        ref var other = ref MemoryMarshal.GetReference(query);
        var sums = Vector512<float>.Zero;
        nuint c = 0;
        for (; c + 16 <= (nuint)query.Length; c += 16)
        {
            sums = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref start, c), Vector512.LoadUnsafe(ref other, c), sums);
        }

        var sum = Vector512.Sum(sums);
        for (; c < (nuint)query.Length; c++)
        {
            sum = MathF.FusedMultiplyAdd(Unsafe.Add(ref start, c), Unsafe.Add(ref other, c), sum);
        }

        return sum;
    }

    /// <inheritdoc/>
    public void Copy(int row, Span<float> vector) => new ReadOnlySpan<float>(values + ((long)row * dimension), dimension).CopyTo(vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int row) => CacheLines.Prefetch(ref *(values + ((long)row * dimension)), dimension);
}

/// <summary>Int8 rows with a scale each.</summary>
internal readonly unsafe struct ByteRows : IVectorRows
{
    private readonly sbyte* values;
    private readonly float* scales;
    private readonly object owner;
    private readonly int count;
    private readonly int dimension;

    /// <summary>Rows in arrays.</summary>
    public ByteRows(sbyte[] values, float[] scales, int count, int dimension)
    {
        var (pinned, pinnedScales) = (new PinnedArray(values), new PinnedArray(scales));
        this.values = (sbyte*)pinned.Start;
        this.scales = (float*)pinnedScales.Start;
        (owner, this.count, this.dimension) = ((pinned, pinnedScales), count, dimension);
    }

    /// <summary>Rows in a file that has the scales, then the values.</summary>
    public ByteRows(FileBytes file, int count, int dimension)
    {
        scales = (float*)file.Start;
        values = (sbyte*)(scales + count);
        (owner, this.count, this.dimension) = (file, count, dimension);
    }

    /// <inheritdoc/>
    public int Count => count;

    /// <inheritdoc/>
    public int Dimension => dimension;

    /// <inheritdoc/>
    public long Bytes => (long)count * (dimension + sizeof(float));

    /// <inheritdoc/>
    public string Kind => "int8";

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Dot(int row, ReadOnlySpan<float> query)
    {
        ref var start = ref *(values + ((long)row * dimension));
        ref var other = ref MemoryMarshal.GetReference(query);
        var sums = Vector512<float>.Zero;
        nuint c = 0;
        for (; c + 16 <= (nuint)query.Length; c += 16)
        {
            var (low, high) = Vector256.Widen(Vector256.WidenLower(Vector128.LoadUnsafe(ref start, c).ToVector256Unsafe()));
            sums = Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(Vector512.Create(low, high)), Vector512.LoadUnsafe(ref other, c), sums);
        }

        var sum = Vector512.Sum(sums);
        for (; c < (nuint)query.Length; c++)
        {
            sum = MathF.FusedMultiplyAdd(Unsafe.Add(ref start, c), Unsafe.Add(ref other, c), sum);
        }

        return sum * scales[row];
    }

    /// <inheritdoc/>
    public void Copy(int row, Span<float> vector)
    {
        for (var c = 0; c < dimension; c++)
        {
            vector[c] = values[((long)row * dimension) + c] * scales[row];
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int row) => CacheLines.Prefetch(ref *(values + ((long)row * dimension)), dimension);
}
