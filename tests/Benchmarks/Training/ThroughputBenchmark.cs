using System.Diagnostics;
using System.Globalization;
using Reco.Training.Data;
using Reco.Training.Model;

namespace Reco.Benchmarks.Training;

/// <summary>An epoch over generated interactions: time, interactions a second and peak memory.</summary>
internal static class ThroughputBenchmark
{
    public static int Run(string[] args)
    {
        var events = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10_000_000;
        const int Users = 200_000;
        const int Items = 50_000;
        var random = new Random(1);
        var log = new Interaction[events];
        for (var index = 0; index < events; index++)
        {
            // Item popularity with a long tail; users evenly.
            log[index] = new Interaction(random.Next(Users), (int)(Items * Math.Pow(random.NextDouble(), 3)), 1_600_000_000 + (index / 10));
        }

        var shop = new Shop
        {
            Name = "generated",
            Hash = "",
            Users = new string[Users],
            Items = [.. Enumerable.Range(0, Items).Select(item => new Item($"{item}", $"item {item}", [$"{item % 100}"]))],
            FeatureNames = ["category"],
            Interactions = log,
            Findings = [],
        };
        var options = new TrainingOptions { BatchSize = 2_048, Negatives = 1_024, History = 10 };
        var clock = Stopwatch.StartNew();
        var (_, curve) = new Trainer(options, shop, null, (_, text) => Console.WriteLine(text)).Fit(log, 1, CancellationToken.None);
        var seconds = clock.Elapsed.TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{events} interactions, {Users} users, {Items} items, batch {options.BatchSize}, history {options.History}: {seconds:F1} s, {events / seconds:F0} interactions/s, loss {curve[^1].Loss:F4}, peak memory {Process.GetCurrentProcess().PeakWorkingSet64 / 1048576} MiB"));
        return 0;
    }
}
