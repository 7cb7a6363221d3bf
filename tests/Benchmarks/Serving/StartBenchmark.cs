using System.Globalization;

namespace Reco.Benchmarks.Serving;

/// <summary>From the start of the process to ready, on generated bundles. The files are in the system's cache: they were just written.</summary>
internal static class StartBenchmark
{
    private const int Rounds = 3;

    public static async Task<int> RunAsync(string[] sizes)
    {
        Console.WriteLine(Machine.Describe());
        Console.WriteLine();
        Console.WriteLine("| items | users | variant | bundle MB | start to ready s (median, least, most) | resident MB |");
        Console.WriteLine("|---:|---:|---|---:|---:|---:|");
        foreach (var items in sizes.Length > 0 ? sizes.Select(size => int.Parse(size, CultureInfo.InvariantCulture)) : [20_000, 1_000_000])
        {
            var store = Directory.CreateTempSubdirectory("reco-start-").FullName;
            try
            {
                var users = items / 10;
                var version = await GeneratedBundle.PublishAsync(store, items, users, 1);
                var bytes = Directory.EnumerateFiles(Path.Combine(store, GeneratedBundle.Name, version)).Sum(file => new FileInfo(file).Length);
                foreach (var precision in new[] { "fp32", "int8" })
                {
                    var times = new List<double>();
                    long memory = 0;
                    for (var round = 0; round < Rounds; round++)
                    {
                        await using var service = await ServerProcess.ServiceAsync(store, $"{GeneratedBundle.Name}/{version}", $"RECO_PRECISION={precision}");
                        times.Add(service.ReadyAfter.TotalSeconds);
                        memory = Math.Max(memory, service.ResidentBytes);
                    }

                    times.Sort();
                    Console.WriteLine(FormattableString.Invariant($"| {items} | {users} | {precision} | {bytes / 1e6:0} | {times[Rounds / 2]:0.00} ({times[0]:0.00}, {times[^1]:0.00}) | {memory / 1e6:0} |"));
                }
            }
            finally
            {
                Directory.Delete(store, recursive: true);
            }
        }

        return 0;
    }
}
