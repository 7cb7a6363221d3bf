using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Reco.Bundle;

/// <summary>Writes a bundle to a folder beside its final place and publishes it by one rename, so that a reader sees
/// all of it or nothing.</summary>
public sealed class BundleWriter : IDisposable
{
    /// <summary>Large enough that hashing, not the reads, takes the time.</summary>
    private const int HashBufferBytes = 512 << 10;

    private readonly string store;
    private readonly SortedDictionary<string, BundleFile> files = new(StringComparer.Ordinal);
    private readonly SortedSet<string> volatileFiles = new(StringComparer.Ordinal);

    /// <summary>Starts a bundle.</summary>
    /// <param name="store">Folder of all models.</param>
    public BundleWriter(string store)
    {
        this.store = store;
        Folder = Path.Combine(store, $".tmp-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Folder);
    }

    /// <summary>Where the files are written before the bundle is published.</summary>
    public string Folder { get; }

    /// <summary>Adds a file.</summary>
    /// <param name="name">Its name in the bundle.</param>
    /// <param name="write">Writes its content.</param>
    /// <param name="inVersion">False for a file that differs between equal runs (measured times), and so is no part of the
    /// version.</param>
    /// <param name="cancellation">Stops the writing.</param>
    public async Task AddAsync(string name, Func<Stream, CancellationToken, Task> write, bool inVersion = true, CancellationToken cancellation = default)
    {
        var path = Path.Combine(Folder, name);
        await using (var stream = File.Create(path))
        {
            await write(stream, cancellation).ConfigureAwait(false);
        }

        files[name] = Describe(path);
        if (!inVersion)
        {
            volatileFiles.Add(name);
        }
    }

    /// <summary>Adds a file of JSON lines.</summary>
    public Task AddLinesAsync<T>(string name, IEnumerable<T> lines, CancellationToken cancellation) => AddAsync(name, async (stream, token) =>
    {
        foreach (var line in lines)
        {
            await JsonSerializer.SerializeAsync(stream, line, BundleFiles.JsonLine, token).ConfigureAwait(false);
            stream.WriteByte((byte)'\n');
        }
    }, cancellation: cancellation);

    /// <summary>Gives the bundle its version, writes the manifest and puts the bundle in its place.</summary>
    /// <returns>The manifest as written. Where the same content is there already, that bundle stays as it is.</returns>
    public async Task<BundleManifest> PublishAsync(BundleManifest manifest, CancellationToken cancellation)
    {
        var versioned = manifest with { Files = files.ToImmutableSortedDictionary(StringComparer.Ordinal), Version = Version(manifest) };
        await using (var stream = File.Create(Path.Combine(Folder, BundleFiles.Manifest)))
        {
            await JsonSerializer.SerializeAsync(stream, versioned, BundleFiles.Json, cancellation).ConfigureAwait(false);
        }

        var final = Path.Combine(store, versioned.Name, versioned.Version);
        Directory.CreateDirectory(Path.GetDirectoryName(final)!);
        try
        {
            Directory.Move(Folder, final);
        }
        catch (IOException) when (File.Exists(Path.Combine(final, BundleFiles.Manifest)))
        {
            return await BundleReader.ReadManifestAsync(final, cancellation).ConfigureAwait(false);
        }

        return versioned;
    }

    /// <summary>Removes what was not published.</summary>
    public void Dispose()
    {
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    /// <summary>Checksum and size of a file.</summary>
    internal static BundleFile Describe(string path)
    {
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(HashBufferBytes);
        try
        {
            var length = 0L;
            for (int read; (read = RandomAccess.Read(file, buffer, length)) > 0; length += read)
            {
                hash.AppendData(buffer, 0, read);
            }

            return new BundleFile(Convert.ToHexStringLower(hash.GetHashAndReset()), length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private string Version(BundleManifest manifest)
    {
        var text = new StringBuilder($"{manifest.SchemaVersion}\n{manifest.Name}\n{manifest.Dimension}\n{manifest.MaxHistory}\n{manifest.Lineage.Dataset}\n{manifest.Lineage.DataHash}\n{manifest.Lineage.Seed}\n");
        foreach (var (name, value) in manifest.Lineage.Parameters)
        {
            text.Append(name).Append('=').Append(value).Append('\n');
        }

        foreach (var (name, file) in files.Where(file => !volatileFiles.Contains(file.Key)))
        {
            text.Append(name).Append(' ').Append(file.Sha256).Append('\n');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16];
    }
}
