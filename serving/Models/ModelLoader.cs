using System.Diagnostics;
using System.Globalization;
using Reco.Bundle;
using Reco.Scoring.Batching;
using Reco.Scoring.Configuration;
using Reco.Scoring.Hosting;
using Reco.Scoring.Inference;
using Reco.Scoring.Recommendation;
using Reco.Scoring.Retrieval;
using Reco.Scoring.Search;
using Reco.Scoring.Telemetry;

namespace Reco.Scoring.Models;

/// <summary>Turns a bundle's folder into a model that is verified, loaded and warm.</summary>
internal sealed partial class ModelLoader(ScoringOptions options, ScoringMetrics metrics, IndexGrower grower, ILogger<ModelLoader> log)
{
    private const int WarmUpRuns = 3;

    /// <summary>Loads a bundle.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="quiet">Whether requests are answered meanwhile, to which the loading must give way; else it takes every processor.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="BundleException">The bundle is damaged, or does not compute what it should.</exception>
    public Task<ServedModel> LoadAsync(string folder, bool quiet, CancellationToken cancellation) =>
        quiet ? QuietThread.RunAsync(() => Load(folder, cancellation)) : Task.Run(() => Load(folder, cancellation), cancellation);

    private static Task<T> Begin<T>(Func<T> work) => QuietThread.IsCurrent ? Task.FromResult(work()) : Task.Run(work);

    private static T End<T>(Task<T> task) => task.GetAwaiter().GetResult();

    /// <summary>Verifies files, those of other variants too, the largest first. What is kept in memory is left out: it is verified by what was read.</summary>
    private static Task<bool> BeginChecks(BundleReader bundle, IEnumerable<string> kept) => Begin(() =>
    {
        string[] files = [.. bundle.Manifest.Files.Keys.Except(kept).OrderByDescending(file => bundle.Manifest.Files[file].Bytes)];
        Chunks.For(files.Length, file => bundle.Check(files[file]));
        return true;
    });

    private ServedModel Load(string folder, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        var bundle = End(BundleReader.OpenUncheckedAsync(folder, cancellation));
        var manifest = bundle.Manifest;
        var precision = options.Precision == "auto" ? manifest.Precision : options.Precision;
        if (!manifest.Variants.TryGetValue(precision, out var variant))
        {
            throw new BundleException($"{Path.Combine(folder, BundleFiles.Manifest)} has no variant {precision}; it has {string.Join(", ", manifest.Variants.Keys)}.");
        }

        var matrix = new MatrixSource(bundle, variant.Items, manifest.Items, manifest.Dimension, () => bundle.ReadItemMatrix(precision));
        var texts = QueryTower.IsReadable(manifest) && manifest.Search is { } search
            ? new MatrixSource(bundle, search.Items, manifest.Items, search.Dimension, () => bundle.ReadSearchItems()!)
            : null;
        var visited = new[] { matrix, texts }.OfType<MatrixSource>().Where(source => (IsOnDevice || grower.Applies(source.Items)) && source.VerifiesVisited);
        var verified = BeginChecks(bundle, [BundleFiles.Items, BundleFiles.Users, .. visited.Select(source => source.File)]);
        try
        {
            var model = Load(bundle, precision, variant, matrix, texts, verified);
            model.LoadTime = Stopwatch.GetElapsedTime(start);
            LogLoaded(model.Name, model.Version, precision, model.Tower.Provider, model.Index.Kind, manifest.Items, manifest.Users, model.LoadTime.TotalMilliseconds);
            return model;
        }
        catch
        {
            // That a file does not match its checksum says more than what is wrong with it then.
            End(verified);
            throw;
        }
    }

    private ServedModel Load(BundleReader bundle, string precision, BundleVariant variant, MatrixSource matrix, MatrixSource? texts, Task<bool> verified)
    {
        var (folder, manifest) = (bundle.Folder, bundle.Manifest);
        var lines = Begin(() => JsonLinesTable.Open(bundle, BundleFiles.Items, manifest.Items));
        var people = Begin(() => JsonLinesTable.Open(bundle, BundleFiles.Users, manifest.Users));
        var index = Begin(() => MakeIndex(matrix));
        var searched = Begin(() => texts is null ? null : MakeIndex(texts));

        var (session, provider) = ExecutionProviders.Create(options.Inference, LogProviderSkipped);
        UserTower? tower = null;
        Ranker? ranker = null;
        QueryTower? queries = null;
        try
        {
            using (session)
            {
                tower = UserTower.Load(Path.Combine(folder, variant.Model), manifest, session, provider);
                ranker = Ranker.Load(folder, manifest, precision, session, provider);
                queries = QueryTower.Load(folder, manifest, session, provider);
            }

            var items = End(index);
            var catalogue = new ItemCatalogue(End(lines));
            var directory = new UserDirectory(End(people), manifest.Items);
            var hasBias = HasBias(tower, directory);
            var words = new TextIndex(catalogue);
            var model = new ServedModel
            {
                Manifest = manifest,
                Folder = folder,
                Precision = precision,
                Tower = tower,
                Ranker = ranker,
                Batcher = new DynamicBatcher(options.Batching, jobs => TowerBatch.Execute(tower, jobs.Span), metrics.Observe(manifest.Name, manifest.Version)),
                Index = items,
                Items = catalogue,
                Users = directory,
                Groups = UserGroups.Load(bundle, directory),
                Attributes = new ItemAttributes(catalogue),
                Text = words,
                Hybrid = queries is null ? null : new HybridSearch(words, queries, End(searched)!),
                Drift = DriftMonitor.Load(folder),
                LazyInverseNorms = new Lazy<float[]>(() => Likeness.InverseNorms(items, hasBias)),
                HasBias = hasBias,
            };
            var parity = End(ParityCheck.RunAsync(bundle, model, CancellationToken.None));
            SayWhatWasChecked(model, parity);
            WarmUp(model);
            if (model.Hybrid is { } hybrid)
            {
                hybrid.WarmUp(folder);
            }
            else if (manifest.Search is { } unknown)
            {
                LogSearchIgnored(model.Name, model.Version, unknown.Scheme);
            }

            End(verified);
            Warm(model);
            Grow(model, matrix, texts);
            return model;
        }
        catch
        {
            tower?.Dispose();
            ranker?.Dispose();
            queries?.Dispose();
            throw;
        }
    }

