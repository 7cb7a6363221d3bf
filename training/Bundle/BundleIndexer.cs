using System.Text.Json;

namespace Reco.Bundle;

/// <summary>Adds indices to a bundle that is published already.</summary>
public static class BundleIndexer
{
    /// <summary>Writes an index's file, then the manifest that lists it; each takes its place by one rename, so that a reader sees the
    /// bundle with it or without.</summary>
    /// <param name="folder">The bundle's folder.</param>
    /// <param name="index">The index; one of that kind and matrix is replaced.</param>
    /// <param name="write">Writes the file.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The manifest as written.</returns>
    public static async Task<BundleManifest> AddAsync(string folder, BundleIndex index, Action<Stream> write, CancellationToken cancellation)
    {
        var manifest = await BundleReader.ReadManifestAsync(folder, cancellation).ConfigureAwait(false);
        var file = Replace(Path.Combine(folder, index.File), write);
        var next = manifest with
        {
            Indices = [.. manifest.Indices.Where(other => other.Kind != index.Kind || other.Matrix != index.Matrix), index],
            Files = manifest.Files.SetItem(index.File, file),
        };
        Replace(Path.Combine(folder, BundleFiles.Manifest), stream => JsonSerializer.Serialize(stream, next, BundleFiles.Json));
        return next;
    }

    private static BundleFile Replace(string path, Action<Stream> write)
    {
        var draft = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = File.Create(draft))
            {
                write(stream);
            }

            var described = BundleWriter.Describe(draft);
            File.Move(draft, path, overwrite: true);
            return described;
        }
        catch
        {
            File.Delete(draft);
            throw;
        }
    }
}
