using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;

namespace Reco.Engine.Values;

/// <summary>Computes the SHA-256 by which assets and archives are compared.</summary>
internal static class AssetHasher
{
    private static readonly string[] ArchiveEndings = [".tar", ".tgz", ".tar.gz", ".zip", ".jar"];

    /// <summary>The asset with its hash; remote ones (URI) are hashed by their address, as nothing is fetched here.</summary>
    /// <param name="asset">The asset.</param>
    /// <param name="directory">Folder that its path is relative to.</param>
    public static PropertyValue.AssetValue EnsureHash(PropertyValue.AssetValue asset, string directory)
    {
        if (asset.Hash.Length > 0)
        {
            return asset;
        }

        if (asset.Path is { Length: > 0 } path)
        {
            var full = Path.Combine(directory, path);
            if (!File.Exists(full))
            {
                throw new EngineException($"Asset file '{path}' does not exist in '{directory}'.");
            }

            using var stream = File.OpenRead(full);
            return asset with { Hash = Convert.ToHexStringLower(SHA256.HashData(stream)) };
        }

        return asset with { Hash = HashText(asset.Text ?? asset.Uri ?? "") };
    }

    /// <summary>The archive with its hash: of the file's bytes for an archive file, else of a tar of its members in
    /// name order with fixed metadata.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="directory">Folder that its paths are relative to.</param>
    public static PropertyValue.ArchiveValue EnsureHash(PropertyValue.ArchiveValue archive, string directory)
    {
        if (archive.Hash.Length > 0)
        {
            return archive;
        }

        if (archive.Uri is { Length: > 0 } uri)
        {
            return archive with { Hash = HashText(uri) };
        }

        if (archive.Path is { Length: > 0 } path && File.Exists(Path.Combine(directory, path))
            && ArchiveEndings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal)))
        {
            using var stream = File.OpenRead(Path.Combine(directory, path));
            return archive with { Hash = Convert.ToHexStringLower(SHA256.HashData(stream)) };
        }

        using var hash = SHA256.Create();
        using (var sink = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
        using (var tar = new TarWriter(sink, TarEntryFormat.Ustar))
        {
            foreach (var (name, open) in Members(archive, "", directory).OrderBy(member => member.Name, StringComparer.Ordinal).DistinctBy(member => member.Name))
            {
                using var content = open();
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
                {
                    DataStream = content,
                    Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                    ModificationTime = DateTimeOffset.UnixEpoch,
                });
            }
        }

        return archive with { Hash = Convert.ToHexStringLower(hash.Hash!) };
    }

    private static IEnumerable<(string Name, Func<Stream> Open)> Members(PropertyValue.ArchiveValue archive, string prefix, string directory)
    {
        if (archive.Path is { Length: > 0 } path)
        {
            var root = Path.Combine(directory, path);
            if (!Directory.Exists(root))
            {
                throw new EngineException($"Archive '{path}' is neither a folder nor an archive file in '{directory}'.");
            }

            foreach (var file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
            {
                yield return (Join(prefix, Path.GetRelativePath(root, file).Replace('\\', '/')), () => File.OpenRead(file));
            }
        }

        foreach (var (name, member) in archive.Assets ?? PropertyMap.Empty)
        {
            switch (member)
            {
                case PropertyValue.ArchiveValue inner:
                    foreach (var found in Members(inner, Join(prefix, name), directory))
                    {
                        yield return found;
                    }

                    break;
                case PropertyValue.AssetValue { Path: { Length: > 0 } file }:
                    yield return (Join(prefix, name), () => File.OpenRead(Path.Combine(directory, file)));
                    break;
                case PropertyValue.AssetValue asset:
                    yield return (Join(prefix, name), () => new MemoryStream(Encoding.UTF8.GetBytes(asset.Text ?? asset.Uri ?? "")));
                    break;
            }
        }
    }

    private static string Join(string prefix, string name) => prefix.Length == 0 ? name : $"{prefix}/{name}";

    private static string HashText(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
