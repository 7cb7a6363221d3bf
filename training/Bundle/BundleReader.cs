using System.Collections.Immutable;
using System.Text.Json;

namespace Reco.Bundle;

/// <summary>Opens a bundle: checks the manifest's schema and the checksum of every file before anything is used.</summary>
public sealed class BundleReader
{
    private BundleReader(string folder, BundleManifest manifest)
    {
        Folder = folder;
        Manifest = manifest;
    }

    /// <summary>The bundle's folder.</summary>
    public string Folder { get; }

    /// <summary>Its manifest.</summary>
    public BundleManifest Manifest { get; }

    /// <summary>Opens and verifies a bundle.</summary>
    /// <exception cref="BundleException">It is missing, damaged or of another schema.</exception>
    public static async Task<BundleReader> OpenAsync(string folder, CancellationToken cancellation)
    {
        var bundle = await OpenUncheckedAsync(folder, cancellation).ConfigureAwait(false);
        await Parallel.ForEachAsync(bundle.Manifest.Files.Keys, cancellation, (name, token) =>
        {
            bundle.Check(name);
            return ValueTask.CompletedTask;
        }).ConfigureAwait(false);
        return bundle;
    }

    /// <summary>Opens a bundle whose files are checked by <see cref="Check(string)"/> while they are read: nothing of it may be used before.</summary>
    /// <exception cref="BundleException">It is missing, or of another schema.</exception>
    public static async Task<BundleReader> OpenUncheckedAsync(string folder, CancellationToken cancellation) =>
        new(folder, await ReadManifestAsync(folder, cancellation).ConfigureAwait(false));

    private static IEnumerable<string> Files(BundleVariant variant) => new[] { variant.Model, variant.Items, variant.Ranker }.OfType<string>();

    /// <summary>Verifies a file.</summary>
    /// <exception cref="BundleException">It is missing or damaged.</exception>
    public void Check(string name) => Check(name, BundleWriter.Describe(Find(name)));

    /// <summary>Verifies what was read of a file.</summary>
    /// <param name="name">The file.</param>
    /// <param name="actual">Checksum and size of what was read.</param>
    /// <exception cref="BundleException">It is damaged.</exception>
    public void Check(string name, BundleFile actual)
    {
        var expected = Manifest.Files[name];
        if (actual != expected)
        {
            throw new BundleException($"{Path.Combine(Folder, name)} does not match its checksum: the manifest says {expected.Bytes} bytes, SHA-256 {expected.Sha256}; "
                + $"the file has {actual.Bytes} bytes, SHA-256 {actual.Sha256}. Fetch the bundle again.");
        }
    }

    /// <summary>Where a file is.</summary>
    /// <exception cref="BundleException">It is missing, or the manifest does not list it.</exception>
    public string Find(string name)
    {
        var path = Path.Combine(Folder, name);
        if (name.AsSpan().ContainsAny('/', '\\') || name is ".." or ".")
        {
            throw new BundleException($"{Path.Combine(Folder, BundleFiles.Manifest)}: \"{name}\" is not the name of a file in the bundle.");
        }

        if (!Manifest.Files.ContainsKey(name))
        {
            throw new BundleException($"{Path.Combine(Folder, BundleFiles.Manifest)} does not list {name}; package the bundle again.");
        }

        return File.Exists(path) ? path : throw new BundleException($"{path} is missing, though the manifest lists it; fetch the bundle again.");
    }

    /// <summary>Reads just the manifest.</summary>
    /// <exception cref="BundleException">It is missing, damaged or of another schema.</exception>
    public static async Task<BundleManifest> ReadManifestAsync(string folder, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, BundleFiles.Manifest);
        if (!File.Exists(path))
        {
            throw new BundleException($"{folder} is not a model bundle: it has no {BundleFiles.Manifest}.");
        }

