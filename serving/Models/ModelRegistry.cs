using System.Collections.Immutable;
using Reco.Bundle;
using Reco.Scoring.Configuration;

namespace Reco.Scoring.Models;

/// <summary>The versions that are served, and which of them answers a request that names none. Readers see one immutable
/// picture; a new version takes over in one step after it is warm.</summary>
internal sealed partial class ModelRegistry(ScoringOptions options, ModelLoader loader, ILogger<ModelRegistry> log) : IDisposable
{
    private readonly SemaphoreSlim changes = new(1, 1);
    private volatile Picture picture = Picture.Empty;

    /// <summary>Whether a model can answer.</summary>
    public bool IsReady => picture.Current is not null;

    /// <summary>Name of the model that is served; empty before the first is loaded.</summary>
    public string Name => picture.Current?.Name ?? "";

    /// <summary>The versions that are served, the current one first.</summary>
    public ImmutableArray<ServedModel> Versions => picture.Versions;

    /// <summary>The version that answers where none is named.</summary>
    public ServedModel? Current => picture.Current;

    /// <summary>Takes a lease on a version, or null where it is not served.</summary>
    /// <param name="name">Name of the model; null for whichever is served.</param>
    /// <param name="version">Version; null for the current one.</param>
    public ServedModel? Lease(string? name = null, string? version = null)
    {
        while (true)
        {
            var seen = picture;
            var model = seen.Find(name, version);
            if (model is null || model.TryLease())
            {
                return model;
            }

            // It was retired between the look and the lease: look again.
            if (ReferenceEquals(seen, picture))
            {
                return null;
            }
        }
    }

    /// <summary>Loads a bundle of the store and lets it take over.</summary>
    /// <param name="path"><c>NAME/VERSION</c>, or <c>NAME</c> for the newest.</param>
    /// <param name="cancellation">Stops the loading.</param>
    /// <exception cref="BundleException">It cannot be served; what was served before still is.</exception>
    public async Task LoadAsync(string path, CancellationToken cancellation)
    {
        var folder = await ModelStore.FindAsync(options.Store, path, cancellation).ConfigureAwait(false);
        await changes.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var model = await loader.LoadAsync(folder, cancellation).ConfigureAwait(false);
            var before = picture;
            picture = before.With(model);
            foreach (var retired in before.Versions.Except(picture.Versions))
            {
                retired.Dispose();
            }

            LogServing(model.Name, model.Version);
        }
        finally
        {
            changes.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        var last = picture;
        picture = Picture.Empty;
        foreach (var model in last.Versions)
        {
            model.Dispose();
        }

        changes.Dispose();
    }

    private sealed record Picture(ImmutableArray<ServedModel> Versions)
    {
        public static readonly Picture Empty = new(ImmutableArray<ServedModel>.Empty);

        public ServedModel? Current => Versions.IsEmpty ? null : Versions[0];

        public ServedModel? Find(string? name, string? version) =>
            Versions.FirstOrDefault(model => (name is null || model.Name == name) && (version is null || model.Version == version));

        public Picture With(ServedModel model) => new([model]);
    }
}
