using System.Diagnostics;
using System.Globalization;
using Reco.Training.Data;
using Reco.Training.Model;

namespace Reco.Benchmarks.Training;

/// <summary>An epoch over generated interactions: time, interactions a second and peak memory; beside it what a plain loop reaches in TorchSharp
/// and, where Debian's python3-torch is installed, in Python.</summary>
internal static class ThroughputBenchmark
{
    private const int Users = 200_000;
    private const int Items = 50_000;
    private const int Categories = 100;
    private const int PlainSteps = 30;
    private const string Python = "/usr/bin/python3";

    private static readonly TrainingSizes Sizes = new(2_048, 1_024, 10, 64);

    public static int Run(string[] args)
    {
        // "peers" alone, for peak memory of the epoch is that of the process.
        var peers = args is ["peers", ..];
        var count = args.FirstOrDefault(arg => int.TryParse(arg, CultureInfo.InvariantCulture, out _));
        var events = count is null ? (peers ? 1_000_000 : 10_000_000) : int.Parse(count, CultureInfo.InvariantCulture);
        var log = Log(events);
        return peers ? Peers(log) : Epoch(log, recorded: args.Contains("recorded"));
    }

    private static Interaction[] Log(int events)
    {
        var random = new Random(1);
        var log = new Interaction[events];
        for (var index = 0; index < events; index++)
        {
            // Item popularity with a long tail; users evenly.
            log[index] = new Interaction(random.Next(Users), (int)(Items * Math.Pow(random.NextDouble(), 3)), 1_600_000_000 + (index / 10));
        }

        return log;
    }

    private static int Epoch(Interaction[] log, bool recorded)
    {
        var shop = new Shop
        {
            Name = "generated",
            Hash = "",
            Users = new string[Users],
            Items = [.. Enumerable.Range(0, Items).Select(item => new Item($"{item}", $"item {item}", [$"{item % Categories}"]))],
            FeatureNames = ["category"],
            Interactions = log,
            Findings = [],
        };
        var options = new TrainingOptions { BatchSize = Sizes.Batch, Negatives = Sizes.Negatives, History = Sizes.History, Dimension = Sizes.Dimension, Recorded = recorded };
        var clock = Stopwatch.StartNew();
        var (_, curve) = new Trainer(options, shop, null, (_, text) => Console.WriteLine(text)).Fit(log, Turns.Of(log.Length).Parts, CancellationToken.None);
        var seconds = clock.Elapsed.TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{log.Length} interactions, {Users} users, {Items} items, batch {options.BatchSize}, history {options.History}: {seconds:F1} s, {log.Length / seconds:F0} interactions/s, loss {curve[^1].Loss:F4}, peak memory {Process.GetCurrentProcess().PeakWorkingSet64 / 1048576} MiB"));
        return 0;
    }

    private static int Peers(Interaction[] log)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"TorchSharp, plain loop: {PlainLoop.Run(log, Users, Items, Categories, Sizes, PlainSteps):F0} interactions/s"));
        foreach (var kind in new[] { "dense", "sparse" })
        {
            using var process = File.Exists(Python) ? Process.Start(new ProcessStartInfo(Python, [Path.Combine(AppContext.BaseDirectory, "trainer.py"), $"{log.Length}", $"{PlainSteps}", kind])) : null;
            process?.WaitForExit();
            if (process is not { ExitCode: 0 })
            {
                Console.WriteLine("PyTorch: not measured; it takes apt-get install python3-torch libopenblas0-pthread");
                return 0;
            }
        }

        return 0;
    }
}
