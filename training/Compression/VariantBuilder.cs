using System.Globalization;
using Google.Protobuf;
using Reco.Bundle;
using Reco.Training.Data;
using Reco.Training.Evaluation;
using Reco.Training.Model;
using Reco.Training.Onnx;
using Reco.Training.Ranking;

namespace Reco.Training.Compression;

/// <summary>Makes the FP32, FP16, int8 and static int8 variants of a model and checks each with ONNX Runtime on real users.</summary>
internal static class VariantBuilder
{
    /// <summary>Bound of the difference between ONNX Runtime and the trained model in FP32.</summary>
    public const double Fp32Tolerance = 1e-4;

    /// <summary>Bound of the difference between the ranker in ONNX Runtime and the trained one.</summary>
    public const double RankerTolerance = 1e-3;

    /// <summary>Share of candidates for which a ranker of trees may differ by more: a feature that is a last bit from a threshold may fall
    /// on its other side.</summary>
    public const double TreeTolerance = 1e-3;

    private const int TimedUsers = 320;

    /// <summary>Builds the variants.</summary>
    /// <exception cref="TrainingException">The FP32 model does not compute what was trained.</exception>
    /// <param name="weights">Towers.</param>
    /// <param name="pruned">The same, with small weights set to zero and the others trained on; null for none.</param>
    /// <param name="reranker">Second stage; null for none.</param>
    /// <param name="candidates">Best items that the second stage puts in order.</param>
    /// <param name="histories">What is known of the users.</param>
    /// <param name="held">What they bought afterwards.</param>
    /// <param name="seed">Seed of what is random.</param>
    /// <param name="cancellation">Stops it.</param>
    public static VariantSet Build(
        TowerWeights weights, TowerWeights? pruned, RankerWeights? reranker, int candidates, Histories histories, IReadOnlyDictionary<int, int[]> held, int seed, CancellationToken cancellation)
    {
        var vectors = weights.ItemVectors();
        var variants = new List<Variant>();
        var requests = new List<Action<int>>();
        using var loaded = new DisposableList();
        ListAgreement? agreement = null;
        Loaded? final = null;
        IRanker Stages(IRanker first, OnnxRanker? second) => second is null ? first : new TwoStageRanker(first, second.Score, histories, weights.Shape.History, candidates);
        foreach (var precision in new[] { "fp32", "fp16", "int8", "int8-static" })
        {
            cancellation.ThrowIfCancellationRequested();
            var model = (precision == "int8-static"
                ? StaticUserTowerGraph.Build(weights, ActivationRange.OfPooledHistories(weights, histories, held.Keys))
                : UserTowerGraph.Build(weights, quantised: precision == "int8", half: precision == "fp16")).ToByteArray();
            var items = precision switch
            {
                "int8" or "int8-static" => ItemMatrix.Quantise(vectors, weights.Shape.Items, weights.Shape.Dimension),
                "fp16" => ItemMatrix.RoundToHalf(vectors, weights.Shape.Items, weights.Shape.Dimension),
                _ => ItemMatrix.FromValues(vectors, weights.Shape.Items, weights.Shape.Dimension),
            };
            var tower = loaded.Add(new OnnxTower(model, weights.Shape));
            var ranker = new VariantRanker(precision, tower, items, weights.Shape, histories, held.Keys);
            var difference = Difference(weights, histories, held.Keys, ranker);
            if (precision == "fp32" && difference > Fp32Tolerance)
            {
                throw new TrainingException($"The ONNX model differs from the trained one by {difference:G3} (allowed: {Fp32Tolerance:G3}); it is not packaged.");
            }

            var towers = RankingMetrics.Evaluate(ranker, held, EvaluationReport.Cutoffs);
            var second = reranker is null ? null : RankerGraph.Build(reranker, compact: precision is "int8" or "int8-static").ToByteArray();
            var onnx = second is null ? null : loaded.Add(new OnnxRanker(second));
            if (precision == "fp32" && onnx is not null)
            {
                CheckRanker(reranker!, onnx, ranker, histories, held.Keys, candidates);
            }

            var metrics = onnx is null ? towers : RankingMetrics.Evaluate(Stages(ranker, onnx), held, EvaluationReport.Cutoffs);
            final = new Loaded(tower, ranker, onnx);
            agreement ??= new ListAgreement(ranker, held.Keys);
            requests.Add(Request(tower, (vector, scores) => MatrixScorer.Score(items, vector, scores), items.Items, onnx, candidates, weights.Shape, histories));
            variants.Add(new Variant(precision, model, items, second, towers, metrics, 0, 0, difference, agreement.Of(ranker)));
        }

        // The towers of the last variant, for the item matrix is what these differ by.
        var last = variants[^1];
        var measured = new List<VariantRow>();

        // Short vectors have fewer coordinates than parts: then both would be the same.
        foreach (var parts in new[] { 16, 32 }.Select(parts => Math.Min(parts, weights.Shape.Dimension - 1)).Distinct())
        {
            cancellation.ThrowIfCancellationRequested();
            var items = new ProductQuantiser(vectors, weights.Shape.Items, weights.Shape.Dimension, parts, seed);
            var ranker = new QuantisedRanker($"int8-pq{items.Parts}", final!.Users, items);
            requests.Add(Request(final.Tower, items.Score, items.Items, final.Second, candidates, weights.Shape, histories));
            measured.Add(new VariantRow(
                ranker.Name, last.Model.Length + (last.Ranker?.Length ?? 0) + items.Bytes, 0, 0,
                RankingMetrics.Evaluate(Stages(ranker, final.Second), held, [10]).Of("ndcg@10").Average(), agreement!.Of(ranker), last.MaxDifference,
                "measured only: the scoring service does not read product-quantised items"));
        }

        if (pruned is not null)
        {
            var tables = PrunedTables.Of(pruned);
            var tower = loaded.Add(new OnnxTower(tables.Model, weights.Shape));
            var ranker = new VariantRanker($"int8-pruned{Math.Round(100 * tables.Zeros)}", tower, tables.Items, weights.Shape, histories, held.Keys);
            requests.Add(Request(tower, (vector, scores) => MatrixScorer.Score(tables.Items, vector, scores), tables.Items.Items, final!.Second, candidates, weights.Shape, histories));
            measured.Add(new VariantRow(
                ranker.Name, tables.Packed + (last.Ranker?.Length ?? 0), 0, 0, RankingMetrics.Evaluate(Stages(ranker, final.Second), held, [10]).Of("ndcg@10").Average(),
                agreement!.Of(ranker), Difference(weights, histories, held.Keys, ranker), string.Create(CultureInfo.InvariantCulture,
                    $"measured only: the size is that of bitmaps and of the values that are left; ONNX Runtime gathers rows of dense tables only, so that what is loaded has {tables.Dense + (last.Ranker?.Length ?? 0)} bytes, and computes as int8 does")));
        }

        var times = VariantTimer.Measure(requests, [.. held.Keys.Order().Take(TimedUsers)]);
        return new VariantSet(
            [.. variants.Zip(times, (variant, time) => variant with { P50Ms = time.P50, P99Ms = time.P99 })],
            [.. measured.Zip(times.Skip(variants.Count), (row, time) => row with { P50Ms = time.P50, P99Ms = time.P99 })]);
    }