        try
        {
            await using var stream = File.OpenRead(path);
            using var document = await JsonDocument.ParseAsync(stream, cancellationToken: cancellation).ConfigureAwait(false);
            if (!document.RootElement.TryGetProperty("schemaVersion", out var schema) || schema.GetInt32() != BundleManifest.CurrentSchema)
            {
                throw new BundleException($"{path} has schemaVersion {(schema.ValueKind == JsonValueKind.Undefined ? "none" : schema)}; this program reads {BundleManifest.CurrentSchema}. "
                    + "Use the version of Reco that wrote the bundle, or train again.");
            }

            var manifest = document.Deserialize<BundleManifest>(BundleFiles.Json)!;
            foreach (var (precision, variant) in manifest.Variants)
            {
                foreach (var file in Files(variant).Where(file => !manifest.Files.ContainsKey(file)))
                {
                    throw new BundleException($"{path}: variant {precision} names {file}, which is not among the bundle's files.");
                }
            }

            foreach (var file in new[] { manifest.Search?.Model, manifest.Search?.Items }.OfType<string>().Where(file => !manifest.Files.ContainsKey(file)))
            {
                throw new BundleException($"{path}: search names {file}, which is not among the bundle's files.");
            }

            if (manifest.Parity is { } parity && !manifest.Files.ContainsKey(parity))
            {
                throw new BundleException($"{path}: parity names {parity}, which is not among the bundle's files.");
            }

            if (manifest.Groups is { } groups && !manifest.Files.ContainsKey(groups))
            {
                throw new BundleException($"{path}: groups names {groups}, which is not among the bundle's files.");
            }

            if (manifest.Indices.IsDefault || manifest.Indices.FirstOrDefault(index => !manifest.Files.ContainsKey(index.File)) is not null)
            {
                throw new BundleException($"{path}: an index names a file that is not among the bundle's files.");
            }

            return manifest.Variants.ContainsKey(manifest.Precision)
                ? manifest
                : throw new BundleException($"{path}: precision {manifest.Precision} is not among the variants {string.Join(", ", manifest.Variants.Keys)}.");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new BundleException($"{path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Items, by index.</summary>
    public Task<ImmutableArray<BundleItem>> ReadItemsAsync(CancellationToken cancellation) =>
        ReadLinesAsync<BundleItem>(BundleFiles.Items, Manifest.Items, cancellation);

    /// <summary>Users, by index minus one.</summary>
    public Task<ImmutableArray<BundleUser>> ReadUsersAsync(CancellationToken cancellation) =>
        ReadLinesAsync<BundleUser>(BundleFiles.Users, Manifest.Users, cancellation);

    /// <summary>Groups of users; none where the bundle has none.</summary>
    /// <exception cref="BundleException">The file cannot be read.</exception>
    public ImmutableArray<BundleGroup> ReadGroups()
    {
        if (Manifest.Groups is not { } name)
        {
            return [];
        }

        var path = Path.Combine(Folder, name);
        try
        {
            ImmutableArray<BundleGroup> groups = [.. File.ReadLines(path).Select(line => JsonSerializer.Deserialize<BundleGroup>(line, BundleFiles.JsonLine)!)];
            return groups.All(group => group is { Id.Length: > 0, Label: not null, Group.IsDefault: false }) ? groups : throw new BundleException($"{path}: a group has no name, label or users; package the bundle again.");
        }
        catch (JsonException error)
        {
            throw new BundleException($"{path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The item matrix of a variant.</summary>
    public ItemMatrix ReadItemMatrix(string precision)
    {
        var file = Manifest.Variants[precision].Items;
        var path = Path.Combine(Folder, file);

        return BundleFiles.FormOf(file) switch
        {
            ItemForm.Int8 => ItemMatrix.ReadInt8(path, Manifest.Items, Manifest.Dimension),
            ItemForm.Half => ItemMatrix.ReadFp16(path, Manifest.Items, Manifest.Dimension),
            _ => ItemMatrix.ReadFp32(path, Manifest.Items, Manifest.Dimension),
        };
    }

    /// <summary>The item matrix of search by text; null where the bundle has none.</summary>
    public ItemMatrix? ReadSearchItems() =>
        Manifest.Search is { } search ? ItemMatrix.ReadInt8(Path.Combine(Folder, search.Items), Manifest.Items, search.Dimension) : null;

    /// <summary>Requests to ask before the bundle is served; null where it has none.</summary>
    /// <exception cref="BundleException">The file cannot be read.</exception>
    public async Task<ParityProbe?> ReadParityAsync(CancellationToken cancellation)
    {
        if (Manifest.Parity is not { } name)
        {
            return null;
        }

        var path = Path.Combine(Folder, name);
        await using var stream = File.OpenRead(path);
        try
        {
            var probe = await JsonSerializer.DeserializeAsync<ParityProbe>(stream, BundleFiles.Json, cancellation).ConfigureAwait(false)
                ?? throw new BundleException($"{path} is empty; package the bundle again.");
            probe.Validate(path, Manifest);
            return probe;
        }
        catch (JsonException error)
        {
            throw new BundleException($"{path} cannot be read: {error.Message}", error);
        }
    }

    private async Task<ImmutableArray<T>> ReadLinesAsync<T>(string name, int expected, CancellationToken cancellation)
    {
        var path = Path.Combine(Folder, name);
        var lines = ImmutableArray.CreateBuilder<T>(expected);
        using var reader = File.OpenText(path);
        while (await reader.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line)
        {
            try
            {
                lines.Add(JsonSerializer.Deserialize<T>(line, BundleFiles.JsonLine)!);
            }
            catch (JsonException error)
            {
                throw new BundleException($"{path}, line {lines.Count + 1}: {error.Message}", error);
            }
        }

        return lines.Count == expected
            ? lines.MoveToImmutable()
            : throw new BundleException($"{path} has {lines.Count} lines; the manifest says {expected}.");
    }
}
