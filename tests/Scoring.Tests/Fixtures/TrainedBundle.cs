using Reco.Bundle;
using Reco.Training.Model;
using Reco.Training.Packaging;

namespace Reco.Scoring.Tests;

/// <summary>A bundle of the real training pipeline on the project's own demo shop, trained briefly, that the tests of a class share.</summary>
public sealed class TrainedBundle : IAsyncLifetime
{
    private readonly string store = Directory.CreateTempSubdirectory("reco-scoring-").FullName;

    internal BundleManifest Manifest { get; private set; } = null!;

    internal string Folder => Path.Combine(store, Manifest.Name, Manifest.Version);

    public async Task InitializeAsync()
    {
        var options = new RunOptions { Data = "demo", Store = store, Name = "two-tower", GateMinLift = -10, Training = new TrainingOptions { Epochs = 2 } };
        Manifest = await new Pipeline(options, TimeProvider.System, new ProgressPrinter(TextWriter.Null)).RunAsync(CancellationToken.None);
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
