using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Reco.Bundle;
using Reco.Training.Compression;
using Reco.Training.Data;
using Reco.Training.Distributed;
using Reco.Training.Evaluation;

namespace Reco.Training.Packaging;

/// <summary>Stages of a run, in order.</summary>
internal enum Stage
{
    /// <summary>Load, check and split the data.</summary>
    Prepare,

    /// <summary>Train both stages of the model.</summary>
    Train,

    /// <summary>Compare with the baselines on the held-out period.</summary>
    Evaluate,

    /// <summary>Make, check and measure the variants.</summary>
    Compress,

    /// <summary>Write and publish the bundle.</summary>
    Package,
}

/// <summary>One run from data to bundle: load, train, evaluate, compress, package. A model that the gate refuses is not
/// published.</summary>
internal sealed class Pipeline(RunOptions options, TimeProvider time, ProgressPrinter progress)
{
    private readonly StageClock clock = new(time);

    /// <summary>Runs every stage.</summary>
    /// <returns>The manifest of the published bundle.</returns>
    /// <exception cref="TrainingException">The data is bad, or the gate refused the model.</exception>
    public Task<BundleManifest> RunAsync(CancellationToken cancellation) => RunAsync(Stage.Package, cancellation)!;

    /// <summary>Runs the stages up to one. Those that were finished before, by this or a killed run with the same data and
    /// parameters, are taken from the work folder.</summary>
    /// <returns>The manifest of the published bundle; null before <see cref="Stage.Package"/>.</returns>
    public async Task<BundleManifest?> RunAsync(Stage last, CancellationToken cancellation)
    {
        var result = options.ResultConfigMap is { } reference ? new ResultConfigMap(reference, time) : null;
        result?.Check();
        clock.Start("data");
        progress.Report(0, "loading data");
        var shop = await LoadAsync(options.Data, cancellation).ConfigureAwait(false);
        Describe(shop);

        var split = TimeSplit.Last(shop.Interactions, options.Training.HoldoutDays);
        var validation = TimeSplit.Last(split.Train, options.Training.HoldoutDays);
        if (last == Stage.Prepare)
        {
            progress.Report(1, $"split: {validation.Train.Length} interactions before the validation period, {split.Train.Length} before the held-out one, {split.Held.Count} users in it");
            return null;
        }

        var work = Path.Combine(options.Work ?? Path.Combine(options.Store, ".work"), WorkKey(shop));
        clock.Start("training");
        TrainedModel trained;
        using (var workers = Workers.Connect(options.Workers, cancellation))
        {
            trained = new ModelTrainer(options.Training, shop, work, workers.Rank == 0 ? progress : ProgressPrinter.Silent, workers).Train(split, validation, cancellation);
            if (workers.Rank > 0)
            {
                return null;
            }
        }

        if (last == Stage.Train)
        {
            progress.Report(1, $"trained; kept in {work}");
            return null;
        }

        clock.Start("baselines");
        progress.Report(0.70, "evaluating baselines");
        var evaluator = new Evaluator(shop, split, validation, options.Training.HoldoutDays, options.Baselines, text => progress.Report(0.70, text), cancellation);
        clock.Start("compression");
        progress.Report(0.90, "compressing and checking with ONNX Runtime");
        var histories = new Histories(split.Train, shop.Users.Count);
        var variants = VariantBuilder.Build(trained.Towers, trained.Ranker, options.Training.Candidates, histories, split.Held, cancellation);
        clock.Start("evaluation");
        var served = Choose(variants);
        var evaluation = evaluator.Report(served.Towers, served.Metrics, trained.AsRanker(histories, options.Training), options.GateMinLift);
        Print(evaluation, variants, served);
        if (last < Stage.Package)
        {
            await WriteEvaluationAsync(work, evaluation, variants, served, cancellation).ConfigureAwait(false);
            return null;
        }

        if (!evaluation.Gate.Promoted)
        {
            Remove(work);
            throw new TrainingException($"The gate refuses the model: {evaluation.Gate.Reason}. Nothing is published. Change the data or the parameters, or lower gateMinLift.");
        }

        clock.Start("packaging");
        progress.Report(0.97, "packaging");
        var manifest = await PackageAsync(shop, split, trained, variants, served, evaluation, cancellation).ConfigureAwait(false);
        Remove(work);
        var summary = Summary(manifest, evaluation, variants);
        if (result is not null)
        {
            await result.WriteAsync(summary, cancellation).ConfigureAwait(false);
        }

        clock.Stop();
        foreach (var line in clock.Lines())
        {
            progress.Say(line);
        }

        progress.Report(1, $"published {manifest.Name} {manifest.Version}");
        return manifest;
    }

