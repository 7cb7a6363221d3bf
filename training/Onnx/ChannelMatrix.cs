namespace Reco.Training.Onnx;

/// <summary>A matrix in int8 with one scale a column, as a static QDQ graph keeps its weights: value = scale[column] * quantised.</summary>
/// <param name="Values">Quantised values <c>[rows, columns]</c>.</param>
/// <param name="Scales">Scales <c>[columns]</c>.</param>
internal sealed record ChannelMatrix(sbyte[] Values, float[] Scales)
{
    /// <summary>Steps on each side of zero in 8 bits.</summary>
    public const int Full = 127;

    /// <summary>In 7 bits: where a processor without VNNI multiplies pairs of 8 bit values and adds them in 16, full range overflows.</summary>
    public const int Reduced = 63;

    /// <summary>Quantises symmetrically.</summary>
    /// <param name="values">Values <c>[rows, columns]</c>.</param>
    /// <param name="columns">Length of a row.</param>
    /// <param name="steps">Steps on each side of zero.</param>
    public static ChannelMatrix Quantise(float[] values, int columns, int steps)
    {
        var scales = new float[columns];
        for (var index = 0; index < values.Length; index++)
        {
            scales[index % columns] = Math.Max(scales[index % columns], Math.Abs(values[index]));
        }

        for (var column = 0; column < columns; column++)
        {
            scales[column] = Math.Max(1e-12f, scales[column] / steps);
        }

        return new ChannelMatrix([.. values.Select((value, index) => (sbyte)Math.Clamp(MathF.Round(value / scales[index % columns]), -steps, steps))], scales);
    }
}
