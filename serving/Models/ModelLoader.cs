using System.Diagnostics;
using System.Globalization;
using Reco.Bundle;
using Reco.Scoring.Batching;
using Reco.Scoring.Configuration;
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
    /// <exception cref="BundleException">The bundle is damaged, or does not compute what it should.</exception>
    public async Task<ServedModel> LoadAsync(string folder, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        var bundle = await BundleReader.OpenAsync(folder, cancellation).ConfigureAwait(false);
        var manifest = bundle.Manifest;
        var precision = options.Precision == "auto" ? manifest.Precision : options.Precision;
        if (!manifest.Variants.TryGetValue(precision, out var variant))
        {
            throw new BundleException($"{Path.Combine(folder, BundleFiles.Manifest)} has no variant {precision}; it has {string.Join(", ", manifest.Variants.Keys)}.");
        }

        var lines = Task.Run(() => JsonLinesTable.Open(Path.Combine(folder, BundleFiles.Items), manifest.Items), cancellation);
        var users = Task.Run(() => JsonLinesTable.Open(Path.Combine(folder, BundleFiles.Users), manifest.Users), cancellation);
        var matrix = Task.Run(() => bundle.ReadItemMatrix(precision), cancellation);
        var index = Task.Run(async () => MakeIndex(await matrix.ConfigureAwait(false)), cancellation);
        var searchMatrix = Task.Run(() => QueryTower.IsReadable(manifest) ? bundle.ReadSearchItems() : null, cancellation);
        var (session, provider) = ExecutionProviders.Create(options.Inference, LogProviderSkipped);
        UserTower? tower = null;
        Ranker? ranker = null;
        QueryTower? queries = null;
        try
        {
            using (session)
            {
                tower = UserTower.Load(Path.Combine(folder, variant.Model), manifest, session, provider);
                ranker = Ranker.Load(folder, manifest, precision, session);
                queries = QueryTower.Load(folder, manifest, session);
            }

            var items = await index.ConfigureAwait(false);
            var searched = await searchMatrix.ConfigureAwait(false);
            var catalogue = new ItemCatalogue(await lines.ConfigureAwait(false));
            var directory = new UserDirectory(await users.ConfigureAwait(false), manifest.Items);
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
                Attributes = new ItemAttributes(catalogue),
                Text = words,
                Hybrid = queries is null ? null : new HybridSearch(words, queries, MakeIndex(searched!)),
                Drift = DriftMonitor.Load(folder),
                LazyInverseNorms = new Lazy<float[]>(() => Likeness.InverseNorms(items, hasBias)),
                HasBias = hasBias,
            };
            var parity = await ParityCheck.RunAsync(bundle, model, cancellation).ConfigureAwait(false);
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

            Grow(model, await matrix.ConfigureAwait(false), searched);
            model.LoadTime = Stopwatch.GetElapsedTime(start);
            // Filters and search are made ready behind the first requests, which rarely need them.
            _ = Task.Run(
                () =>
                {
                    _ = model.InverseNorms;
                    model.Attributes.Warm();
                    model.Text.Warm();
                },
                CancellationToken.None);
            LogLoaded(model.Name, model.Version, precision, provider, model.Index.Kind, manifest.Items, manifest.Users, model.LoadTime.TotalMilliseconds);
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

    private IItemIndex MakeIndex(ItemMatrix matrix) =>
        grower.Applies(matrix.Items) ? new GrowingIndex(ExactIndices.Wrap(matrix)) : ExactIndices.Make(matrix, options.HalfPrecisionItems);

    /// <summary>Lets approximate indices take over behind the first requests.</summary>
    private void Grow(ServedModel model, ItemMatrix matrix, ItemMatrix? searched)
    {
        if (model.Index is not GrowingIndex items)
        {
            return;
        }

        grower.Start(items, matrix, ProbeQueries.OfUsers(model));
        if (model.Hybrid is { Items: GrowingIndex texts } hybrid)
        {
            grower.Start(texts, searched!, ProbeQueries.OfTexts(model, hybrid));
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

    /// <summary>Whether the last coordinate of users' vectors is always 1, which makes the items' last one a bias.</summary>
    private static bool HasBias(UserTower tower, UserDirectory users)
    {
        var vector = new float[tower.Dimension];
        var history = new long[tower.History];
        for (var user = 0; user <= Math.Min(users.Count, 3); user++)
        {
            history.AsSpan().Clear();
            if (user > 0)
            {
                users.WriteHistory(user - 1, history);
            }

            tower.Embed(new[] { (long)user }, history, vector);
            if (vector[^1] != 1f)
            {
                return false;
            }
        }

        return true;
    }
}