    /// <summary>Loads what <c>--data</c> names.</summary>
    public static async Task<Shop> LoadAsync(string data, CancellationToken cancellation) =>
        data == "demo" ? DemoShop.Make()
        : data.EndsWith(".json", StringComparison.OrdinalIgnoreCase) && File.Exists(data) ? await EventLogLoader.LoadAsync(data, cancellation).ConfigureAwait(false)
        : RecBoleLoader.Recognises(data) ? await RecBoleLoader.LoadAsync(data, new ValidationRules(), cancellation).ConfigureAwait(false)
        : await CompleteJourneyLoader.LoadAsync(data, cancellation).ConfigureAwait(false);

    private async Task WriteEvaluationAsync(string work, EvaluationReport evaluation, IReadOnlyList<Variant> variants, Variant served, CancellationToken cancellation)
    {
        var path = Path.Combine(work, BundleFiles.Evaluation);
        await using var stream = File.Create(path);
        await JsonSerializer.SerializeAsync(stream, new { evaluation, variants = Measured(variants, served) }, BundleFiles.Json, cancellation).ConfigureAwait(false);
        progress.Report(1, $"wrote {path}");
    }

    /// <summary>Names the work folder by everything that a trained model depends on: other data or parameters never meet a
    /// checkpoint that is not theirs.</summary>
    private string WorkKey(Shop shop) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Join('\n', [options.Name, shop.Hash, CodeVersion, $"{options.Training.Seed}", .. options.Parameters().Select(parameter => $"{parameter.Key}={parameter.Value}")]))))[..16];

    private static string CodeVersion => $"{typeof(Pipeline).Assembly.ManifestModule.ModuleVersionId}";

    /// <summary>Removes the work folder, and the folder of all of them where it was the last.</summary>
    private void Remove(string work)
    {
        if (options.KeepWork)
        {
            return;
        }

        Directory.Delete(work, recursive: true);
        var all = Path.GetDirectoryName(work)!;
        if (options.Work is null && !Directory.EnumerateFileSystemEntries(all).Any())
        {
            Directory.Delete(all);
        }
    }

    private void Describe(Shop shop)
    {
        progress.Say($"data set {shop.Name}: {shop.Interactions.Length} interactions, {shop.Users.Count} users, {shop.Items.Count} items");
        foreach (var finding in shop.Findings)
        {
            progress.Say($"data: {finding.Count} {finding.What} (first: {finding.Example}); {finding.Policy}");
        }
    }

    /// <summary>The smallest variant that costs no more quality than allowed and is faster than FP32, else FP32. All are in the bundle.</summary>
    private Variant Choose(IReadOnlyList<Variant> variants)
    {
        var fp32 = variants.Single(variant => variant.Precision == "fp32");
        var smaller = variants.Where(variant => variant != fp32).ToArray();
        foreach (var variant in smaller)
        {
            progress.Say(string.Create(CultureInfo.InvariantCulture,
                $"{variant.Precision} loses {Loss(fp32, variant):P2} of nDCG@10 (allowed {options.CompressionMaxLoss:P2}), p50 {variant.P50Ms:F3} ms against {fp32.P50Ms:F3} ms, {fp32.Bytes / (double)variant.Bytes:F2} times smaller"));
        }

        return smaller.Where(variant => Loss(fp32, variant) <= options.CompressionMaxLoss && variant.P50Ms < fp32.P50Ms).MinBy(variant => variant.Bytes) ?? fp32;
    }

    private static double Loss(Variant fp32, Variant variant)
    {
        var reference = fp32.Metrics.Of("ndcg@10").Average();
        return reference == 0 ? 0 : Math.Max(0, 1 - (variant.Metrics.Of("ndcg@10").Average() / reference));
    }

    private void Print(EvaluationReport evaluation, IReadOnlyList<Variant> variants, Variant served)
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

        var cold = evaluation.ColdItems;
        progress.Say(string.Create(CultureInfo.InvariantCulture, $"cold items: {cold.Users} users bought some, ndcg@10 {cold.Model.Mean:F4} against popularity's {cold.Popularity.Mean:F4}"));
        foreach (var variant in variants)
        {
            progress.Say(string.Create(CultureInfo.InvariantCulture,
                $"{variant.Precision}{(variant == served ? " (served)" : "")}: {variant.Bytes} bytes, p50 {variant.P50Ms:F2} ms, p99 {variant.P99Ms:F2} ms, ndcg@10 {variant.Metrics.Of("ndcg@10").Average():F4}"));
        }

        progress.Say($"gate: {(evaluation.Gate.Promoted ? "promoted" : "refused")}: {evaluation.Gate.Reason}");
    }

    private async Task<BundleManifest> PackageAsync(
        Shop shop, TimeSplit split, TrainedModel trained, IReadOnlyList<Variant> variants, Variant served, EvaluationReport evaluation, CancellationToken cancellation)
    {
        Directory.CreateDirectory(options.Store);
        using var writer = new BundleWriter(options.Store);

        // Variants may share one ranker.
        var rankers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var variant in variants)
        {
            var (model, items) = FilesOf(variant);
            await writer.AddAsync(model, (stream, token) => stream.WriteAsync(variant.Model, token).AsTask(), cancellation: cancellation).ConfigureAwait(false);
            if (variant.Ranker is { } ranker && rankers.Add(RankerFile(variant)))
            {
                await writer.AddAsync(RankerFile(variant), (stream, token) => stream.WriteAsync(ranker, token).AsTask(), cancellation: cancellation).ConfigureAwait(false);
            }

            await writer.AddAsync(items, (stream, _) => Task.Run(() => variant.Items.Write(stream), cancellation), cancellation: cancellation).ConfigureAwait(false);
        }

        await writer.AddLinesAsync(BundleFiles.Items, shop.Items.Select(item => ToBundle(item, shop.FeatureNames)), cancellation).ConfigureAwait(false);

        // What is served knows everything up to the end of the data; what was evaluated knew only the training side.
        var everything = new Histories(shop.Interactions, shop.Users.Count);
        await writer.AddLinesAsync(BundleFiles.Users, Users(shop, everything), cancellation).ConfigureAwait(false);
        await writer.AddLinesAsync(BundleFiles.Parity, [ParityMaker.Make(variants, trained.Towers.Shape, everything)], cancellation).ConfigureAwait(false);
        var reference = ReferenceSketch.From(new TowerRanker(trained.Towers, new Histories(split.Train, shop.Users.Count)), split, new Histories(split.Train, shop.Users.Count), options.Training.History);
        await AddJsonAsync(writer, BundleFiles.Reference, reference, inVersion: true, cancellation).ConfigureAwait(false);
        await AddJsonAsync(writer, BundleFiles.Evaluation, new { evaluation, variants = Measured(variants, served) }, inVersion: false, cancellation).ConfigureAwait(false);
        var html = HtmlReport.Render(options.Name, shop, evaluation, trained.Curve, variants, served.Precision, options, clock.Stages);
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
        Variants = variants.ToImmutableSortedDictionary(variant => variant.Precision, variant => new BundleVariant(FilesOf(variant).Model, FilesOf(variant).Items, variant.Ranker is null ? null : RankerFile(variant)), StringComparer.Ordinal),
        Ranker = served.Ranker is null ? null : new BundleRanker(options.Training.Candidates, IncludeHistory: true, Means(evaluation, "two-stage")),
        Parity = BundleFiles.Parity,
        Inputs = [new TensorSpec("user", "INT64", [-1]), new TensorSpec("history", "INT64", [-1, options.Training.History])],
        Outputs = [new TensorSpec("embedding", "FP32", [-1, options.Training.Dimension])],
        Metrics = Means(evaluation, "two-tower"),
        Lineage = new BundleLineage
        {
            Dataset = shop.Name,
            DataHash = shop.Hash,
            CodeVersion = typeof(Pipeline).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "",
            Parameters = options.Parameters(),
            Seed = options.Training.Seed,
        },
    };

    private static ImmutableSortedDictionary<string, double> Means(EvaluationReport evaluation, string ranker) =>
        evaluation.Rankers[ranker].ToImmutableSortedDictionary(metric => metric.Key, metric => metric.Value.Mean, StringComparer.Ordinal);

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

    private static (string Model, string Items) FilesOf(Variant variant) => variant.Precision switch
    {
        "int8" => (BundleFiles.ModelInt8, BundleFiles.ItemsInt8),
        "fp16" => (BundleFiles.ModelFp16, BundleFiles.ItemsFp16),
        _ => (BundleFiles.Model, BundleFiles.ItemsFp32),
    };

    private static string RankerFile(Variant variant) => variant.Precision == "int8" ? BundleFiles.RankerInt8 : BundleFiles.Ranker;

    private static BundleItem ToBundle(Item item, IReadOnlyList<string> features) => new(item.Id, item.Name, item.Features.Length > 1 ? item.Features[1] : "",
        features.Zip(item.Features).Where(pair => pair.Second.Length > 0).ToImmutableSortedDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal));

    private static double Round(double value) => Math.Round(value, 5);
}
