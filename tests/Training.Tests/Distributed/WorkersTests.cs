using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Reco.Bundle;
using Reco.Training.Distributed;

namespace Reco.Training.Tests.Distributed;

/// <summary>Real processes, connected by Open MPI or as the pods of an Indexed Job are, on the seeded small shop.</summary>
[Collection(TrainsCollection.Name)]
public sealed class WorkersTests(WorkersTests.Alone alone) : IClassFixture<WorkersTests.Alone>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Run_SeveralMpiWorkers_AreAsGoodAsOne(int workers)
    {
        var (code, output) = await TrainingProcess.MpiAsync(workers, null, await OptionsAsync(folder));
        Assert.True(code == 0, output);
        await SameQualityAsync();
    }

    [Fact]
    public async Task Run_LostMpiWorker_GoesOnFromTheCheckpoint()
    {
        var options = await OptionsAsync(folder);
        Assert.NotEqual(0, (await TrainingProcess.MpiAsync(2, "search epoch 3/", options)).Code);
        var again = await TrainingProcess.MpiAsync(2, null, options);
        Assert.True(again.Code == 0, again.Output);
        Assert.Contains("resuming after epoch", again.Output, StringComparison.Ordinal);
        await SameQualityAsync();
    }

    [Fact]
    public async Task Run_WorkersOfAnIndexedJob_AreAsGoodAsOneAndSurviveALoss()
    {
        var options = await OptionsAsync(folder);
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
        var expected = await alone.Ndcg;
        Assert.InRange(await NdcgAsync(folder), expected * 0.93, expected * 1.07);
    }

    /// <summary>Without a ranker: workers share the fit of the towers, whose quality is compared.</summary>
    private static Task<string[]> OptionsAsync(TemporaryFolder folder) => SmallShop.OptionsAsync(folder.Path, "store", "--candidates=0");

    private static async Task<double> NdcgAsync(TemporaryFolder folder)
    {
        var bundle = Assert.Single(Directory.GetDirectories(Path.Combine(folder.Path, "store", "shop")));
        using var manifest = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(bundle, BundleFiles.Manifest)));
        return manifest.RootElement.GetProperty("metrics").GetProperty("ndcg@10").GetDouble();
    }

    /// <summary>One process on the same shop: what every number of workers is compared with.</summary>
    public sealed class Alone : IDisposable
    {
        private readonly TemporaryFolder folder = new();
        private readonly Lazy<Task<double>> ndcg;

        public Alone() => ndcg = new Lazy<Task<double>>(RunAsync);

        public Task<double> Ndcg => ndcg.Value;

        public void Dispose() => folder.Dispose();

        private async Task<double> RunAsync()
        {
            var (code, output) = await TrainingProcess.RunAsync(null, await OptionsAsync(folder));
            Assert.True(code == 0, output);
            return await NdcgAsync(folder);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
