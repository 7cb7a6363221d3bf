using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Reco.Bundle;
using Reco.Training.Distributed;

namespace Reco.Training.Tests.Distributed;

/// <summary>Real processes, connected by Open MPI or as the pods of an Indexed Job are, on the seeded small shop.</summary>
[Collection(TrainsCollection.Name)]
public sealed class WorkersTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Run_SeveralMpiWorkers_AreAsGoodAsOne(int workers)
    {
        var (code, output) = await TrainingProcess.MpiAsync(workers, null, await SmallShop.OptionsAsync(folder.Path, "together"));
        Assert.True(code == 0, output);
        await SameQualityAsync();
    }

    [Fact]
    public async Task Run_LostMpiWorker_GoesOnFromTheCheckpoint()
    {
        var options = await SmallShop.OptionsAsync(folder.Path, "together");
        Assert.NotEqual(0, (await TrainingProcess.MpiAsync(2, "search epoch 3/", options)).Code);
        var again = await TrainingProcess.MpiAsync(2, null, options);
        Assert.True(again.Code == 0, again.Output);
        Assert.Contains("resuming after epoch", again.Output, StringComparison.Ordinal);
        await SameQualityAsync();
    }

    [Fact]
    public async Task Run_WorkersOfAnIndexedJob_AreAsGoodAsOneAndSurviveALoss()
    {
        var options = await SmallShop.OptionsAsync(folder.Path, "together");
        Task<(int Code, string Output)[]> Run(string? lose)
        {
            var port = FreePort();
            return Task.WhenAll(TrainingProcess.WorkerAsync(0, 2, port, lose, options), TrainingProcess.WorkerAsync(1, 2, port, null, options));
        }

        // Both end, the one that was killed and the one that waits for it.
        Assert.All(await Run("search epoch 3/"), result => Assert.NotEqual(0, result.Code));
        var again = await Run(null);
        Assert.All(again, result => Assert.True(result.Code == 0, result.Output));
        Assert.Contains("resuming after epoch", again[0].Output, StringComparison.Ordinal);
        await SameQualityAsync();
    }

    [Theory]
    [InlineData("RANK", "2", "RANK is \"2\"")]
    [InlineData("MASTER_ADDR", "", "MASTER_ADDR")]
    [InlineData("MASTER_PORT", "x", "MASTER_PORT is \"x\"")]
    public void FromEnvironment_WrongVariable_IsNamed(string name, string value, string message)
    {
        var variables = new Dictionary<string, string> { ["RANK"] = "1", ["WORLD_SIZE"] = "2", ["MASTER_ADDR"] = "job-0.workers", ["MASTER_PORT"] = "29500" };
        Assert.Equal(new Rendezvous(1, 2, "job-0.workers", 29_500), Rendezvous.FromEnvironment(variables.GetValueOrDefault));
        variables[name] = value;
        Assert.Contains(message, Assert.Throws<TrainingException>(() => Rendezvous.FromEnvironment(variables.GetValueOrDefault)).Message, StringComparison.Ordinal);
    }

    /// <summary>Other users are hidden in each worker's part, so not the same bits; the same quality within what the seed alone moves.</summary>
    private async Task SameQualityAsync()
    {
        var (code, output) = await TrainingProcess.RunAsync(null, await SmallShop.OptionsAsync(folder.Path, "alone"));
        Assert.True(code == 0, output);
        var alone = await NdcgAsync("alone");
        Assert.InRange(await NdcgAsync("together"), alone * 0.93, alone * 1.07);
    }

    private async Task<double> NdcgAsync(string store)
    {
        var bundle = Assert.Single(Directory.GetDirectories(Path.Combine(folder.Path, store, "shop")));
        using var manifest = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(bundle, BundleFiles.Manifest)));
        return manifest.RootElement.GetProperty("metrics").GetProperty("ndcg@10").GetDouble();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
