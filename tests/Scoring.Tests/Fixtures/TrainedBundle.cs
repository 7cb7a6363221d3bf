using System.Diagnostics;
using Reco.Bundle;
using Reco.Training;

namespace Reco.Scoring.Tests;

/// <summary>A bundle of the real training pipeline on the project's own demo shop, trained briefly, once for all tests that serve it.</summary>
public sealed class TrainedBundle : IAsyncLifetime
{
    /// <summary>Fewer than the shop has items, so that some stand behind the candidates.</summary>
    private const int Candidates = 40;

    private readonly string store = Directory.CreateTempSubdirectory("reco-scoring-").FullName;

    internal BundleManifest Manifest { get; private set; } = null!;

    internal string Folder => Path.Combine(store, Manifest.Name, Manifest.Version);

    /// <summary>Trains in a process of its own, as a job does: torch shares none with the services under test.</summary>
    public async Task InitializeAsync()
    {
        var start = new ProcessStartInfo("dotnet",
            [typeof(TrainingException).Assembly.Location, "run", "--data=demo", $"--store={store}", "--name=two-tower", "--epochs=3", "--batch-size=256", $"--candidates={Candidates}", "--baselines=personal"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await output + await error);
        var folder = Directory.GetDirectories(Path.Combine(store, "two-tower")).Single();
        Manifest = await BundleReader.ReadManifestAsync(folder, CancellationToken.None);
        Assert.True(Manifest.Ranker is not null, "the ranker was no better than the towers: " + await output);
    }

    public Task DisposeAsync()
    {
        Directory.Delete(store, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>Serves a copy of the bundle: a host removes its store.</summary>
    internal async Task<ScoringHost> ServeAsync(params string[] settings)
    {
        var copy = Directory.CreateTempSubdirectory("reco-scoring-").FullName;
        await PublishAsync(copy, []);
        return await ScoringHost.StartOnAsync(copy, Manifest.Name, load: true, settings);
    }

    /// <summary>Publishes the bundle again with other contents of some files, and with checksums that fit them.</summary>
    internal async Task<BundleManifest> PublishAsync(string other, Dictionary<string, byte[]> changes, Func<BundleManifest, BundleManifest>? change = null)
    {
        using var writer = new BundleWriter(other);
        foreach (var name in Manifest.Files.Keys)
        {
            var content = changes.TryGetValue(name, out var changed) ? changed : await File.ReadAllBytesAsync(Path.Combine(Folder, name));
            await writer.AddAsync(name, (stream, token) => stream.WriteAsync(content, token).AsTask(), inVersion: name is not (BundleFiles.Evaluation or BundleFiles.Report));
        }

        return await writer.PublishAsync(change?.Invoke(Manifest) ?? Manifest, CancellationToken.None);
    }

    internal Task<byte[]> ReadAsync(string name) => File.ReadAllBytesAsync(Path.Combine(Folder, name));
}

/// <summary>Tests that serve the trained bundle.</summary>
[CollectionDefinition(Name)]
public sealed class TrainedBundleTestGroup : ICollectionFixture<TrainedBundle>
{
    public const string Name = "trained bundle";
}
