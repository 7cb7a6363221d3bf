using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Reco.Bundle;
using Reco.Training.Compression;
using Reco.Training.Data;
using Reco.Training.Evaluation;
using Reco.Training.Model;

namespace Reco.Training.Packaging;

/// <summary>One run from data to bundle: load, train, evaluate, compress, package. A model that the gate refuses is not
/// published.</summary>
internal sealed class Pipeline(RunOptions options, TimeProvider time, ProgressPrinter progress)
{
    /// <summary>Runs every stage.</summary>
    /// <returns>The manifest of the published bundle.</returns>
    /// <exception cref="TrainingException">The data is bad, or the gate refused the model.</exception>
    public async Task<BundleManifest> RunAsync(CancellationToken cancellation)
    {
        var result = options.ResultConfigMap is { } reference ? new ResultConfigMap(reference, time) : null;
        result?.Check();
        progress.Report(0, "loading data");
        var shop = await LoadAsync(options.Data, cancellation).ConfigureAwait(false);
        Describe(shop);

        var split = TimeSplit.Last(shop.Interactions, options.Training.HoldoutDays);
        var (weights, curve) = Train(shop, split.Train, cancellation);
        progress.Report(0.80, "evaluating baselines");
        var evaluator = new Evaluator(shop, split, options.Training.HoldoutDays);
        progress.Report(0.90, "compressing and checking with ONNX Runtime");
        var histories = new Histories(split.Train, shop.Users.Count);
        var variants = VariantBuilder.Build(weights, histories, split.Held, cancellation);
        var served = Choose(variants);
        var evaluation = evaluator.Report(served.Metrics, options.GateMinLift);
        Print(evaluation, variants, served);
        if (!evaluation.Gate.Promoted)
        {
            throw new TrainingException($"The gate refuses the model: {evaluation.Gate.Reason}. Nothing is published. Change the data or the parameters, or lower gateMinLift.");
        }

        progress.Report(0.97, "packaging");
        var manifest = await PackageAsync(shop, split, weights, curve, variants, served, evaluation, cancellation).ConfigureAwait(false);
        var summary = Summary(manifest, evaluation, variants);
        if (result is not null)
        {
            await result.WriteAsync(summary, cancellation).ConfigureAwait(false);
        }

        progress.Report(1, $"published {manifest.Name} {manifest.Version}");
        return manifest;
    }

    /// <summary>Loads what <c>--data</c> names.</summary>
    public static async Task<Shop> LoadAsync(string data, CancellationToken cancellation) =>
        data == "demo" ? DemoShop.Make() : await CompleteJourneyLoader.LoadAsync(data, cancellation).ConfigureAwait(false);

    private void Describe(Shop shop)
    {
        progress.Say($"data set {shop.Name}: {shop.Interactions.Length} interactions, {shop.Users.Count} users, {shop.Items.Count} items");
        foreach (var finding in shop.Findings)
        {
            progress.Say($"data: {finding.Count} {finding.What} (first: {finding.Example}); {finding.Policy}");
        }
    }

    private (TowerWeights Weights, List<CurvePoint> Curve) Train(Shop shop, Interaction[] train, CancellationToken cancellation)
    {
        var start = 0.02;
        var trainer = new Trainer(options.Training, shop, (share, text) => progress.Report(start + (share * 0.38), text));
        var (epochs, curve) = trainer.FindEpochs(train, cancellation);
        progress.Say($"best after {epochs} epochs on the validation period; training again on all of the training side");
        start = 0.42;
        return (trainer.Fit(train, epochs, cancellation).Weights, curve);
    }

