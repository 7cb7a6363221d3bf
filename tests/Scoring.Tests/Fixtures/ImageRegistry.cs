using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Reco.Scoring.Tests;

/// <summary>Debian's registry of container images on a loopback port, with a base image that the test made: nothing is fetched.</summary>
internal sealed class ImageRegistry : IAsyncDisposable
{
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";
    private readonly string folder = Directory.CreateTempSubdirectory("reco-images-").FullName;
    private readonly Process process;

    private ImageRegistry(Uri address)
    {
        Host = address.Authority;
        File.WriteAllText(Path.Combine(folder, "config.yml"), $$"""
            version: 0.1
            log: { level: error }
            storage: { filesystem: { rootdirectory: {{folder}}/data } }
            http: { addr: {{Host}} }
            """);
        process = Process.Start(new ProcessStartInfo("docker-registry", ["serve", Path.Combine(folder, "config.yml")]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Address and port.</summary>
    public string Host { get; }

    /// <summary>A folder that goes with the registry.</summary>
    public string Folder => folder;

    /// <summary>Starts a registry that holds <c>base:1</c>.</summary>
    public static async Task<ImageRegistry> StartAsync()
    {
        var registry = new ImageRegistry(new Uri(Hosting.ProcessTests.FreeUrl()));
        using var client = new HttpClient { BaseAddress = new Uri($"http://{registry.Host}") };
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                (await client.GetAsync("/v2/")).EnsureSuccessStatusCode();
                break;
            }
            catch (HttpRequestException) when (attempt < 300 && !registry.process.HasExited)
            {
                await Task.Delay(100);
            }
        }

        registry.MakeBase(Path.Combine(registry.folder, "base"));
        await RunAsync("skopeo", ["copy", "--quiet", "--insecure-policy", "--dest-tls-verify=false", $"oci:{registry.folder}/base:base", $"docker://{registry.Host}/base:1"]);
        return registry;
    }

    /// <summary>What skopeo says of an image.</summary>
    public async Task<JsonNode> InspectAsync(string image, params string[] options) =>
        JsonNode.Parse(await RunAsync("skopeo", ["inspect", "--tls-verify=false", .. options, $"docker://{Host}/{image}"]))!;

    /// <summary>Files of a layer with their digests.</summary>
    public async Task<Dictionary<string, string>> FilesAsync(string repository, string layer)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var (name, content) in ContentsAsync(repository, layer))
        {
            files[name] = Convert.ToHexStringLower(await SHA256.HashDataAsync(content));
        }

        return files;
    }

    /// <summary>A file of a layer.</summary>
    public async Task<byte[]> ReadAsync(string repository, string layer, string name)
    {
        await foreach (var (found, content) in ContentsAsync(repository, layer))
        {
            if (found == name)
            {
                using var copy = new MemoryStream();
                await content.CopyToAsync(copy);
                return copy.ToArray();
            }
        }

        throw new FileNotFoundException($"{name} is not in the layer");
    }

    /// <summary>Digest of a file.</summary>
    public static async Task<string> DigestAsync(string path) => Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(path)));

    /// <summary>Runs a program that must succeed.</summary>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await output}{await error}");
        return await output;
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>The files of a layer, each to be read before the next.</summary>
    private async IAsyncEnumerable<(string Name, Stream Content)> ContentsAsync(string repository, string layer)
    {
        using var client = new HttpClient();
        await using var blob = await client.GetStreamAsync($"http://{Host}/v2/{repository}/blobs/{layer}");
        await using var unpacked = new GZipStream(blob, CompressionMode.Decompress);
        await using var reader = new TarReader(unpacked);
        while (await reader.GetNextEntryAsync() is { } entry)
        {
            if (entry.DataStream is { } content)
            {
                yield return (entry.Name, content);
            }
        }
    }

    /// <summary>The smallest base there can be: one layer with an empty folder, run by root.</summary>
    private void MakeBase(string layout)
    {
        var blobs = Directory.CreateDirectory(Path.Combine(layout, "blobs", "sha256")).FullName;
        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, leaveOpen: true))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "etc/"));
        }

        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(tar.ToArray());
        }

        var layer = Blob("application/vnd.oci.image.layer.v1.tar+gzip", packed.ToArray());
        var configuration = Blob("application/vnd.oci.image.config.v1+json", JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["architecture"] = "amd64",
            ["os"] = "linux",
            ["config"] = new JsonObject { ["User"] = "0", ["Env"] = new JsonArray("PATH=/usr/bin") },
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(Digest(tar.ToArray())) },
        }));
        var manifest = Blob(ManifestType, JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = ManifestType,
            ["config"] = configuration,
            ["layers"] = new JsonArray(layer),
        }));
        manifest["annotations"] = new JsonObject { ["org.opencontainers.image.ref.name"] = "base" };
        File.WriteAllText(Path.Combine(layout, "index.json"), new JsonObject { ["schemaVersion"] = 2, ["manifests"] = new JsonArray(manifest) }.ToJsonString());
        File.WriteAllText(Path.Combine(layout, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");

        JsonObject Blob(string type, byte[] content)
        {
            File.WriteAllBytes(Path.Combine(blobs, Digest(content)["sha256:".Length..]), content);
            return new JsonObject { ["mediaType"] = type, ["digest"] = Digest(content), ["size"] = content.Length };
        }
    }

    private static string Digest(byte[] content) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(content))}";
}
