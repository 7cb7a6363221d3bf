using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Reco.Bundle;
using Reco.Training.Compression;
using Reco.Training.Data;
using Reco.Training.Data.Storage;
using Reco.Training.Distributed;
using Reco.Training.Evaluation;
using Reco.Training.Model;
using Reco.Training.Search;

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
    /// <summary>Epochs by which pruned towers are trained on.</summary>
    private const int PruneEpochs = 2;

    private readonly StageClock clock = new(time);

    /// <summary>Runs every stage.</summary>
    /// <returns>The manifest of the published bundle.</returns>
    /// <exception cref="TrainingException">The data is bad, or the gate refused the model.</exception>
    public Task<BundleManifest> RunAsync(CancellationToken cancellation) => RunAsync(Stage.Package, cancellation)!;

    /// <summary>Of several workers the first takes the message for all.</summary>
    private async Task TakeMessageAsync(CancellationToken cancellation)
    {
        if (options.TriggerQueue is { } address && Environment.GetEnvironmentVariable("RANK") is (null or "" or "0"))
        {
            var taken = await new TriggerQueue(address, Environment.GetEnvironmentVariable, time).TakeAsync(cancellation).ConfigureAwait(false);
            progress.Say(taken ? "took the message that started this run" : "no message in the queue: another pod of this run took it");
        }
    }

    /// <summary>Runs the stages up to one. Those that were finished before, by this or a killed run with the same data and
    /// parameters, are taken from the work folder.</summary>
    /// <returns>The manifest of the published bundle; null before <see cref="Stage.Package"/>.</returns>
    public async Task<BundleManifest?> RunAsync(Stage last, CancellationToken cancellation)
    {
        var result = options.ResultConfigMap is { } reference ? new ResultConfigMap(reference, time) : null;
        result?.Check();
        await TakeMessageAsync(cancellation).ConfigureAwait(false);
        clock.Start("data");
        progress.Report(0, "loading data");
        using var storage = new EventStorage(options.EventsInMemory, Path.GetTempPath());
        var shop = await LoadAsync(options.Data, storage, cancellation).ConfigureAwait(false);
        Describe(shop);

        if (shop.Items.Count < 2)
        {
            throw new TrainingException($"{options.Data}: every event is about the item {shop.Items[0].Id}; with one item there is nothing to rank.");
        }

        var split = TimeSplit.Last(shop.Interactions, options.Training.HoldoutDays).Sample(options.Training.EvaluationUsers, options.Training.Seed);
        var validation = TimeSplit.Validation(split.Train, options.Training.HoldoutDays).Sample(options.Training.EvaluationUsers, options.Training.Seed);
        Describe(split, "held-out");
        Describe(validation, "validation");
        if (last == Stage.Prepare)
        {
            progress.Report(1, $"split: {validation.Train.Length} interactions before the validation period, {split.Train.Length} before the held-out one, {split.HeldUsers} users in it");
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
        var histories = split.Train.Histories(shop.Users.Count);
        var pruned = trained.Towers.IsNeural && options.Training.Prune > 0
            ? new Trainer(options.Training, shop, null, (_, _) => { }).Prune(trained.Towers, split.Train, options.Training.Prune, PruneEpochs, cancellation) : null;
        var variants = VariantBuilder.Build(trained.Towers, pruned, trained.Ranker, options.Training.Candidates, histories, split.Held, options.Training.Seed, cancellation);
        clock.Start("evaluation");
        var served = VariantChoice.Choose(variants.Variants, options.CompressionMaxLoss, progress.Say);
        var groups = UserGroups.Learn(shop, split.Train, options.Training.Groups, options.Training.Seed);
        var evaluation = evaluator.Report(served.Towers, served.Metrics, trained.AsRanker(histories, options.Training), groups, options.GateMinLift);
        RunSummary.Print(progress, evaluation, variants, served);
        clock.Start("search");
        progress.Report(0.94, "training search by text");
        var search = SearchEvaluator.Run(shop, split, validation, options.Training.Seed, cancellation);
        RunSummary.Print(progress, search?.Report);
        if (last < Stage.Package)
        {
            await WriteEvaluationAsync(work, RunSummary.Document(evaluation, trained.Search, variants, served, search?.Report), cancellation).ConfigureAwait(false);
            return null;
        }

        if (!evaluation.Gate.Promoted)
        {
            Remove(work);
            throw new TrainingException($"The gate refuses the model: {evaluation.Gate.Reason}. Nothing is published. Change the data or the parameters, or lower gateMinLift.");
        }

        clock.Start("packaging");
        progress.Report(0.97, "packaging");
        var manifest = await new BundlePackager(options, time, clock.Stages).PublishAsync(new RunResult(shop, split, trained, variants, served, evaluation, groups, search), cancellation).ConfigureAwait(false);
        Remove(work);
        var summary = RunSummary.Outputs(manifest, evaluation, variants.Variants);
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
    public static async Task<Shop> LoadAsync(string data, EventStorage storage, CancellationToken cancellation)
    {
        if (data == "demo")
        {
            return DemoShop.Make();
        }

        if (Directory.Exists(data))
        {
            return RecBoleLoader.Recognises(data)
                ? await RecBoleLoader.LoadAsync(data, new ValidationRules(), storage, cancellation).ConfigureAwait(false)
                : await CompleteJourneyLoader.LoadAsync(data, storage, cancellation).ConfigureAwait(false);
        }

        if (!File.Exists(data))
        {
            throw new TrainingException($"--data: there is no folder or file {data}.");
        }

        return data.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? await EventLogLoader.LoadAsync(data, storage, cancellation).ConfigureAwait(false)
            : throw new TrainingException($"--data: {data} is a file of events; name a .json file that says which of its columns mean what (training/README.md shows one), or a folder.");
    }

    private async Task WriteEvaluationAsync(string work, object document, CancellationToken cancellation)
    {
        var path = Path.Combine(work, BundleFiles.Evaluation);
        await using var stream = File.Create(path);
        await JsonSerializer.SerializeAsync(stream, document, BundleFiles.Json, cancellation).ConfigureAwait(false);
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

    private void Describe(TimeSplit split, string period)
    {
        progress.Say($"{period} period: from {DateTimeOffset.FromUnixTimeSeconds(split.Cut):yyyy-MM-dd}, {split.HeldUsers} users, {split.Train.Length} interactions before it");
        if (split.Held.Count < split.HeldUsers)
        {
            progress.Say($"{period} period: a random sample of {split.Held.Count} of its {split.HeldUsers} users is ranked for; --evaluation-users sets how many");
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
}