    /// <summary>Int8 where it costs no more quality than allowed, else FP32. Its speed is reported, and both are in the bundle.</summary>
    private Variant Choose(IReadOnlyList<Variant> variants)
    {
        var (fp32, int8) = (variants.Single(variant => variant.Precision == "fp32"), variants.Single(variant => variant.Precision == "int8"));
        var loss = Loss(fp32, int8);
        var chosen = loss <= options.CompressionMaxLoss && int8.P50Ms <= fp32.P50Ms * 1.1 ? int8 : fp32;
        progress.Say(string.Create(CultureInfo.InvariantCulture,
            $"int8 loses {loss:P2} of nDCG@10 (allowed {options.CompressionMaxLoss:P2}), p50 {int8.P50Ms:F2} ms against {fp32.P50Ms:F2} ms, {fp32.Bytes / (double)int8.Bytes:F2} times smaller: {chosen.Precision} is served"));
        return chosen;
    }

    private static double Loss(Variant fp32, Variant int8)
    {
        var reference = fp32.Metrics.Of("ndcg@10").Average();
        return reference == 0 ? 0 : Math.Max(0, 1 - (int8.Metrics.Of("ndcg@10").Average() / reference));
    }

    private void Print(EvaluationReport evaluation, IReadOnlyList<Variant> variants, Variant served)
    {
        foreach (var (name, metrics) in evaluation.Rankers)
        {
            var ndcg = metrics["ndcg@10"];
            progress.Say(string.Create(CultureInfo.InvariantCulture, $"{name}: ndcg@10 {ndcg.Mean:F4} [{ndcg.Low:F4}, {ndcg.High:F4}], recall@10 {metrics["recall@10"].Mean:F4}"));
        }

        foreach (var variant in variants)
        {
            progress.Say(string.Create(CultureInfo.InvariantCulture,
                $"{variant.Precision}{(variant == served ? " (served)" : "")}: {variant.Bytes} bytes, p50 {variant.P50Ms:F2} ms, p99 {variant.P99Ms:F2} ms, ndcg@10 {variant.Metrics.Of("ndcg@10").Average():F4}"));
        }

        progress.Say($"gate: {(evaluation.Gate.Promoted ? "promoted" : "refused")}: {evaluation.Gate.Reason}");
    }

    private async Task<BundleManifest> PackageAsync(
        Shop shop, TimeSplit split, TowerWeights weights, List<CurvePoint> curve, IReadOnlyList<Variant> variants, Variant served, EvaluationReport evaluation, CancellationToken cancellation)
    {
        Directory.CreateDirectory(options.Store);
        using var writer = new BundleWriter(options.Store);
        foreach (var variant in variants)
        {
            var (model, items) = FilesOf(variant);
            await writer.AddAsync(model, (stream, token) => stream.WriteAsync(variant.Model, token).AsTask(), cancellation: cancellation).ConfigureAwait(false);
            await writer.AddAsync(items, (stream, _) => Task.Run(() => variant.Items.Write(stream), cancellation), cancellation: cancellation).ConfigureAwait(false);
        }

        await writer.AddLinesAsync(BundleFiles.Items, shop.Items.Select(item => ToBundle(item, shop.FeatureNames)), cancellation).ConfigureAwait(false);

        // What is served knows everything up to the end of the data; what was evaluated knew only the training side.
        var everything = new Histories(shop.Interactions, shop.Users.Count);
        await writer.AddLinesAsync(BundleFiles.Users, Users(shop, everything), cancellation).ConfigureAwait(false);
        var reference = ReferenceSketch.From(new TowerRanker(weights, new Histories(split.Train, shop.Users.Count)), split, new Histories(split.Train, shop.Users.Count), options.Training.History);
        await AddJsonAsync(writer, BundleFiles.Reference, reference, inVersion: true, cancellation).ConfigureAwait(false);
        await AddJsonAsync(writer, BundleFiles.Evaluation, new { evaluation, variants = Measured(variants, served) }, inVersion: false, cancellation).ConfigureAwait(false);
        var html = HtmlReport.Render(options.Name, shop, evaluation, curve, variants, served.Precision, options);
        await writer.AddAsync(BundleFiles.Report, (stream, token) => stream.WriteAsync(Encoding.UTF8.GetBytes(html), token).AsTask(), inVersion: false, cancellation).ConfigureAwait(false);
        return await writer.PublishAsync(Manifest(shop, variants, served, evaluation), cancellation).ConfigureAwait(false);
    }

