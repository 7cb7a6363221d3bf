using System.Globalization;
using System.Text.Json;
using Reco.Bundle;
using Reco.Training.Compression;
using Reco.Training.Evaluation;
using Reco.Training.Ranking;
using Reco.Training.Search;

namespace Reco.Training.Packaging;

/// <summary>What a run says of its model: on the console, in <c>evaluation.json</c> and to the stack.</summary>
internal static class RunSummary
{
    /// <summary>The lines that a run prints about its model.</summary>
    public static void Print(ProgressPrinter progress, EvaluationReport evaluation, VariantSet variants, Variant served)
    {
        foreach (var (name, metrics) in evaluation.Rankers)
        {
            var ndcg = metrics["ndcg@10"];
            progress.Say(string.Create(CultureInfo.InvariantCulture, $"{name}: ndcg@10 {ndcg.Mean:F4} [{ndcg.Low:F4}, {ndcg.High:F4}], recall@10 {metrics["recall@10"].Mean:F4}"));
        }

        foreach (var (name, difference) in evaluation.Difference)
        {
            progress.Say(string.Create(CultureInfo.InvariantCulture, $"difference to {name}: {difference.Mean:F4} [{difference.Low:F4}, {difference.High:F4}]"));
        }

        var cold = evaluation.ColdStart;
        progress.Say(cold.AmongAll.Users == 0 ? "cold items: nobody bought one in the held-out period" : string.Create(CultureInfo.InvariantCulture,
            $"cold items: {cold.AmongAll.Users} users bought some; ndcg@10 among all items {cold.AmongAll.Model.Mean:F4}, hit rate@10 {cold.HitAmongAll.Model.Mean:F4}, hit rate@{cold.ReachDepth} {cold.ReachAmongAll.Model.Mean:F4}; ndcg@10 among the {cold.Items} cold ones {cold.AmongCold.Model.Mean:F4} (by category {cold.AmongCold.Category.Mean:F4}), recall@20 {cold.AmongCold.ModelRecall.Mean:F4} (by category {cold.AmongCold.CategoryRecall.Mean:F4}, by chance {cold.AmongCold.Chance:F4}); {cold.Chances.BestColdItem:P2} of users bought the new item that is ranked first for them, {cold.Chances.Tenth:P2} what stands tenth among all"));
        progress.Say(cold.Users.Users == 0 ? "cold users: none" : string.Create(CultureInfo.InvariantCulture, $"cold users: {cold.Users.Users}, ndcg@10 {cold.Users.Model.Mean:F4} against popularity's {cold.Users.Popularity.Mean:F4}"));
        foreach (var row in variants.Rows)
        {
            progress.Say(string.Create(CultureInfo.InvariantCulture,
                $"{row.Name}{(row.Name == served.Precision ? " (served)" : "")}: {row.Bytes} bytes, p50 {row.P50Ms:F3} ms, p99 {row.P99Ms:F3} ms, ndcg@10 {row.Ndcg10:F4}, recall@100 of the exact list {row.Recall100:P1}, largest difference {row.MaxDifference:G3}{(row.Note.Length > 0 ? $"; {row.Note}" : "")}"));
        }

        progress.Say($"gate: {(evaluation.Gate.Promoted ? "promoted" : "refused")}: {evaluation.Gate.Reason}");
    }

    /// <summary>The lines that a run prints about search.</summary>
    public static void Print(ProgressPrinter progress, SearchReport? search)
    {
        if (search is null)
        {
            progress.Say("search: the catalogue has too few texts to train on");
            return;
        }

        foreach (var (set, searchers) in search.Sets)
        {
            progress.Say(string.Create(CultureInfo.InvariantCulture,
                $"search, {search.Queries[set]} queries ({set}): ndcg@10 {string.Join(", ", searchers.Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Key} {entry.Value.Ndcg10.Mean:F4} (mrr@10 {entry.Value.Mrr10.Mean:F4})")))}"));
        }
    }

    /// <summary>What the stack's outputs are made of, by key.</summary>
    public static Dictionary<string, string> Outputs(BundleManifest manifest, EvaluationReport evaluation, IReadOnlyList<Variant> variants) => new()
    {
        ["modelName"] = manifest.Name,
        ["modelVersion"] = manifest.Version,
        ["bundlePath"] = $"{manifest.Name}/{manifest.Version}",
        ["reportPath"] = $"{manifest.Name}/{manifest.Version}/{BundleFiles.Report}",
        ["evaluation"] = JsonSerializer.Serialize(new
        {
            ndcg10 = Round(evaluation.Rankers["two-tower"]["ndcg@10"].Mean),
            recall10 = Round(evaluation.Rankers["two-tower"]["recall@10"].Mean),
            popularityNdcg10 = Round(evaluation.Rankers["popularity"]["ndcg@10"].Mean),
            twoStageNdcg10 = evaluation.Rankers.TryGetValue("two-stage", out var both) ? Round(both["ndcg@10"].Mean) : (double?)null,
            itemKnnNdcg10 = evaluation.Rankers.TryGetValue("item-kNN", out var knn) ? Round(knn["ndcg@10"].Mean) : (double?)null,
            differenceToPopularity = new { mean = Round(evaluation.Difference["popularity"].Mean), low = Round(evaluation.Difference["popularity"].Low), high = Round(evaluation.Difference["popularity"].High) },
            fp32Ndcg10 = Round(variants.Single(variant => variant.Precision == "fp32").Metrics.Of("ndcg@10").Average()),
            int8Ndcg10 = Round(variants.Single(variant => variant.Precision == "int8").Metrics.Of("ndcg@10").Average()),
            precision = manifest.Precision,
            users = evaluation.Users,
            items = evaluation.Items,
        }, BundleFiles.JsonLine),
    };

    /// <summary>Content of <c>evaluation.json</c>.</summary>
    public static object Document(EvaluationReport evaluation, RankerSearch rankers, VariantSet variants, Variant served, SearchReport? search) => new
    {
        evaluation,
        rankers = new { towersNdcg10 = rankers.TowersNdcg, tried = rankers.Choices.Select(choice => new { kind = choice.Name, ndcg10 = choice.Ndcg, steps = choice.Steps, bytes = choice.Bytes, kept = choice.Kept }) },
        variants = Measured(variants, served),
        search,
    };

    private static object Measured(VariantSet variants, Variant served) => variants.Rows.ToDictionary(row => row.Name, row => new
    {
        served = row.Name == served.Precision,
        bytes = row.Bytes,
        p50Ms = row.P50Ms,
        p99Ms = row.P99Ms,
        ndcg10 = row.Ndcg10,
        recall100 = row.Recall100,
        maxDifference = row.MaxDifference,
        note = row.Note.Length > 0 ? row.Note : null,
    });

    private static double Round(double value) => Math.Round(value, 5);
}
