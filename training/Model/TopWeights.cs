using System.Numerics.Tensors;

namespace Reco.Training.Model;

/// <summary>Weights of a <see cref="TowerTop"/> in plain arrays, row-major.</summary>
/// <param name="Hidden">A <c>[width, units]</c>.</param>
/// <param name="Bias">b <c>[units]</c>.</param>
/// <param name="Output">C <c>[units, width]</c>.</param>
internal sealed record TopWeights(float[] Hidden, float[] Bias, float[] Output)
{
    /// <summary>Hidden units.</summary>
    public int Units => Bias.Length;

    /// <summary>Applies the layer in place.</summary>
    public void Apply(Span<float> vector)
    {
        var units = new float[Units];
        Bias.CopyTo(units, 0);
        for (var c = 0; c < vector.Length; c++)
        {
            TensorPrimitives.MultiplyAdd(Hidden.AsSpan(c * Units, Units), vector[c], units, units);
        }

        for (var unit = 0; unit < Units; unit++)
        {
            if (units[unit] > 0)
            {
                TensorPrimitives.MultiplyAdd(Output.AsSpan(unit * vector.Length, vector.Length), units[unit], vector, vector);
            }
        }
    }
}
