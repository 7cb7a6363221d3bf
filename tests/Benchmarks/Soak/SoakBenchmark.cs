using System.Globalization;
using Reco.Benchmarks.Serving;

namespace Reco.Benchmarks.Soak;

/// <summary>Hours or minutes of load at 80 % of what the service can do, while versions are loaded and unloaded all the time: no request
/// may fail and memory may not grow once it is warm.</summary>
internal static class SoakBenchmark
{
    private const int Connections = 32;
    private const int Items = 20_000;
    private const double Share = 0.8;

    /// <summary>Growth from the second quarter's median to the last quarter's that is still noise of the collector.</summary>
    private const double AllowedGrowth = 0.05;

    private static readonly TimeSpan SwapEvery = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not [var text] || !double.TryParse(text, CultureInfo.InvariantCulture, out var minutes) || minutes < 1)
        {
            Console.Error.WriteLine("usage: soak MINUTES");
            return 2;
        }

        var store = Directory.CreateTempSubdirectory("reco-soak-").FullName;
        try
        {
            string[] versions = [await GeneratedBundle.PublishAsync(store, Items, 2_000, 1), await GeneratedBundle.PublishAsync(store, Items, 2_000, 2)];
            var paths = await GeneratedBundle.WritePathsAsync(store);
            await using var service = await ServerProcess.ServiceAsync(store, $"{GeneratedBundle.Name}/{versions[0]}");
            await Load.RunAsync(service.Url, paths, Connections, 5);
            var most = await Load.RunAsync(service.Url, paths, Connections, 10);
            var seconds = (int)(minutes * 60);
            using var end = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
            var swaps = new VersionTurns(service, versions).RunAsync(SwapEvery, unload: true, end.Token);
            var memory = SampleAsync(service, end.Token);
            var load = await Load.RunAsync(service.Url, paths, Connections, seconds, most.Rate * Share);
            return Report(load, most.Rate, await swaps, await memory);
        }
        finally
        {
            Directory.Delete(store, recursive: true);
        }
    }

    private static int Report(Load load, double most, int swaps, List<long> memory)
    {
        double Median(int quarter) => memory.Skip(memory.Count * quarter / 4).Take(Math.Max(1, memory.Count / 4)).Order().ElementAt(memory.Count / 8) / 1e6;
        var growth = (Median(3) / Median(1)) - 1;
        Console.WriteLine(FormattableString.Invariant($"{Items} items, {Share:P0} of {most:0} answers/s; {Machine.Describe()}"));
        Console.WriteLine();
        Console.WriteLine("| answers | answers/s | errors | loads and unloads | p50 ms | p99 ms | longest ms | resident MB by quarter (median) | growth after warm-up |");
        Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|---|---:|");
        var answers = load.Rate * memory.Count;
        Console.WriteLine(FormattableString.Invariant(
            $"| {answers:0} | {load.Rate:0} | {load.Errors} | {swaps} | {load.P50:0.00} | {load.P99:0.00} | {load.Max:0.00} | {Median(0):0}, {Median(1):0}, {Median(2):0}, {Median(3):0} | {growth * 100:0.0} % |"));
        return load.Errors == 0 && growth <= AllowedGrowth ? 0 : 1;
    }

    /// <summary>Resident memory, every second.</summary>
    private static async Task<List<long>> SampleAsync(ServerProcess service, CancellationToken end)
    {
        var samples = new List<long>();
        while (await VersionTurns.WaitAsync(TimeSpan.FromSeconds(1), end))
        {
            samples.Add(service.ResidentBytes);
        }

        return samples;
    }
}
