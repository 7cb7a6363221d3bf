using System.Runtime.InteropServices;

namespace Reco.Bundle;

/// <summary>The item embeddings <c>[items, dimension]</c>, row-major, as FP32, as FP16 (widened when it is read) or as int8 with one scale a
/// row.</summary>
public sealed class ItemMatrix
{
    private ItemMatrix(int items, int dimension, float[]? values, sbyte[]? quantised, float[]? scales)
    {
        Items = items;
        Dimension = dimension;
        Values = values;
        Quantised = quantised;
        Scales = scales;
    }

    /// <summary>Number of rows.</summary>
    public int Items { get; }

    /// <summary>Length of a row.</summary>
    public int Dimension { get; }

    /// <summary>FP32 values <c>[items * dimension]</c>; null for an int8 matrix.</summary>
    public float[]? Values { get; }

    /// <summary>Int8 values <c>[items * dimension]</c>; null for an FP32 matrix.</summary>
    public sbyte[]? Quantised { get; }

    /// <summary>Scales <c>[items]</c> of an int8 matrix: value = scale * quantised.</summary>
    public float[]? Scales { get; }

    /// <summary>True where the file has two bytes a value; <see cref="Values"/> are what they widen to.</summary>
    public bool IsHalf { get; private init; }

    /// <summary>Size of the file.</summary>
    public long Bytes => Values is null ? Items * (Dimension + 4L) : Items * Dimension * (IsHalf ? 2L : 4L);

    /// <summary>Wraps FP32 values.</summary>
    public static ItemMatrix FromValues(float[] values, int items, int dimension) => new(items, dimension, values, null, null);

    /// <summary>Rounds FP32 values to FP16.</summary>
    public static ItemMatrix RoundToHalf(ReadOnlySpan<float> values, int items, int dimension)
    {
        var rounded = new float[items * dimension];
        for (var index = 0; index < rounded.Length; index++)
        {
            rounded[index] = (float)(Half)values[index];
        }

        return new ItemMatrix(items, dimension, rounded, null, null) { IsHalf = true };
    }

    /// <summary>Quantises FP32 rows symmetrically to int8: scale = max |value| / 127.</summary>
    public static ItemMatrix Quantise(ReadOnlySpan<float> values, int items, int dimension)
    {
        var quantised = new sbyte[items * dimension];
        var scales = new float[items];
        for (var item = 0; item < items; item++)
        {
            var row = values.Slice(item * dimension, dimension);
            var most = 0f;
            foreach (var value in row)
            {
                most = Math.Max(most, Math.Abs(value));
            }

            var scale = most / 127f;
            scales[item] = scale;
            for (var d = 0; d < dimension; d++)
            {
                quantised[(item * dimension) + d] = scale == 0 ? (sbyte)0 : (sbyte)Math.Clamp(MathF.Round(row[d] / scale), -127, 127);
            }
        }

        return new ItemMatrix(items, dimension, null, quantised, scales);
    }

    /// <summary>Reads an FP32 matrix.</summary>
    public static ItemMatrix ReadFp32(string path, int items, int dimension)
    {
        var values = new float[items * dimension];
        ReadExactly(path, MemoryMarshal.AsBytes(values.AsSpan()));
        return FromValues(values, items, dimension);
    }

    /// <summary>Reads an FP16 matrix.</summary>
    public static ItemMatrix ReadFp16(string path, int items, int dimension)
    {
        var halves = new Half[items * dimension];
        ReadExactly(path, MemoryMarshal.AsBytes(halves.AsSpan()));
        var values = new float[halves.Length];
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = (float)halves[index];
        }

        return new ItemMatrix(items, dimension, values, null, null) { IsHalf = true };
    }

    /// <summary>Reads an int8 matrix.</summary>
    public static ItemMatrix ReadInt8(string path, int items, int dimension)
    {
        var scales = new float[items];
        var quantised = new sbyte[items * dimension];
        ReadExactly(path, MemoryMarshal.AsBytes(scales.AsSpan()), MemoryMarshal.AsBytes(quantised.AsSpan()));
        return new ItemMatrix(items, dimension, null, quantised, scales);
    }

    /// <summary>Writes the matrix in the bundle's form.</summary>
    public void Write(Stream stream)
    {
        if (Values is not null && IsHalf)
        {
            stream.Write(MemoryMarshal.AsBytes(Array.ConvertAll(Values, value => (Half)value).AsSpan()));
            return;
        }

        if (Values is not null)
        {
            stream.Write(MemoryMarshal.AsBytes(Values.AsSpan()));
            return;
        }

        stream.Write(MemoryMarshal.AsBytes(Scales.AsSpan()));
        stream.Write(MemoryMarshal.AsBytes(Quantised.AsSpan()));
    }

    /// <summary>One row as FP32.</summary>
    public void CopyRow(int item, Span<float> destination)
    {
        if (Values is not null)
        {
            Values.AsSpan(item * Dimension, Dimension).CopyTo(destination);
            return;
        }

        for (var d = 0; d < Dimension; d++)
        {
            destination[d] = Scales![item] * Quantised![(item * Dimension) + d];
        }
    }

    private static void ReadExactly(string path, Span<byte> first, Span<byte> second = default)
    {
        using var stream = File.OpenRead(path);
        if (stream.Length != first.Length + second.Length)
        {
            throw new BundleException($"{path} has {stream.Length} bytes; its shape in the manifest needs {first.Length + second.Length}.");
        }

        stream.ReadExactly(first);
        stream.ReadExactly(second);
    }
}
