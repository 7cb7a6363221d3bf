using System.Diagnostics;
using Google.Protobuf;
using Reco.Bundle;
using Reco.Training.Data;
using Reco.Training.Evaluation;
using Reco.Training.Model;
using Reco.Training.Onnx;
using Reco.Training.Ranking;

namespace Reco.Training.Compression;

/// <summary>One way to serve a model, with what was measured of it.</summary>
/// <param name="Precision"><c>fp32</c>, <c>fp16</c> or <c>int8</c>.</param>
/// <param name="Model">ONNX user tower.</param>
/// <param name="Items">Item matrix.</param>
/// <param name="Ranker">ONNX ranker, where there is one.</param>
/// <param name="Towers">Quality of the towers alone on the held-out period.</param>
/// <param name="Metrics">Quality of all stages on the held-out period.</param>
/// <param name="P50Ms">Median time of one request: user tower, scores of every item, and their top 10 or the ranker's.</param>
/// <param name="P99Ms">99 % quantile of it.</param>
/// <param name="MaxDifference">Largest difference of a user vector's coordinate from the trained model's.</param>
internal sealed record Variant(
    string Precision, byte[] Model, ItemMatrix Items, byte[]? Ranker, RankingMetrics Towers, RankingMetrics Metrics, double P50Ms, double P99Ms, double MaxDifference)
{
    /// <summary>Bytes of models and items.</summary>
    public long Bytes => Model.Length + (Ranker?.Length ?? 0) + Items.Bytes;
}

/// <summary>Makes the FP32, FP16 and int8 variants of a model and checks each with ONNX Runtime on real users.</summary>
internal static class VariantBuilder
{
    /// <summary>Bound of the difference between ONNX Runtime and the trained model in FP32.</summary>
    public const double Fp32Tolerance = 1e-4;

    /// <summary>Bound of the difference between the ranker in ONNX Runtime and the trained one.</summary>
    public const double RankerTolerance = 1e-3;

    /// <summary>Builds the variants.</summary>
    /// <exception cref="TrainingException">The FP32 model does not compute what was trained.</exception>
    public static IReadOnlyList<Variant> Build(
        TowerWeights weights, RankerWeights? reranker, int candidates, Histories histories, IReadOnlyDictionary<int, int[]> held, CancellationToken cancellation)
    {
        var vectors = weights.ItemVectors();
        var variants = new List<Variant>();
        foreach (var precision in new[] { "fp32", "fp16", "int8" })
        {
            cancellation.ThrowIfCancellationRequested();
            var model = UserTowerGraph.Build(weights, quantised: precision == "int8", half: precision == "fp16").ToByteArray();
            var items = precision switch
            {
                "int8" => ItemMatrix.Quantise(vectors, weights.Shape.Items, weights.Shape.Dimension),
                "fp16" => ItemMatrix.RoundToHalf(vectors, weights.Shape.Items, weights.Shape.Dimension),
                _ => ItemMatrix.FromValues(vectors, weights.Shape.Items, weights.Shape.Dimension),
            };
            using var tower = new OnnxTower(model, weights.Shape);
            var ranker = new VariantRanker(precision, tower, items, weights.Shape, histories, held.Keys);
            var difference = Difference(weights, histories, held.Keys, ranker);
            if (precision == "fp32" && difference > Fp32Tolerance)
            {
                throw new TrainingException($"The ONNX model differs from the trained one by {difference:G3} (allowed: {Fp32Tolerance:G3}); it is not packaged.");
            }

            var towers = RankingMetrics.Evaluate(ranker, held, EvaluationReport.Cutoffs);
            var second = reranker is null ? null : RankerGraph.Build(reranker, compact: precision == "int8").ToByteArray();
            using var onnx = second is null ? null : new OnnxRanker(second);
            var stages = onnx is null ? null : new TwoStageRanker(ranker, onnx.Score, histories, weights.Shape.History, candidates);
            if (precision == "fp32" && onnx is not null)
            {
                CheckRanker(reranker!, onnx, ranker, histories, held.Keys, candidates);
            }

            var metrics = stages is null ? towers : RankingMetrics.Evaluate(stages, held, EvaluationReport.Cutoffs);
            var (p50, p99) = Time(tower, items, onnx, candidates, weights.Shape, histories, held.Keys);
            variants.Add(new Variant(precision, model, items, second, towers, metrics, p50, p99, difference));
        }

        return variants;
    }

    private static double Difference(TowerWeights weights, Histories histories, IEnumerable<int> users, VariantRanker ranker)
    {
        var d = weights.Shape.Dimension;
        var expected = new float[d];
        var (row, most) = (0, 0.0);
        foreach (var user in users.Order())
        {
            UserTower.Embed(weights, histories, user, expected);
            for (var c = 0; c < d; c++)
            {
                most = Math.Max(most, Math.Abs(expected[c] - ranker.UserVectors[(row * d) + c]));
            }

            row++;
        }

        return most;
    }

    private static void CheckRanker(RankerWeights trained, OnnxRanker onnx, VariantRanker towers, Histories histories, IEnumerable<int> users, int count)
    {
        var scores = new float[towers.Items];
        var recent = new long[trained.Features.History];
        foreach (var user in users.Order().Take(200))
        {
            towers.Score(user, scores);
            histories.Write(user, long.MaxValue, recent);
            var candidates = Candidates.Of(scores, recent, count);
            float[] first = [.. candidates.Select(item => scores[item])];
            var difference = trained.Score(recent, candidates, first).Zip(onnx.Score(recent, candidates, first), (left, right) => Math.Abs(left - right)).Max();
            if (!(difference <= RankerTolerance))
            {
                throw new TrainingException($"The ONNX ranker differs from the trained one by {difference:G3} (allowed: {RankerTolerance:G3}); it is not packaged.");
            }
        }
    }

    /// <summary>Times whole requests, one at a time, as a lonely caller sees them.</summary>
    private static (double P50, double P99) Time(
        OnnxTower tower, ItemMatrix items, OnnxRanker? ranker, int count, TwoTowerShape shape, Histories histories, IEnumerable<int> users)
    {
        const int Warm = 20;
        var times = new List<double>();
        var history = new long[shape.History];
        var scores = new float[items.Items];
        foreach (var user in users.Order().Take(220))
        {
            histories.Write(user, long.MaxValue, history);
            var start = Stopwatch.GetTimestamp();
            var vector = tower.Embed([user + 1], history);
            MatrixScorer.Score(items, vector, scores);
            if (ranker is null)
            {
                RankingMetrics.Top(scores, 10);
            }
            else
            {
                var candidates = Candidates.Of(scores, history, count);
                RankingMetrics.Top(ranker.Score(history, candidates, [.. candidates.Select(item => scores[item])]), 10);
            }

            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        var measured = times.Skip(Math.Min(Warm, times.Count - 1)).Order().ToArray();
        return (measured[measured.Length / 2], measured[(int)((measured.Length - 1) * 0.99)]);
    }
}
