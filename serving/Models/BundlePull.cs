using Reco.Bundle;

namespace Reco.Scoring.Models;

/// <summary>Copies one bundle from a store to another folder, and believes it only when every checksum of its manifest
/// holds for the copy. What an init container does before the service starts.</summary>
internal static class BundlePull
{
    /// <summary>Copies a bundle. One that is there already and whole stays; a torn copy of an earlier try is replaced.</summary>
    /// <param name="from">Folder of all models.</param>
    /// <param name="to">Folder to copy to, made if it is not there.</param>
    /// <param name="path"><c>NAME/VERSION</c>, or <c>NAME</c> for the newest.</param>
    /// <param name="cancellation">Stops it; nothing half-copied stays.</param>
    /// <returns>Folder of the copy.</returns>
    /// <exception cref="BundleException">It is not there, or a checksum does not hold.</exception>
    public static async Task<string> CopyAsync(string from, string to, string path, CancellationToken cancellation)
    {
        var source = await ModelStore.FindAsync(from, path, cancellation).ConfigureAwait(false);
        var manifest = await BundleReader.ReadManifestAsync(source, cancellation).ConfigureAwait(false);
        var final = Path.Combine(to, Path.GetFileName(Path.GetDirectoryName(source)!), Path.GetFileName(source));
        if (await IsWholeAsync(final, cancellation).ConfigureAwait(false))
        {
            return final;
        }

        // A name that begins with a dot is none of a model's.
        var incoming = Path.Combine(to, $".pull-{Guid.NewGuid():N}");
        Directory.CreateDirectory(incoming);
        try
        {
            foreach (var name in manifest.Files.Keys.Append(BundleFiles.Manifest))
            {
                if (Path.GetFileName(name) != name)
                {
                    throw new BundleException($"{Path.Combine(source, BundleFiles.Manifest)}: \"{name}\" is not the name of a file in the bundle.");
                }

                await CopyFileAsync(Path.Combine(source, name), Path.Combine(incoming, name), cancellation).ConfigureAwait(false);
            }

            await BundleReader.OpenAsync(incoming, cancellation).ConfigureAwait(false);
            Directory.CreateDirectory(Path.GetDirectoryName(final)!);
            if (Directory.Exists(final))
            {
                Directory.Delete(final, recursive: true);
            }

            Directory.Move(incoming, final);
            return final;
        }
        finally
        {
            if (Directory.Exists(incoming))
            {
                Directory.Delete(incoming, recursive: true);
            }
        }
    }

    private static async Task<bool> IsWholeAsync(string folder, CancellationToken cancellation)
    {
        try
        {
            await BundleReader.OpenAsync(folder, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (BundleException)
        {
            return false;
        }
    }

    private static async Task CopyFileAsync(string from, string to, CancellationToken cancellation)
    {
        if (!File.Exists(from))
        {
            throw new BundleException($"{from} is missing, though the manifest lists it; publish the bundle again.");
        }

        await using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan | FileOptions.Asynchronous);
        await using var target = new FileStream(to, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous);
        await source.CopyToAsync(target, 1 << 20, cancellation).ConfigureAwait(false);
    }
}
