using Reco.Bundle;

namespace Reco.Scoring.Models;

/// <summary>Finds bundles in the folder of all models.</summary>
internal static class ModelStore
{
    /// <summary>The folder of a bundle.</summary>
    /// <param name="store">Folder of all models.</param>
    /// <param name="path"><c>NAME/VERSION</c>, or <c>NAME</c> for the newest.</param>
    /// <param name="cancellation">Stops the search.</param>
    /// <exception cref="BundleException">It is not there.</exception>
    public static async Task<string> FindAsync(string store, string path, CancellationToken cancellation)
    {
        if (path.Split('/') is [var name, var version])
        {
            return IsName(name) && IsName(version) ? Path.Combine(store, name, version) : throw Missing(store, path);
        }

        return IsName(path) && await NewestAsync(Path.Combine(store, path), cancellation).ConfigureAwait(false) is { } newest ? newest : throw Missing(store, path);
    }

    /// <summary>Every bundle: name and version.</summary>
    public static IEnumerable<(string Name, string Version)> List(string store) =>
        from model in Directory.Exists(store) ? Directory.EnumerateDirectories(store).Order(StringComparer.Ordinal) : Enumerable.Empty<string>()
        where IsName(Path.GetFileName(model))
        from version in Directory.EnumerateDirectories(model).Order(StringComparer.Ordinal)
        where File.Exists(Path.Combine(version, BundleFiles.Manifest))
        select (Path.GetFileName(model), Path.GetFileName(version));

    private static async Task<string?> NewestAsync(string folder, CancellationToken cancellation)
    {
        (DateTimeOffset CreatedAt, string Folder)? newest = null;
        foreach (var version in Directory.Exists(folder) ? Directory.EnumerateDirectories(folder) : [])
        {
            if (File.Exists(Path.Combine(version, BundleFiles.Manifest)))
            {
                var manifest = await BundleReader.ReadManifestAsync(version, cancellation).ConfigureAwait(false);
                if (newest is null || manifest.CreatedAt > newest.Value.CreatedAt)
                {
                    newest = (manifest.CreatedAt, version);
                }
            }
        }

        return newest?.Folder;
    }

    private static bool IsName(string name) => name.Length is > 0 and <= 200 && name is not ("." or "..") && !name.AsSpan().ContainsAny('/', '\\', '\0') && name[0] != '.';

    private static BundleException Missing(string store, string path) => new($"There is no bundle {path} in {store}; its models are {string.Join(", ", Models(store))}.");

    private static IEnumerable<string> Models(string store) => Directory.Exists(store)
        ? Directory.EnumerateDirectories(store).Select(folder => Path.GetFileName(folder)!).Where(name => name[0] != '.').Order(StringComparer.Ordinal).DefaultIfEmpty("none")
        : ["none"];
}
