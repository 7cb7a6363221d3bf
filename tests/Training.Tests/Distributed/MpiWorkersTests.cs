using System.Text.Json;
using Reco.Bundle;

namespace Reco.Training.Tests.Distributed;

/// <summary>Real processes that Open MPI connects, on the demo shop; where mpirun is not installed there is nothing to test but
/// the message.</summary>
public sealed class MpiWorkersTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [SlowTheory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Run_SeveralWorkers_AreAsGoodAsOne(int workers)
    {
        if (!TrainingProcess.Has("mpirun"))
        {
            var (code, message) = await TrainingProcess.RunAsync(1, null, [.. Arguments("none"), "--workers=mpi"]);
            Assert.Equal(1, code);
            Assert.Contains("libopenmpi", message, StringComparison.Ordinal);
            return;
        }

        var alone = await NdcgAsync(1);
        var together = await NdcgAsync(workers);

        // Other random negatives, so not the same bits; the same quality within what the seed alone moves.
        Assert.InRange(together, alone * 0.9, alone * 1.1);
    }

    [SlowFact]
    public async Task Run_LostWorkers_GoOnFromTheCheckpoint()
    {
        if (!TrainingProcess.Has("mpirun"))
        {
            return;
        }

        Assert.NotEqual(0, (await TrainingProcess.RunAsync(2, "search epoch 2/", Arguments("lost"))).Code);
        var again = await TrainingProcess.RunAsync(2, null, Arguments("lost"));
        Assert.True(again.Code == 0, again.Output);
        Assert.Contains("resuming after epoch", again.Output, StringComparison.Ordinal);
    }

    private string[] Arguments(string store) =>
        ["run", "--data=demo", $"--store={Path.Combine(folder.Path, store)}", "--name=shop", "--epochs=4", "--patience=4", "--family=neural", "--candidates=0", "--baselines=personal"];

    private async Task<double> NdcgAsync(int workers)
    {
        var (code, output) = await TrainingProcess.RunAsync(workers, null, Arguments($"of-{workers}"));
        Assert.True(code == 0, output);
        var bundle = Assert.Single(Directory.GetDirectories(Path.Combine(folder.Path, $"of-{workers}", "shop")));
        using var manifest = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(bundle, BundleFiles.Manifest)));
        return manifest.RootElement.GetProperty("metrics").GetProperty("ndcg@10").GetDouble();
    }
}
