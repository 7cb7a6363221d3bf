using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Reco.Image;

/// <summary>Takes out of an image what differs between two publications of the same program: times and order of the files in the
/// program's layer, and the times in its configuration. Layers of the base stay as they are.</summary>
internal static class ImageNormaliser
{
    private const string PublishedBy = ".NET SDK";
    private const string Blobs = "blobs/sha256/";
    private const UnixFileMode Everyone = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Rewrites an OCI archive.</summary>
    /// <returns>Digest of the image.</returns>
    /// <exception cref="InvalidDataException">The file is not an OCI archive of one image.</exception>
    public static string Normalise(string from, string to, DateTimeOffset time)
    {
        var files = Read(from);
        var index = Json(files, "index.json");
        if (index["manifests"] is not JsonArray { Count: 1 } manifests)
        {
            throw new InvalidDataException($"{from} has not one image in it.");
        }

        var manifest = Json(files, Path(manifests[0]!));
        var configuration = Json(files, Path(manifest["config"]!));
        var layer = manifest["layers"]!.AsArray()[^1]!;
        var (tar, packed) = Layer(files[Path(layer)], time);
        configuration["rootfs"]!["diff_ids"]!.AsArray()[^1] = Digest(tar);
        SetTimes(configuration, time);
        var result = new SortedDictionary<string, byte[]>(StringComparer.Ordinal) { ["oci-layout"] = files["oci-layout"] };
        foreach (var other in manifest["layers"]!.AsArray().SkipLast(1))
        {
            result[Path(other!)] = files[Path(other!)];
        }

        Store(layer, packed);
        Store(manifest["config"]!, Bytes(configuration));
        Store(manifests[0]!, Bytes(manifest));
        result["index.json"] = Bytes(index);
        Write(to, result, time);
        return (string)manifests[0]!["digest"]!;

        void Store(JsonNode descriptor, byte[] content)
        {
            descriptor["digest"] = Digest(content);
            descriptor["size"] = content.Length;
            result[Path(descriptor)] = content;
        }
    }

    private static (byte[] Tar, byte[] Packed) Layer(byte[] packed, DateTimeOffset time)
    {
        var entries = new SortedDictionary<string, TarEntry>(StringComparer.Ordinal);
        using (var source = new TarReader(new GZipStream(new MemoryStream(packed), CompressionMode.Decompress)))
        {
            while (source.GetNextEntry(copyData: true) is { } entry)
            {
                entries[entry.Name] = entry;
            }
        }

        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var (name, entry) in entries)
            {
                // Ustar, for pax headers name the process that wrote them.
                var isFolder = entry.EntryType == TarEntryType.Directory;
                var executable = isFolder || (entry.Mode & UnixFileMode.UserExecute) != 0;
                var copy = new UstarTarEntry(entry.EntryType is TarEntryType.V7RegularFile ? TarEntryType.RegularFile : entry.EntryType, name)
                {
                    ModificationTime = time,
                    Mode = Everyone | UnixFileMode.UserWrite | (executable ? Execute : 0),
                    Uid = entry.Uid,
                    Gid = entry.Gid,
                };
                if (entry.EntryType is TarEntryType.SymbolicLink or TarEntryType.HardLink)
                {
                    copy.LinkName = entry.LinkName;
                }
                else if (entry.DataStream is { } content)
                {
                    copy.DataStream = content;
                }

                writer.WriteEntry(copy);
            }
        }

        var plain = tar.ToArray();
        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(plain);
        }

        return (plain, result.ToArray());
    }

    /// <summary>The configuration's time, and those of the history that the publication wrote: its own, and what it made up for a base
    /// without one. The base's own times stay.</summary>
    private static void SetTimes(JsonNode configuration, DateTimeOffset time)
    {
        var text = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        configuration["created"] = text;
        foreach (var entry in configuration["history"]?.AsArray() ?? [])
        {
            if (((string?)entry!["created_by"])?.StartsWith(PublishedBy, StringComparison.Ordinal) == true)
            {
                entry["created"] = text;
            }
        }
    }

    private static Dictionary<string, byte[]> Read(string path)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        using var stream = File.OpenRead(path);
        var isPacked = stream.ReadByte() == 0x1F && stream.ReadByte() == 0x8B;
        stream.Position = 0;
        using var reader = new TarReader(isPacked ? new GZipStream(stream, CompressionMode.Decompress) : stream);
        while (reader.GetNextEntry(copyData: true) is { } entry)
        {
            if (entry.DataStream is { } data)
            {
                using var copy = new MemoryStream();
                data.CopyTo(copy);
                files[entry.Name.TrimStart('.', '/')] = copy.ToArray();
            }
        }

        return files.ContainsKey("index.json") && files.ContainsKey("oci-layout") ? files : throw new InvalidDataException($"{path} is not an OCI archive.");
    }

    private static void Write(string path, SortedDictionary<string, byte[]> files, DateTimeOffset time)
    {
        using var stream = File.Create(path);
        using var writer = new TarWriter(stream, TarEntryFormat.Ustar);
        foreach (var (name, content) in files)
        {
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { ModificationTime = time, Mode = Everyone | UnixFileMode.UserWrite, DataStream = new MemoryStream(content) });
        }
    }

    private static JsonNode Json(Dictionary<string, byte[]> files, string name) =>
        files.TryGetValue(name, out var content) ? JsonNode.Parse(content)! : throw new InvalidDataException($"The archive lacks {name}.");

    private static string Path(JsonNode descriptor) => Blobs + ((string)descriptor["digest"]!)["sha256:".Length..];

    private static byte[] Bytes(JsonNode node) => System.Text.Encoding.UTF8.GetBytes(node.ToJsonString());

    private static string Digest(byte[] content) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(content))}";
}
