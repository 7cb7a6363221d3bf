using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Reco.Bundle;
using Reco.Scoring.Retrieval;

namespace Reco.Benchmarks.Retrieval;

/// <summary>The service's indices beside Faiss, hnswlib and USearch on the same vectors. Prints Markdown.</summary>
internal static class RetrievalBenchmark
{
    private const int Dimension = 64;
    private const int Places = 100;
    private const int Queries = 256;
    private const int Batch = 64;

    /// <summary>Coordinates that the vectors really vary in, as trained ones do: the rest follows from them, but for some noise.</summary>
    private const int Latent = 24;

    /// <summary>Runs with catalogues of some sizes; after <c>flat</c> without graphs, which take minutes to build.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var graphs = args is not ["flat", ..];
        args = graphs ? args : args[1..];
        Console.WriteLine($"{Dimension} coordinates, k = {Places}, {Queries} queries; {Machine.Describe()}");
        Console.WriteLine();
        Console.WriteLine("| items | index | recall@100 | build s | MB | single query ms (p50) | batches of 64, ms a query |");
        Console.WriteLine("|---:|---|---:|---:|---:|---:|---:|");
        foreach (var count in args.Length > 0 ? args.Select(size => int.Parse(size, CultureInfo.InvariantCulture)) : [100_000, 1_000_000])
        {
            await RunAsync(count, graphs);
        }

