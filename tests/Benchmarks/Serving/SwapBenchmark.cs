using System.Globalization;

namespace Reco.Benchmarks.Serving;

/// <summary>Versions take over under load: no request may fail, and none take longer than five times the usual p99.</summary>
internal static class SwapBenchmark
{
    private const int Connections = 32;
    private const int Seconds = 20;
    private const double AllowedTimes = 5;

    private static readonly TimeSpan SwapEvery = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(string[] args)
    {
        var items = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 20_000;
        var store = Directory.CreateTempSubdirectory("reco-swap-").FullName;
        try
        {
            string[] versions = [await GeneratedBundle.PublishAsync(store, items, 2_000, 1), await GeneratedBundle.PublishAsync(store, items, 2_000, 2), await GeneratedBundle.PublishAsync(store, items, 2_000, 3)];
            var paths = await GeneratedBundle.WritePathsAsync(store);
            await using var service = await ServerProcess.ServiceAsync(store, $"{GeneratedBundle.Name}/{versions[0]}");
            var most = await Load.RunAsync(service.Url, paths, Connections, 5);
            most = await Load.RunAsync(service.Url, paths, Connections, 5);
            var rate = most.Rate / 2;
            var usual = await Load.RunAsync(service.Url, paths, Connections, Seconds, rate);
            using var end = new CancellationTokenSource(TimeSpan.FromSeconds(Seconds - 1));
            var swaps = new VersionTurns(service, versions).RunAsync(SwapEvery, unload: false, end.Token);
            var swapped = await Load.RunAsync(service.Url, paths, Connections, Seconds, rate);
            Console.WriteLine(FormattableString.Invariant($"{items} items, half load ({rate:0} requests/s); {Machine.Describe()}"));
            Console.WriteLine();
            Console.WriteLine("| | swaps | answers/s | errors | p50 ms | p99 ms | longest ms | longest / usual p99 |");
            Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|");
            Print("usual", 0, usual);
            Print("with swaps", await swaps, swapped);
            return swapped.Errors == 0 && swapped.Max <= AllowedTimes * usual.P99 ? 0 : 1;

            void Print(string name, int count, Load load) => Console.WriteLine(FormattableString.Invariant(
                $"| {name} | {count} | {load.Rate:0} | {load.Errors} | {load.P50:0.00} | {load.P99:0.00} | {load.Max:0.00} | {load.Max / usual.P99:0.0} |"));
        }
        finally
        {
            Directory.Delete(store, recursive: true);
        }
    }
}
