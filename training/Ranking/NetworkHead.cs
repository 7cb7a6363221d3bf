namespace Reco.Training.Ranking;

/// <summary>An MLP with one hidden layer of rectified units, standardisation of the features folded in.</summary>
/// <param name="Hidden">Weights <c>[features, hidden]</c>.</param>
/// <param name="HiddenBias">Biases <c>[hidden]</c>.</param>
/// <param name="Output">Weights <c>[hidden]</c>.</param>
internal sealed record NetworkHead(float[] Hidden, float[] HiddenBias, float[] Output) : RankerHead
{
    /// <inheritdoc/>
    public override int Bytes => sizeof(float) * (Hidden.Length + HiddenBias.Length + Output.Length);

    /// <inheritdoc/>
    public override float Score(ReadOnlySpan<float> features)
    {
        var result = 0f;
        for (var unit = 0; unit < Output.Length; unit++)
        {
            var sum = HiddenBias[unit];
            for (var feature = 0; feature < features.Length; feature++)
            {
                sum += features[feature] * Hidden[(feature * Output.Length) + unit];
            }

            result += Math.Max(0, sum) * Output[unit];
        }

        return result;
    }
}
