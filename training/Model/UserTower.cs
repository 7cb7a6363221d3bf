using System.Numerics.Tensors;
using Reco.Training.Data;

namespace Reco.Training.Model;

/// <summary>The user tower on plain arrays: for evaluation, and the reference that the ONNX model is checked against beside
/// TorchSharp's.</summary>
internal static class UserTower
{
    /// <summary>Vector of a known user from everything that it bought <c>[d]</c>.</summary>
    public static void Embed(TowerWeights weights, Histories histories, int user, Span<float> destination)
    {
        Span<long> recent = stackalloc long[weights.Shape.History];
        histories.Write(user, long.MaxValue, recent);
        Embed(weights, user + 1, recent, destination);
    }

    /// <summary>Vector of a user <c>[d]</c>.</summary>
    /// <param name="weights">Weights.</param>
    /// <param name="user">User index + 1; 0 for an unknown one.</param>
    /// <param name="recent">Item indices + 1, most recent first, 0 for padding.</param>
    /// <param name="destination">Receives the vector; its last coordinate is <see cref="TowerWeights.BiasWeight"/>.</param>
    public static void Embed(TowerWeights weights, int user, ReadOnlySpan<long> recent, Span<float> destination)
    {
        var width = weights.Shape.Dimension - 1;
        weights.Users.AsSpan(user * width, width).CopyTo(destination);
        destination[width] = weights.BiasWeight;
        Span<float> pooled = stackalloc float[width];
        Pool(weights, recent, pooled);
        for (var row = 0; row < width; row++)
        {
            TensorPrimitives.MultiplyAdd(weights.History.AsSpan(row * width, width), pooled[row], destination[..width], destination[..width]);
        }

        weights.Top?.Apply(destination[..width]);
    }

    /// <summary>Weighted mean of a history's items <c>[d-1]</c>; zero where there are none.</summary>
    public static void Pool(TowerWeights weights, ReadOnlySpan<long> recent, Span<float> pooled)
    {
        var width = weights.Shape.Dimension - 1;
        pooled.Clear();
        var most = float.NegativeInfinity;
        for (var p = 0; p < recent.Length; p++)
        {
            most = recent[p] > 0 ? Math.Max(most, weights.Recency[p]) : most;
        }

        var sum = 0f;
        for (var p = 0; p < recent.Length; p++)
        {
            if (recent[p] > 0)
            {
                var weight = MathF.Exp(weights.Recency[p] - most);
                sum += weight;
                TensorPrimitives.MultiplyAdd(weights.HistoryItems.AsSpan((int)(recent[p] - 1) * width, width), weight, pooled, pooled);
            }
        }

        if (sum > 0)
        {
            TensorPrimitives.Divide(pooled, sum, pooled);
        }
    }
}
