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
    private volatile ServedModel? candidate;

    /// <summary>Whether a model can answer.</summary>
    public bool IsReady => picture.Current is not null;

    /// <summary>Name of the model that is served; empty before the first is loaded.</summary>
    public string Name => picture.Current?.Name ?? "";

    /// <summary>The versions that are served, the current one first.</summary>
    public ImmutableArray<ServedModel> Versions => picture.Versions;

    /// <summary>The version that answers where none is named.</summary>
    public ServedModel? Current => picture.Current;

    /// <summary>The version before the current one, still loaded for an instant way back.</summary>
    public ServedModel? Previous => picture.Previous;

    /// <summary>The version that is tried on some users or only compared.</summary>
    public ServedModel? Candidate => candidate;

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

    /// <summary>The version that an answer for a user comes from: the candidate's for its share of the users, else the current one.</summary>
    public ServedModel? LeaseFor(string? user)
    {
        if (options.Versions.CandidateShare > 0 && user is not null && candidate is { } other && UserSplit.IsIn(user, options.Versions.CandidateShare) && other.TryLease())
        {
            return other;
        }

        return Lease();
    }

    /// <summary>The version that is compared with the current one, with a lease, or null.</summary>
    public ServedModel? LeaseCandidate() => candidate is { } other && other.TryLease() ? other : null;

    /// <summary>Loads a bundle of the store and lets it take over.</summary>
    /// <param name="path"><c>NAME/VERSION</c>, or <c>NAME</c> for the newest.</param>
    /// <param name="cancellation">Stops the loading.</param>
    /// <exception cref="BundleException">It cannot be served; what was served before still is.</exception>
    public Task<ServedModel> LoadAsync(string path, CancellationToken cancellation) => ChangeAsync(path, async folder =>
    {
        var model = await FindOrLoadAsync(folder, cancellation).ConfigureAwait(false);
        Show(picture.With(model, options.Versions.Keep));
        LogServing(model.Name, model.Version);
        return model;
    }, cancellation);

    /// <summary>Every bundle of the store, and whether it is served.</summary>
    public IEnumerable<(string Name, string Version, bool Ready, string Reason)> Index()
    {
        var seen = picture;
        return ModelStore.List(options.Store)
            .Union(seen.Versions.Select(model => (model.Name, model.Version)))
            .Select(entry => (entry.Name, entry.Version, Ready: seen.Find(entry.Name, entry.Version) is not null))
            .Select(entry => (entry.Name, entry.Version, entry.Ready, entry.Ready ? "" : "not loaded"));
    }

    /// <summary>Loads a bundle as the candidate: it answers its share of the users, or only shadows.</summary>
    /// <exception cref="BundleException">It cannot be served.</exception>
    public Task<ServedModel> LoadCandidateAsync(string path, CancellationToken cancellation) => ChangeAsync(path, async folder =>
    {
        var model = await FindOrLoadAsync(folder, cancellation).ConfigureAwait(false);
        Show(picture.WithLast(model));
        candidate = model;
        LogCandidate(model.Name, model.Version);
        return model;
    }, cancellation);

    /// <summary>Takes a version out of service; requests in progress finish. Where it was the current one, the one before it takes over.</summary>
    /// <param name="name">Name of the model.</param>
    /// <param name="version">Version; null for all.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    /// <returns>False where it was not served.</returns>
    public async Task<bool> UnloadAsync(string name, string? version, CancellationToken cancellation)
    {
        await changes.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (picture.Find(name, version) is null)
            {
                return false;
            }

            Show(picture.Without(name, version));
            LogUnloaded(name, version ?? "all versions");
            return true;
        }
        finally
        {
            changes.Release();
        }
    }

    /// <summary>Lets the version before the current one answer again, at once: it is still loaded.</summary>
    /// <returns>The version that answers now, or null where there is none to go back to.</returns>
    public async Task<ServedModel?> RollBackAsync(CancellationToken cancellation)
    {
        await changes.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (picture.Previous is not { } previous)
            {
                return null;
            }

            LogRolledBack(picture.Current!.Version, previous.Version);
            Show(picture.With(previous, options.Versions.Keep));
            return previous;
        }
        finally
        {
            changes.Release();
        }
    }

    private async Task<ServedModel> ChangeAsync(string path, Func<string, Task<ServedModel>> change, CancellationToken cancellation)
    {
        var folder = await ModelStore.FindAsync(options.Store, path, cancellation).ConfigureAwait(false);
        await changes.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await change(folder).ConfigureAwait(false);
        }
        catch (BundleException error)
        {
            LogRefused(path, error.Message);
            throw;
        }
        finally
        {
            changes.Release();
        }
    }

    private async Task<ServedModel> FindOrLoadAsync(string folder, CancellationToken cancellation) =>
        picture.Versions.FirstOrDefault(model => model.Folder == folder) ?? await loader.LoadAsync(folder, quiet: IsReady, cancellation).ConfigureAwait(false);

    /// <summary>Shows another picture and lets go of what is not in it.</summary>
    private void Show(Picture next)
    {
        var before = picture;
        picture = next;
        foreach (var retired in before.Versions.Except(next.Versions))
        {
            if (ReferenceEquals(retired, candidate))
            {
                candidate = null;
            }

            retired.Dispose();
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

    /// <summary>What is served: the versions, newest takeover first.</summary>
    private sealed record Picture(ImmutableArray<ServedModel> Versions)
    {
        public static readonly Picture Empty = new(ImmutableArray<ServedModel>.Empty);

        public ServedModel? Current => Versions.IsEmpty ? null : Versions[0];

        public ServedModel? Previous => Versions.Skip(1).FirstOrDefault(model => model.Name == Current!.Name);

        public ServedModel? Find(string? name, string? version) =>
            Versions.FirstOrDefault(model => (name is null || model.Name == name) && (version is null || model.Version == version));

        public Picture With(ServedModel model, int keep)
        {
            var rest = Versions.Where(other => !ReferenceEquals(other, model)).ToArray();
            var same = rest.Where(other => other.Name == model.Name).Take(keep - 1).ToArray();
            return new([model, .. same, .. rest.Where(other => other.Name != model.Name)]);
        }

        public Picture WithLast(ServedModel model) => Versions.Contains(model) ? this : new([.. Versions, model]);

        public Picture Without(string name, string? version) =>
            new([.. Versions.Where(model => model.Name != name || (version is not null && model.Version != version))]);
    }
}
