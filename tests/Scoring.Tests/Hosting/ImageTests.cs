using System.Text.Json.Nodes;

namespace Reco.Scoring.Tests.Hosting;

/// <summary>The image that <c>dotnet publish -t:PublishImage</c> makes.</summary>
public sealed class ImageTests
{
    private const long LargestLayer = 50 * 1024 * 1024;

    [ImageFact]
    public async Task Image_PublishedTwice_IsTheSameAndHoldsTheProgramAndRunsAsNobody()
    {
        await using var registry = await ImageRegistry.StartAsync();
        var archive = await PublishAsync(registry);
        await ImageRegistry.RunAsync("skopeo", ["copy", "--quiet", "--insecure-policy", "--preserve-digests", "--dest-tls-verify=false", $"oci-archive:{archive}", $"docker://{registry.Host}/reco/scoring:test"]);
        var image = await registry.InspectAsync("reco/scoring:test");
        Assert.Equal($"{registry.Host}/shop/reco-scoring@{(string)image["Digest"]!}\n", await PushAsync(registry));
        // Of the same sources it is not built again: this base is not there.
        Assert.Equal($"{registry.Host}/shop/reco-scoring@{(string)image["Digest"]!}\n", await PushAsync(registry, baseImage: "none:1"));
        Assert.Contains("CycloneDX", await File.ReadAllTextAsync(Path.Combine(registry.Folder, "bills", "scoring-cpu.cdx.json")), StringComparison.Ordinal);

        // The base's layer, then the program's: what was built and tested here, byte for byte.
        Assert.Equal(2, image["Layers"]!.AsArray().Count);
        var files = await registry.FilesAsync("reco/scoring", (string)image["Layers"]![1]!);
        foreach (var file in new[] { "Reco.Scoring.dll", "Reco.Bundle.dll", "Reco.Scoring.runtimeconfig.json" })
        {
            Assert.Equal(await ImageRegistry.DigestAsync(Path.Combine(Root(), "serving", "bin", "Release", "net10.0", file)), files[$"app/{file}"]);
        }

        Assert.Contains("app/runtimes/linux-x64/native/libonnxruntime.so", files.Keys);
        Assert.DoesNotContain(files.Keys, file => file.StartsWith("app/runtimes/", StringComparison.Ordinal) && !file.Contains("linux", StringComparison.Ordinal));
        Assert.Equal((string)(await registry.InspectAsync("base:1"))["Layers"]![0]!, (string)image["Layers"]![0]!);
        Assert.InRange((long)(await registry.InspectAsync("reco/scoring:test", "--raw"))["layers"]![1]!["size"]!, 1, LargestLayer);

        AssertBill(files, JsonNode.Parse(await registry.ReadAsync("reco/scoring", (string)image["Layers"]![1]!, "app/bom.cdx.json"))!);
        var labels = image["Labels"]!;
        Assert.Equal("/app/bom.cdx.json", (string)labels["org.cyclonedx.bom"]!);
        Assert.Equal("Reco scoring service", (string)labels["org.opencontainers.image.title"]!);
        Assert.Equal($"{registry.Host}/base:1", (string)labels["org.opencontainers.image.base.name"]!);
        Assert.All(["description", "version", "authors", "base.digest"], name => Assert.False(string.IsNullOrEmpty((string?)labels[$"org.opencontainers.image.{name}"]), name));

        var configuration = (await registry.InspectAsync("reco/scoring:test", "--config"))["config"]!;
        Assert.True(int.TryParse((string)configuration["User"]!, out var user) && user > 0, "runAsNonRoot wants a number that is not root's");
        Assert.Equal(["dotnet", "/app/Reco.Scoring.dll"], configuration["Entrypoint"]!.AsArray().Select(part => (string)part!));
        Assert.NotNull(configuration["ExposedPorts"]!["8080/tcp"]);
        Assert.NotNull(configuration["ExposedPorts"]!["8081/tcp"]);
        Assert.Contains("RECO_STORE=/models", configuration["Env"]!.AsArray().Select(variable => (string)variable!));
    }

    /// <summary>The bill names every package that is there, and every file with its checksum.</summary>
    private static void AssertBill(Dictionary<string, string> files, JsonNode bill)
    {
        Assert.Equal(("CycloneDX", "1.6", "Reco.Scoring"), ((string)bill["bomFormat"]!, (string)bill["specVersion"]!, (string)bill["metadata"]!["component"]!["name"]!));
        var components = bill["components"]!.AsArray();
        var packages = components.Where(component => (string)component!["type"]! == "library").Select(component => (string?)component!["purl"]).ToArray();
        Assert.Contains(packages, package => package?.StartsWith("pkg:nuget/Microsoft.ML.OnnxRuntime@", StringComparison.Ordinal) == true);
        var listed = components.Where(component => (string)component!["type"]! == "file").ToDictionary(file => $"app/{(string)file!["name"]!}", file => (string)file!["hashes"]![0]!["content"]!);
        Assert.Equal(files.Where(file => file.Key != "app/bom.cdx.json").OrderBy(file => file.Key), listed.OrderBy(file => file.Key));
    }

    /// <summary>Publishes what is built.</summary>
    private static async Task<string> PublishAsync(ImageRegistry registry)
    {
        var archive = Path.Combine(registry.Folder, "image.tar");
        await ImageRegistry.RunAsync("dotnet",
            [
                "publish", Path.Combine(Root(), "serving", "Reco.Scoring.csproj"), "-c", "Release", "-t:PublishImage",
                "-p:ContainerImageTag=test", $"-p:ImageArchive={archive}", $"-p:PublishDir={registry.Folder}/image/", .. Offline(registry),
            ],
            ("DOTNET_CONTAINER_INSECURE_REGISTRIES", registry.Host));
        return archive;
    }

    /// <summary>Publishes it again and pushes it, as pipelines do.</summary>
    private static async Task<string> PushAsync(ImageRegistry registry, string baseImage = "base:1")
    {
        var settings = Path.Combine(registry.Folder, "home", ".config", "containers", "registries.conf");
        Directory.CreateDirectory(Path.GetDirectoryName(settings)!);
        await File.WriteAllTextAsync(settings, $"[[registry]]\nlocation = \"{registry.Host}\"\ninsecure = true\n");
        return await ImageRegistry.RunAsync("bash",
            [
                Path.Combine(Root(), "infra", "Launcher", "push-image.sh"), "scoring", "cpu", $"{registry.Host}/shop", Path.Combine(registry.Folder, "bills"),
                .. Offline(registry, baseImage),
            ],
            ("DOTNET_CONTAINER_INSECURE_REGISTRIES", registry.Host), ("HOME", Path.Combine(registry.Folder, "home")));
    }

    private static string[] Offline(ImageRegistry registry, string baseImage = "base:1") => ["--no-build", "-nodeReuse:false", $"-p:ContainerBaseImage={registry.Host}/{baseImage}"];

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Reco.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }

    /// <summary>A test that needs a registry of images and a tool to look into it.</summary>
    private sealed class ImageFactAttribute : FactAttribute
    {
        public ImageFactAttribute()
        {
            var missing = new[] { "docker-registry", "skopeo" }.Where(program => !IsInstalled(program)).ToArray();
            if (missing.Length > 0)
            {
                Skip = $"{string.Join(" and ", missing)} missing; ./test installs them on Debian";
            }
        }

        private static bool IsInstalled(string program) =>
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
    }
}
