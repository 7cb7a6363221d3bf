using Reco.Training.Data;
using Reco.Training.Model;

namespace Reco.Training.Compression;

/// <summary>Scale and zero point of an activation that is quantised statically to 8 bits without sign.</summary>
/// <param name="Scale">value = scale * (quantised - zero point).</param>
/// <param name="ZeroPoint">What zero becomes.</param>
internal sealed record ActivationRange(float Scale, byte ZeroPoint)
{
    private const int MostRequests = 1_000;
    private static readonly double[] Tails = [0, 0.0001, 0.001];

    /// <summary>Range of the pooled history, from real requests: the histories of users as they are asked about.</summary>
    public static ActivationRange OfPooledHistories(TowerWeights weights, Histories histories, IEnumerable<int> users)
    {
        var width = weights.Shape.Dimension - 1;
        var recent = new long[weights.Shape.History];
        var values = new List<float>();
        var pooled = new float[width];
        foreach (var user in users.Order().Take(MostRequests))
        {
            histories.Write(user, long.MaxValue, recent);
            UserTower.Pool(weights, recent, pooled);
            values.AddRange(pooled);
        }

        return Of([.. values.Order()]);
    }

    /// <summary>The range with the least squared error over some values: all of them, or less a share at each end, which makes the
    /// steps of the others finer.</summary>
    /// <param name="sorted">Ascending.</param>
    public static ActivationRange Of(float[] sorted) => sorted.Length == 0
        ? new ActivationRange(1, 0)
        : Tails.Select(tail => Between(sorted[(int)((sorted.Length - 1) * tail)], sorted[(int)((sorted.Length - 1) * (1 - tail))])).MinBy(range => range.Error(sorted))!;

    /// <summary>What a value becomes when it is quantised and read back.</summary>
    public float Round(float value) => Scale * (Math.Clamp(MathF.Round(value / Scale, MidpointRounding.ToEven) + ZeroPoint, byte.MinValue, byte.MaxValue) - ZeroPoint);

    private static ActivationRange Between(float low, float high)
    {
        // Zero, which is an empty history, must be exact.
        (low, high) = (Math.Min(0, low), Math.Max(0, high));
        var scale = Math.Max(1e-12f, (high - low) / byte.MaxValue);
        return new ActivationRange(scale, (byte)Math.Clamp(MathF.Round(-low / scale), byte.MinValue, byte.MaxValue));
    }

    private double Error(float[] values) => values.Sum(value => (value - Round(value)) * (double)(value - Round(value)));
}
