using System.Globalization;
using System.Text.Json.Nodes;
using Reco.Bundle;

namespace Reco.Benchmarks.Serving;

/// <summary>Pair scoring and recommendations over HTTP beside a Node peer and a bare loop on ONNX Runtime. Service and peer take turns, so
/// that what else the machine does meets both. Prints Markdown.</summary>
internal static class ServingBenchmark
{
    private const int Concurrency = 64;
    private const int Rounds = 3;
    private const int Seconds = 6;
    private const int Users = 500;

    /// <summary>Runs on a bundle's folder, or on a generated bundle of that many items.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["start", .. var sizes])
        {
            return await StartBenchmark.RunAsync(sizes);
        }

        if (args is ["swap", .. var items])
        {
            return await SwapBenchmark.RunAsync(items);
        }

        var work = Directory.CreateTempSubdirectory("reco-serving-").FullName;
        try
        {
            var bundle = args.Length > 0 && Directory.Exists(args[0])
                ? Path.GetFullPath(args[0])
                : Path.Combine(work, GeneratedBundle.Name, await GeneratedBundle.PublishAsync(work, args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 20_000, 2_000, 1));
            await CompareAsync(bundle, work);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }

        return 0;
    }

    private static async Task CompareAsync(string bundle, string work)
    {
        var reader = await BundleReader.OpenAsync(bundle, CancellationToken.None);
        var manifest = reader.Manifest;
        var users = await reader.ReadUsersAsync(CancellationToken.None);
        var items = await reader.ReadItemsAsync(CancellationToken.None);
        var store = Path.GetDirectoryName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(bundle))))!;
        Console.WriteLine(FormattableString.Invariant($"{manifest.Items} items, {manifest.Users} users, {manifest.Dimension} coordinates, history {manifest.MaxHistory}, {manifest.Precision}, {(manifest.Ranker is null ? "towers only" : "with ranker")}; {Machine.Describe()}"));
        Console.WriteLine();
        using var loop = new BareLoop(bundle, manifest, manifest.Precision, users);
        loop.Run(1, 1);
        await using var service = await ServerProcess.ServiceAsync(store, $"{manifest.Name}/{manifest.Version}");
        var single = ServerProcess.HasPeer() ? await ServerProcess.PeerAsync(bundle, manifest.Precision, 1) : null;
        var cluster = ServerProcess.HasPeer() ? await ServerProcess.PeerAsync(bundle, manifest.Precision, Environment.ProcessorCount) : null;
        if (single is null)
        {
            Console.WriteLine("The peer is missing: (cd tests/Benchmarks/Serving/peer && npm ci --ignore-scripts)");
            Console.WriteLine();
        }

        var random = new Random(1);
        var chosen = Enumerable.Range(0, Users).Select(_ => (User: users[random.Next(users.Length)].Id, Item: items[random.Next(items.Length)].Id)).ToArray();
        var pairs = await WriteAsync(work, "pairs", chosen.Select(pair => $"/v1/predictions?user_id={Uri.EscapeDataString(pair.User)}&item_id={Uri.EscapeDataString(pair.Item)}"));
        var lists = await WriteAsync(work, "lists", chosen.Select(pair => $"/v1/recommend?user={Uri.EscapeDataString(pair.User)}&k=10"));
        await CheckEqualAsync(service, single, pairs, lists);

        var loops = new List<double>();
        var batches = new List<double>();
        Console.WriteLine($"| question | server | answers/s | p50 ms | p99 ms | errors | service's rate / this | service's p99 / this |");
        Console.WriteLine("|---|---|---:|---:|---:|---:|---:|---:|");
        foreach (var (question, paths) in new[] { ("pair", pairs), ("list of 10", lists) })
        {
            var servers = new List<(string Name, ServerProcess Server)> { ("service", service) };
            servers.AddRange(single is null ? [] : [("Node, 1 process", single), ($"Node, {Environment.ProcessorCount} processes", cluster!)]);
            var loads = servers.ToDictionary(server => server.Name, _ => new List<Load>());
            foreach (var (_, server) in servers)
            {
                await Load.RunAsync(server.Url, paths, Concurrency, 3);
            }

            for (var round = 0; round < Rounds; round++)
            {
                foreach (var (name, server) in servers)
                {
                    loads[name].Add(await Load.RunAsync(server.Url, paths, Concurrency, Seconds));
                }

                loops.Add(loop.Run(2, 1));
                batches.Add(loop.Run(2, Concurrency / Environment.ProcessorCount));
            }

            var own = Load.Median(loads["service"]);
            foreach (var (name, _) in servers)
            {
                var load = Load.Median(loads[name]);
                Console.WriteLine(FormattableString.Invariant($"| {question} | {name} | {load.Rate:0} | {load.P50:0.00} | {load.P99:0.00} | {loads[name].Sum(entry => entry.Errors)} | {own.Rate / load.Rate:0.00} | {own.P99 / load.P99:0.00} |"));
            }

            Print(question, "bare loop, 1 row a run", loops, own);
            Print(question, $"bare loop, {Concurrency / Environment.ProcessorCount} rows a run", batches, own);
            var half = Load.Median([await HalfAsync(), await HalfAsync(), await HalfAsync()]);
            Console.WriteLine(FormattableString.Invariant($"| {question} | service at half load | {half.Rate:0} | {half.P50:0.00} | {half.P99:0.00} | {half.Errors} | p99 / p50: {half.P99 / half.P50:0.00} | |"));

            Task<Load> HalfAsync() => Load.RunAsync(service.Url, paths, Concurrency, Seconds, own.Rate / 2);
        }

        await (single?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (cluster?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private static void Print(string question, string name, List<double> rates, Load own)
    {
        var rate = rates.Order().ElementAt(rates.Count / 2);
        Console.WriteLine(FormattableString.Invariant($"| {question} | {name} | {rate:0} | | | | {own.Rate / rate:0.00} | |"));
    }

    /// <summary>Only what does the same work may be compared.</summary>
    private static async Task CheckEqualAsync(ServerProcess service, ServerProcess? peer, string pairs, string lists)
    {
        if (peer is null)
        {
            return;
        }

        foreach (var path in File.ReadLines(pairs).Take(20).Concat(File.ReadLines(lists).Take(20)))
        {
            var (own, other) = (JsonNode.Parse(await service.Client.GetStringAsync(path))!, JsonNode.Parse(await peer.Client.GetStringAsync(path))!);
            var (left, right) = (Scores(own), Scores(other));
            if (left.Length != right.Length || left.Zip(right).Any(pair => Math.Abs(pair.First - pair.Second) > 0.01 * Math.Max(1, Math.Abs(pair.First))))
            {
                throw new InvalidOperationException($"Service and peer answer {path} differently: {own} and {other}");
            }
        }

        static double[] Scores(JsonNode answer) => answer["items"] is JsonArray list ? [.. list.Select(item => (double)item!["score"]!)] : [(double)answer["score"]!];
    }

    private static async Task<string> WriteAsync(string folder, string name, IEnumerable<string> paths)
    {
        var file = Path.Combine(folder, name);
        await File.WriteAllLinesAsync(file, paths);
        return file;
    }
}