    /// <summary>What the last variant runs with.</summary>
    private sealed record Loaded(OnnxTower Tower, VariantRanker Users, OnnxRanker? Second);

    private delegate void Scorer(ReadOnlySpan<float> vector, Span<float> scores);

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
        var (compared, different, most) = (0, 0, 0f);
        foreach (var user in users.Order().Take(200))
        {
            towers.Score(user, scores);
            histories.Write(user, long.MaxValue, recent);
            var candidates = Candidates.Of(scores, recent, count);
            float[] first = [.. candidates.Select(item => scores[item])];
            foreach (var difference in trained.Score(recent, candidates, first).Zip(onnx.Score(recent, candidates, first), (left, right) => Math.Abs(left - right)))
            {
                compared++;
                different += difference <= RankerTolerance ? 0 : 1;
                most = Math.Max(most, difference);
            }
        }

        if (different > compared * (trained.Head is TreeHead ? TreeTolerance : 0))
        {
            throw new TrainingException($"The ONNX ranker differs from the trained one for {different} of {compared} candidates, by up to {most:G3} (allowed: {RankerTolerance:G3}); it is not packaged.");
        }
    }

    /// <summary>A whole request of a user.</summary>
    private static Action<int> Request(OnnxTower tower, Scorer score, int items, OnnxRanker? ranker, int count, TwoTowerShape shape, Histories histories)
    {
        var history = new long[shape.History];
        var scores = new float[items];
        return user =>
        {
            histories.Write(user, long.MaxValue, history);
            var vector = tower.Embed([user + 1], history);
            score(vector, scores);
            if (ranker is null)
            {
                RankingMetrics.Top(scores, 10);
                return;
            }

            var candidates = Candidates.Of(scores, history, count);
            RankingMetrics.Top(ranker.Score(history, candidates, [.. candidates.Select(item => scores[item])]), 10);
        };
    }
}
