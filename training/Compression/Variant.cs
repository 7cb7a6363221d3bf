using Reco.Bundle;
using Reco.Training.Evaluation;

namespace Reco.Training.Compression;

/// <summary>One way to serve a model, with what was measured of it.</summary>
/// <param name="Precision"><c>fp32</c>, <c>fp16</c>, <c>int8</c> (tables quantised, arithmetic in FP32) or <c>int8-static</c> (calibrated QDQ).</param>
/// <param name="Model">ONNX user tower.</param>
/// <param name="Items">Item matrix.</param>
/// <param name="Ranker">ONNX ranker, where there is one.</param>
/// <param name="Towers">Quality of the towers alone on the held-out period.</param>
/// <param name="Metrics">Quality of all stages on the held-out period.</param>
/// <param name="P50Ms">Median time of one request: user tower, scores of every item, and their top 10 or the ranker's.</param>
/// <param name="P99Ms">99 % quantile of it.</param>
/// <param name="MaxDifference">Largest difference of a user vector's coordinate from the trained model's.</param>
/// <param name="Recall100">Share of the exact FP32 top 100 that is in its top 100, mean over users.</param>
internal sealed record Variant(
    string Precision, byte[] Model, ItemMatrix Items, byte[]? Ranker, RankingMetrics Towers, RankingMetrics Metrics, double P50Ms, double P99Ms, double MaxDifference, double Recall100)
{
    /// <summary>Bytes of models and items.</summary>
    public long Bytes => Model.Length + (Ranker?.Length ?? 0) + Items.Bytes;
}
