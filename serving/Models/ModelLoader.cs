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
internal sealed partial class ModelLoader(ScoringOptions options, ScoringMetrics metrics, ILogger<ModelLoader> log)
{
    private const int WarmUpRuns = 3;

    /// <summary>Queries by which a graph's recall is measured.</summary>
    private const int GraphSample = 64;

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

        var items = Task.Run(() => JsonLinesTable.Open(Path.Combine(folder, BundleFiles.Items), manifest.Items), cancellation);
        var users = Task.Run(() => JsonLinesTable.Open(Path.Combine(folder, BundleFiles.Users), manifest.Users), cancellation);
        var matrix = Task.Run(() => bundle.ReadItemMatrix(precision), cancellation);
        var index = Task.Run(async () => MakeIndex(await matrix.ConfigureAwait(false)), cancellation);
        var searched = Task.Run(() => QueryTower.IsReadable(manifest) ? MakeIndex(bundle.ReadSearchItems()!) : null, cancellation);
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

            var exact = await index.ConfigureAwait(false);
            var growing = options.Retrieval.ApproximateFrom > 0 && manifest.Items >= options.Retrieval.ApproximateFrom ? new GrowingIndex(exact) : null;
            var catalogue = new ItemCatalogue(await items.ConfigureAwait(false));
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
                Index = growing ?? exact,
                Items = catalogue,
                Users = directory,
                Attributes = new ItemAttributes(catalogue),
                Text = words,
                Hybrid = queries is null ? null : new HybridSearch(words, queries, (await searched.ConfigureAwait(false))!),
                Drift = DriftMonitor.Load(folder),
                InverseNorms = InverseNorms(exact, hasBias),
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

            if (growing is not null)
            {
                _ = GrowAsync(growing, await matrix.ConfigureAwait(false), model);
            }

            model.LoadTime = Stopwatch.GetElapsedTime(start);
            // Filters and search are made ready behind the first requests, which rarely need them.
            _ = Task.Run(
                () =>
                {
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

    private IItemIndex MakeIndex(ItemMatrix matrix)
    {
        if (matrix.Values is not { } values)
        {
            return new ExactInt8Index(matrix.Quantised!, matrix.Scales!, matrix.Items, matrix.Dimension);
        }

        return matrix.IsHalf || options.HalfPrecisionItems
            ? new ExactFp16Index(values, matrix.Items, matrix.Dimension)
            : new ExactFp32Index(values, matrix.Items, matrix.Dimension);
    }

    /// <summary>Lets a graph take over behind the first requests.</summary>
    private async Task GrowAsync(GrowingIndex index, ItemMatrix matrix, ServedModel model)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            var queries = SampleQueries(model);
            var (recall, tookOver) = matrix.Values is { } values
                ? await index.GrowAsync(new FloatRows(values, matrix.Items, matrix.Dimension), queries, options.Retrieval.Recall).ConfigureAwait(false)
                : await index.GrowAsync(new ByteRows(matrix.Quantised!, matrix.Scales!, matrix.Items, matrix.Dimension), queries, options.Retrieval.Recall).ConfigureAwait(false);
            if (tookOver)
            {
                LogGrown(model.Name, model.Version, index.Kind, recall, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
            else
            {
                LogNotGrown(model.Name, model.Version, recall, options.Retrieval.Recall);
            }
        }
        catch (OperationCanceledException)
        {
            // The version was unloaded meanwhile.
        }
        catch (Exception error)
        {
            LogGrowingFailed(error, model.Name, model.Version);
        }
    }

    /// <summary>Vectors of users from the whole directory, and of nobody known.</summary>
    private static float[][] SampleQueries(ServedModel model)
    {
        var history = new long[model.Tower.History];
        var users = Enumerable.Range(0, Math.Min(GraphSample, model.Users.Count)).Select(place => (int)((long)place * model.Users.Count / GraphSample)).Prepend(-1).Distinct();
        return [.. users.Select(user =>
        {
            history.AsSpan().Clear();
            if (user >= 0)
            {
                model.Users.WriteHistory(user, history);
            }

            var vector = new float[model.Tower.Dimension];
            model.Tower.Embed(new[] { user + 1L }, history, vector);
            return vector;
        })];
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

    private static float[] InverseNorms(IItemIndex index, bool hasBias)
    {
        var norms = new float[index.Count];
        Parallel.For(0, (index.Count + 4095) / 4096, chunk =>
        {
            var vector = new float[index.Dimension];
            for (var item = chunk * 4096; item < Math.Min(index.Count, (chunk + 1) * 4096); item++)
            {
                index.CopyVector(item, vector);
                var norm = MathF.Sqrt(SquaredNorm(hasBias ? vector.AsSpan(..^1) : vector));
                norms[item] = norm > 0 ? 1 / norm : 0;
            }
        });
        return norms;
    }

    private static float SquaredNorm(ReadOnlySpan<float> vector)
    {
        var sum = 0f;
        foreach (var value in vector)
        {
            sum += value * value;
        }

        return sum;
    }
}
