using System.Diagnostics;
using System.Globalization;
using Reco.Bundle;
using Reco.Scoring.Configuration;
using Reco.Scoring.Inference;
using Reco.Scoring.Retrieval;

namespace Reco.Scoring.Models;

/// <summary>Turns a bundle's folder into a model that is verified, loaded and warm.</summary>
internal sealed partial class ModelLoader(ScoringOptions options, ILogger<ModelLoader> log)
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

        var items = Task.Run(() => JsonLinesTable.Open(Path.Combine(folder, BundleFiles.Items), manifest.Items), cancellation);
        var users = Task.Run(() => JsonLinesTable.Open(Path.Combine(folder, BundleFiles.Users), manifest.Users), cancellation);
        var index = Task.Run(() => MakeIndex(bundle, precision), cancellation);
        var (session, provider) = ExecutionProviders.Create(options.Inference, LogProviderSkipped);
        UserTower tower;
        using (session)
        {
            tower = UserTower.Load(Path.Combine(folder, variant.Model), manifest, session, provider);
        }

        try
        {
            var model = new ServedModel
            {
                Manifest = manifest,
                Folder = folder,
                Precision = precision,
                Tower = tower,
                Index = await index.ConfigureAwait(false),
                Items = new ItemCatalogue(await items.ConfigureAwait(false)),
                Users = new UserDirectory(await users.ConfigureAwait(false), manifest.Items),
            };
            WarmUp(model);
            model.LoadTime = Stopwatch.GetElapsedTime(start);
            LogLoaded(model.Name, model.Version, precision, provider, model.Index.Kind, manifest.Items, manifest.Users, model.LoadTime.TotalMilliseconds);
            return model;
        }
        catch
        {
            tower.Dispose();
            throw;
        }
    }

    private static ExactFp32Index MakeIndex(BundleReader bundle, string precision)
    {
        var matrix = bundle.ReadItemMatrix(precision);
        var values = matrix.Values;
        if (values is null)
        {
            values = new float[matrix.Items * matrix.Dimension];
            for (var item = 0; item < matrix.Items; item++)
            {
                matrix.CopyRow(item, values.AsSpan(item * matrix.Dimension, matrix.Dimension));
            }
        }

        return new ExactFp32Index(values, matrix.Items, matrix.Dimension);
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
        }
    }
}
