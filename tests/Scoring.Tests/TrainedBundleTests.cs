using Reco.Training.Model;
using Reco.Training.Packaging;

namespace Reco.Scoring.Tests;

/// <summary>A bundle of the real training pipeline on the project's own demo shop, trained briefly.</summary>
public sealed class TrainedBundleTests
{
    [Fact]
    public async Task TrainedBundle_BothPrecisions_ServeTheShop()
    {
        var store = Directory.CreateTempSubdirectory("reco-scoring-").FullName;
        var options = new RunOptions { Data = "demo", Store = store, Name = "two-tower", GateMinLift = -10, Training = new TrainingOptions { Epochs = 2 } };
        var manifest = await new Pipeline(options, TimeProvider.System, new ProgressPrinter(TextWriter.Null)).RunAsync(CancellationToken.None);
        var tops = new List<HashSet<string>>();
        foreach (var precision in new[] { "fp32", "int8" })
        {
            // The host removes its store: each gets a copy.
            var copy = Directory.CreateTempSubdirectory("reco-scoring-").FullName;
            Copy(Path.Combine(store, "two-tower", manifest.Version), Path.Combine(copy, "two-tower", manifest.Version));
            await using var host = await ScoringHost.StartOnAsync(copy, "two-tower", true, $"--Reco:Precision={precision}");
            var answer = await host.GetAsync("/v1/recommend?user=1&k=20&attributes=true");
            Assert.All(answer["items"]!.AsArray(), item => Assert.False(string.IsNullOrWhiteSpace((string)item!["name"]!)));
            tops.Add([.. Protocols.DomainTests.Ids(answer)]);
            Assert.Equal(precision, (string)(await host.GetAsync("/v2/health/ready"))["precision"]!);
            Assert.NotEmpty(Protocols.DomainTests.Ids(await host.GetAsync("/v1/search?q=bread")));
        }

        Assert.True(tops[0].Intersect(tops[1]).Count() >= 15, "int8 and FP32 differ in more than 5 of 20 items");
        Directory.Delete(store, recursive: true);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }
}