    /// <summary>Makes ready what filters, likeness and search need: behind the first requests, which rarely need it, on a thread that none of
    /// them needs, or, where a version answers meanwhile, before this one does.</summary>
    private static void Warm(ServedModel model)
    {
        if (QuietThread.IsCurrent)
        {
            WarmNow();
        }
        else
        {
            _ = Task.Factory.StartNew(WarmNow, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        void WarmNow()
        {
            _ = model.InverseNorms;
            model.Attributes.Warm();
            model.Text.Warm();
        }
    }

    private void SayWhatWasChecked(ServedModel model, ParityCoverage? parity)
    {
        if (parity is null)
        {
            LogNotChecked(model.Name, model.Version, model.Precision, $"the bundle has no {BundleFiles.Parity}");
        }
        else if (parity.Requests == 0)
        {
            LogNotChecked(model.Name, model.Version, model.Precision, $"{BundleFiles.Parity} has no answers of that precision");
        }
        else
        {
            LogChecked(model.Name, model.Version, model.Precision, parity.Requests, model.Ranker is null ? "tower, search" : parity.Ranking ? "tower, search, ranker" : "tower, search; the ranker has no answers to compare with");
        }
    }

    private bool IsOnDevice => options.Retrieval.Index == "device";

    private IItemIndex MakeIndex(MatrixSource matrix) =>
        IsOnDevice ? DeviceIndex.Make(matrix, options.Inference, LogProviderSkipped) : grower.Applies(matrix.Items) ? new GrowingIndex(ExactIndices.Wrap(matrix)) : ExactIndices.Make(matrix.Read(), options.HalfPrecisionItems);

    /// <summary>Lets approximate indices take over behind the first requests.</summary>
    private void Grow(ServedModel model, MatrixSource matrix, MatrixSource? searched)
    {
        if (model.Index is not GrowingIndex items)
        {
            return;
        }

        _ = grower.Start(items, matrix, ProbeQueries.OfUsers(model));
        if (model.Hybrid is { Items: GrowingIndex texts } hybrid)
        {
            _ = grower.Start(texts, searched!, ProbeQueries.OfTexts(model, hybrid));
        }
    }

    /// <summary>Runs real requests before traffic does: code is compiled, arenas have their size, pages are in memory. What
    /// comes out must be finite.</summary>
    private static void WarmUp(ServedModel model)
    {
        var history = new long[model.Tower.History];
        var vector = new float[model.Tower.Dimension];
        var hits = new Hit[Math.Min(10, model.Items.Count)];
        for (var run = 0; run < WarmUpRuns; run++)
        {
            // The unknown user, then known ones from both ends of the list.
            var user = run == 0 || model.Users.Count == 0 ? -1 : (run - 1) * (model.Users.Count - 1);
            history.AsSpan().Clear();
            if (user >= 0)
            {
                model.Users.WriteHistory(user, history);
            }

            model.Tower.Embed(new[] { user + 1L }, history, vector);
            if (vector.AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
            {
                throw new BundleException(string.Create(CultureInfo.InvariantCulture, $"{model.Folder}: the user tower gives values that are not finite; train again."));
            }

            model.Index.Search(vector, default, hits);
            if (model.Ranker is { } ranker)
            {
                var order = TwoStageOrder.Make(model, ranker, vector, history);
                var found = hits.AsSpan(0, order.Find(vector, [], [], hits));
                if (!float.IsFinite(found[0].Score) || !float.IsFinite(found[^1].Score))
                {
                    throw new BundleException($"{model.Folder}: the ranker gives values that are not finite; train again.");
                }
            }
        }
    }

    /// <summary>Whether the last coordinate of users' vectors is always the same, which makes the items' last one a bias: 1, or in models in
    /// closed form less.</summary>
    private static bool HasBias(UserTower tower, UserDirectory users)
    {
        var vector = new float[tower.Dimension];
        var history = new long[tower.History];
        var first = 0f;
        for (var user = 0; user <= Math.Min(users.Count, 3); user++)
        {
            history.AsSpan().Clear();
            if (user > 0)
            {
                users.WriteHistory(user - 1, history);
            }

            tower.Embed(new[] { (long)user }, history, vector);
            first = user == 0 ? vector[^1] : first;
            if (first == 0 || vector[^1] != first)
            {
                return false;
            }
        }

        // One vector alone is like itself whatever it is.
        return users.Count > 0 || first == 1f;
    }
}