        return 0;
    }

    private static async Task RunAsync(int count, bool graphs)
    {
        var (items, queries) = Vectors(count);
        Floor(count, items);
        var exact = Timed(() => new ExactFp32Index(items, count, Dimension), out var seconds);
        var truth = Enumerable.Range(0, Queries).Select(query => Find(exact, queries, query)).ToArray();
        Measure(count, exact, seconds, queries, truth);
        Measure(count, new ExactRowIndex<FloatRows>(new FloatRows(items, count, Dimension)), 0, queries, truth, " by rows");
        Measure(count, Timed(() => new ExactFp16Index(items, count, Dimension), out seconds), seconds, queries, truth);
        var quantised = ItemMatrix.Quantise(items, count, Dimension);
        Measure(count, Timed(() => new ExactInt8Index(quantised.Quantised!, quantised.Scales!, count, Dimension), out seconds), seconds, queries, truth);
        var rows = new ByteRows(quantised.Quantised!, quantised.Scales!, count, Dimension);
        MeasureTuned(count, Timed(() => new PqIndex<ByteRows>(rows, PqCodes.Make(rows, Environment.ProcessorCount, CancellationToken.None)), out seconds), seconds, queries, truth);
        var floats = new FloatRows(items, count, Dimension);
        MeasureTuned(count, Timed(() => new PqIndex<FloatRows>(floats, PqCodes.Make(floats, Environment.ProcessorCount, CancellationToken.None)), out seconds), seconds, queries, truth);
        if (graphs)
        {
            MeasureTuned(count, Timed(() => HnswIndex<ByteRows>.Build(rows, CancellationToken.None), out seconds), seconds, queries, truth);
            MeasureTuned(count, Timed(() => HnswIndex<FloatRows>.Build(floats, CancellationToken.None), out seconds), seconds, queries, truth);
        }

        await PeersAsync(count, items, queries, truth, graphs);
    }

    private static void MeasureTuned(int count, ITunableIndex index, double seconds, float[] queries, int[][] truth)
    {
        var targets = new Queue<double>([0.95, 0.99]);
        foreach (var effort in index.Efforts)
        {
            index.Effort = effort;
            var recall = Recall(index, queries, truth);
            if (targets.Count > 0 && recall >= targets.Peek())
            {
                Measure(count, index, seconds, queries, truth, $", effort {effort}");
                while (targets.Count > 0 && recall >= targets.Peek())
                {
                    targets.Dequeue();
                }
            }
        }

        if (targets.Count > 0)
        {
            Console.WriteLine(FormattableString.Invariant($"| {count} | {index.Kind}, effort {index.Effort}: recall {Recall(index, queries, truth):0.0000} at most | | {seconds:0.0} | {index.Bytes / 1e6:0} | | |"));
        }
    }

    private static void Measure(int count, IItemIndex index, double seconds, float[] queries, int[][] truth, string note = "")
    {
        var hits = new Hit[Places];
        var times = new double[200];
        for (var run = -20; run < times.Length; run++)
        {
            var start = Stopwatch.GetTimestamp();
            index.Search(Query(queries, (run + Queries) % Queries), default, hits);
            times[Math.Max(0, run)] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        var batch = double.MaxValue;
        for (var round = 0; round < 3; round++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var first = 0; first < Queries; first += Batch)
            {
                Parallel.For(first, first + Batch, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, query => index.Search(Query(queries, query), default, new Hit[Places]));
            }

            batch = Math.Min(batch, Stopwatch.GetElapsedTime(start).TotalMilliseconds / Queries);
        }

        Console.WriteLine(FormattableString.Invariant($"| {count} | {index.Kind}{note} | {Recall(index, queries, truth):0.0000} | {seconds:0.0} | {index.Bytes / 1e6:0} | {times.Order().ElementAt(times.Length / 2):0.000} | {batch:0.000} |"));
    }

    /// <summary>What reading all FP32 vectors once takes: no exact search of one query is faster.</summary>
    private static void Floor(int count, float[] items)
    {
        var best = double.MaxValue;
        for (var round = 0; round < 8; round++)
        {
            var start = Stopwatch.GetTimestamp();
            Parallel.For(0, Environment.ProcessorCount, part => GC.KeepAlive(System.Numerics.Tensors.TensorPrimitives.Sum(
                items.AsSpan((int)((long)items.Length * part / Environment.ProcessorCount)..(int)((long)items.Length * (part + 1) / Environment.ProcessorCount)))));
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        Console.WriteLine(FormattableString.Invariant($"| {count} | floor: reading FP32 vectors once, {items.Length * 4.0 / best / 1e6:0.0} GB/s | | | {items.Length * 4.0 / 1e6:0} | {best:0.000} | |"));
    }

    private static async Task PeersAsync(int count, float[] items, float[] queries, int[][] truth, bool graphs)
    {
        var folder = Directory.CreateTempSubdirectory("reco-retrieval-").FullName;
        try
        {
            await WriteAsync("items", MemoryMarshal.AsBytes(items.AsSpan()));
            await WriteAsync("queries", MemoryMarshal.AsBytes(queries.AsSpan()));
            await WriteAsync("truth", MemoryMarshal.AsBytes(truth.SelectMany(hits => hits).ToArray().AsSpan()));
            string[] numbers = [folder, $"{count}", $"{Dimension}", $"{Places}", $"{Environment.ProcessorCount}"];
            var python = Environment.GetEnvironmentVariable("PYTHON") ?? "/usr/bin/python3";
            await PrintAsync(count, python, [Path.Combine(AppContext.BaseDirectory, "peers.py"), .. numbers, graphs ? "graphs" : "flat"], "apt-get install python3-faiss python3-hnswlib (PYTHON=... for another Python)");
            if (graphs)
            {
                await PrintAsync(count, "node", [Path.Combine(PeerFolder(), "usearch.js"), .. numbers], "(cd tests/Benchmarks/Retrieval/peer && npm ci --ignore-scripts)");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        Task WriteAsync(string name, ReadOnlySpan<byte> bytes) => File.WriteAllBytesAsync(Path.Combine(folder, name), bytes.ToArray());
    }

    private static async Task PrintAsync(int count, string program, string[] arguments, string install)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            Console.WriteLine($"| {count} | {line.Replace("\t", " | ", StringComparison.Ordinal)} |");
        }

        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            Console.WriteLine($"| {count} | peers are missing: {install} | | | | | |");
        }
    }

    // .../tests/Benchmarks/bin/Release/net10.0/ -> .../tests/Benchmarks/Retrieval/peer
    private static string PeerFolder() => Path.Combine(new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.Parent!.FullName, "Retrieval", "peer");

    private static (float[] Items, float[] Queries) Vectors(int count)
    {
        var random = new Random(1);
        var map = new float[Latent * Dimension];
        Fill(map, 1 / MathF.Sqrt(Latent));
        return (Make(count), Make(Queries));

        float[] Make(int rows)
        {
            var values = new float[rows * Dimension];
            var latent = new float[Latent];
            for (var row = 0; row < rows; row++)
            {
                Fill(latent, 1);
                for (var c = 0; c < Dimension; c++)
                {
                    var sum = 0.3f * Normal();
                    for (var l = 0; l < Latent; l++)
                    {
                        sum += latent[l] * map[(l * Dimension) + c];
                    }

                    values[(row * Dimension) + c] = sum;
                }
            }

            return values;
        }

        void Fill(float[] values, float scale)
        {
            foreach (ref var value in values.AsSpan())
            {
                value = Normal() * scale;
            }
        }

        float Normal() => MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(2 * MathF.PI * random.NextSingle());
    }

    private static ReadOnlySpan<float> Query(float[] queries, int query) => queries.AsSpan(query * Dimension, Dimension);

    private static int[] Find(IItemIndex index, float[] queries, int query)
    {
        var hits = new Hit[Places];
        index.Search(Query(queries, query), default, hits);
        return Array.ConvertAll(hits, hit => hit.Item);
    }

    private static double Recall(IItemIndex index, float[] queries, int[][] truth) =>
        Enumerable.Range(0, Queries).Average(query => Find(index, queries, query).Intersect(truth[query]).Count() / (double)Places);

    private static T Timed<T>(Func<T> make, out double seconds)
    {
        var clock = Stopwatch.StartNew();
        var made = make();
        seconds = clock.Elapsed.TotalSeconds;
        return made;
    }
}
