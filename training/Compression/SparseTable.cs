namespace Reco.Training.Compression;

/// <summary>A table of which many values are zero, packed: one bit for each value, then those that are not zero.</summary>
internal static class SparseTable
{
    private const int Bits = 8;

    /// <summary>Packs values.</summary>
    public static byte[] Pack(ReadOnlySpan<sbyte> values)
    {
        var (bitmap, rest) = (new byte[(values.Length + Bits - 1) / Bits], new List<byte>());
        for (var place = 0; place < values.Length; place++)
        {
            if (values[place] != 0)
            {
                bitmap[place / Bits] |= (byte)(1 << (place % Bits));
                rest.Add((byte)values[place]);
            }
        }

        return [.. bitmap, .. rest];
    }

    /// <summary>Unpacks values.</summary>
    /// <param name="packed">What <see cref="Pack"/> made.</param>
    /// <param name="count">Number of values.</param>
    public static sbyte[] Unpack(ReadOnlySpan<byte> packed, int count)
    {
        var values = new sbyte[count];
        var next = (count + Bits - 1) / Bits;
        for (var place = 0; place < count; place++)
        {
            values[place] = (packed[place / Bits] >> (place % Bits) & 1) == 0 ? (sbyte)0 : (sbyte)packed[next++];
        }

        return values;
    }
}