    private BundleManifest Manifest(Shop shop, IReadOnlyList<Variant> variants, Variant served, EvaluationReport evaluation) => new()
    {
        Name = options.Name,
        CreatedAt = time.GetUtcNow(),
        Dimension = options.Training.Dimension,
        MaxHistory = options.Training.History,
        Users = shop.Users.Count,
        Items = shop.Items.Count,
        Precision = served.Precision,
        Variants = variants.ToImmutableSortedDictionary(variant => variant.Precision, variant => new BundleVariant(FilesOf(variant).Model, FilesOf(variant).Items), StringComparer.Ordinal),
        Inputs = [new TensorSpec("user", "INT64", [-1]), new TensorSpec("history", "INT64", [-1, options.Training.History])],
        Outputs = [new TensorSpec("embedding", "FP32", [-1, options.Training.Dimension])],
        Metrics = evaluation.Rankers["two-tower"].ToImmutableSortedDictionary(metric => metric.Key, metric => metric.Value.Mean, StringComparer.Ordinal),
        Lineage = new BundleLineage
        {
            Dataset = shop.Name,
            DataHash = shop.Hash,
            CodeVersion = typeof(Pipeline).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "",
            Parameters = options.Parameters(),
            Seed = options.Training.Seed,
        },
    };

    private IEnumerable<BundleUser> Users(Shop shop, Histories histories)
    {
        var recent = new long[options.Training.History];
        for (var user = 0; user < shop.Users.Count; user++)
        {
            var length = histories.Write(user, long.MaxValue, recent);
            yield return new BundleUser(shop.Users[user], [.. recent.Take(length).Select(item => (int)item - 1)], [.. histories.All(user).Distinct().Order()]);
        }
    }

    private static Dictionary<string, string> Summary(BundleManifest manifest, EvaluationReport evaluation, IReadOnlyList<Variant> variants) => new()
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
            itemKnnNdcg10 = Round(evaluation.Rankers["item-kNN"]["ndcg@10"].Mean),
            differenceToPopularity = new { mean = Round(evaluation.Difference["popularity"].Mean), low = Round(evaluation.Difference["popularity"].Low), high = Round(evaluation.Difference["popularity"].High) },
            fp32Ndcg10 = Round(variants.Single(variant => variant.Precision == "fp32").Metrics.Of("ndcg@10").Average()),
            int8Ndcg10 = Round(variants.Single(variant => variant.Precision == "int8").Metrics.Of("ndcg@10").Average()),
            precision = manifest.Precision,
            users = evaluation.Users,
            items = evaluation.Items,
        }, BundleFiles.JsonLine),
    };

    private static object Measured(IReadOnlyList<Variant> variants, Variant served) => variants.ToDictionary(variant => variant.Precision, variant => new
    {
        served = variant == served,
        bytes = variant.Bytes,
        p50Ms = variant.P50Ms,
        p99Ms = variant.P99Ms,
        ndcg10 = variant.Metrics.Of("ndcg@10").Average(),
        maxDifference = variant.MaxDifference,
    });

    private static Task AddJsonAsync<T>(BundleWriter writer, string name, T value, bool inVersion, CancellationToken cancellation) =>
        writer.AddAsync(name, (stream, token) => JsonSerializer.SerializeAsync(stream, value, BundleFiles.Json, token), inVersion, cancellation);

    private static (string Model, string Items) FilesOf(Variant variant) =>
        variant.Precision == "int8" ? (BundleFiles.ModelInt8, BundleFiles.ItemsInt8) : (BundleFiles.Model, BundleFiles.ItemsFp32);

    private static BundleItem ToBundle(Item item, IReadOnlyList<string> features) => new(item.Id, item.Name, item.Features.Length > 1 ? item.Features[1] : "",
        features.Zip(item.Features).Where(pair => pair.Second.Length > 0).ToImmutableSortedDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal));

    private static double Round(double value) => Math.Round(value, 5);
}
