using System.Text.Json.Nodes;
using Reco.Bundle;
using Reco.Scoring.Hosting;
using Reco.Scoring.Retrieval;

namespace Reco.Scoring.Tests.Retrieval;

/// <summary>Approximate indices that take over behind the first requests.</summary>
public sealed class GrowingIndexTests : IDisposable
{
    private const int Count = 5_000;
    private const int Dimension = 24;

    private readonly string store = Directory.CreateTempSubdirectory("reco-scoring-").FullName;

    [Fact]
    public void Offer_FindsEnough_TakesOverAndSaysItsRecall()
    {
        var random = new Random(5);
        var rows = new FloatRows([.. Enumerable.Range(0, Count * Dimension).Select(_ => (random.NextSingle() * 2) - 1)], Count, Dimension);
        float[] weights = [.. Enumerable.Range(0, Count).Select(_ => random.NextSingle())];
        using var index = new GrowingIndex(new ExactRowIndex<FloatRows>(rows));
        float[][] queries = [.. Enumerable.Range(0, 8).Select(_ => Enumerable.Range(0, Dimension).Select(_ => (random.NextSingle() * 2) - 1).ToArray())];
        var graph = HnswIndex<FloatRows>.Build(rows, CancellationToken.None);
        var codes = PqCodes.Make(rows, 1, CancellationToken.None);

        // More than can be: exact search stays.
        Assert.False(index.Offer(graph, queries, 1.1).TookOver);
        Assert.Equal(("exact-fp32", 1, true), (index.Kind, index.Recall, index.IsPartlyExact));

        var (recall, tookOver) = index.Offer(graph, queries, 0.9);
        Assert.True(tookOver);
        Assert.InRange(recall, 0.9, 1);
        Assert.Equal(("hnsw-fp32", recall, "exact-fp32", 1), (index.Kind, index.Recall, index.WeightedKind, index.WeightedRecall));

        (recall, tookOver) = index.Offer(new PqIndex<FloatRows>(rows, codes), queries, 0.9, weights);
        Assert.True(tookOver);
        Assert.Equal(("hnsw-fp32", "pq-fp32", recall, false), (index.Kind, index.WeightedKind, index.WeightedRecall, index.IsPartlyExact));
    }

    [Theory]
    [InlineData("pq", "pq-fp32")]
    [InlineData("auto", "pq-fp32")]
    [InlineData("hnsw", "hnsw-fp32")]
    public async Task Service_ManyItems_TakesTheIndexAndSaysSo(string configured, string kind)
    {
        await BundleMaker.PublishAsync(store, 1, items: 4_000);
        await using var host = await StartAsync(configured);
        var said = await WaitAsync(host, kind);
        Assert.InRange((double)said["index_recall"]!, 0.8, 1);
        Assert.Equal("pq-fp32", (string)said["likeness_index"]!);
        Assert.InRange((double)said["likeness_index_recall"]!, 0.8, 1);
        Assert.Equal(10, (await host.GetAsync("/v1/recommend?user=u1&k=10"))["items"]!.AsArray().Count);
        var similar = (await host.GetAsync("/v1/similar?item=sku-1&k=10&filter=brand:Birch"))["items"]!.AsArray();
        Assert.Equal(10, similar.Count);
        Assert.All(similar, item => Assert.StartsWith("Birch", (string)item!["name"]!));
        Assert.Contains("search=\"likeness\"", await host.Client.GetStringAsync("/metrics"));
    }

    [Fact]
    public async Task Service_IndexExact_StaysExact()
    {
        await BundleMaker.PublishAsync(store, 1, items: 4_000);
        await using var host = await StartAsync("exact");
        var said = (await host.GetAsync("/v2/models/shop"))["parameters"]!;
        Assert.Equal(("exact-fp32", "exact-fp32", 1.0), ((string)said["index"]!, (string)said["likeness_index"]!, (double)said["index_recall"]!));
        Assert.False(host.Registry.Current!.Index is GrowingIndex);
    }

    [Theory]
    [InlineData(BundleFiles.ItemsFp32)]
    [InlineData(BundleFiles.ItemsInt8)]
    public async Task Load_MatrixDamaged_IsRefusedWhetherItIsServedOrNot(string file)
    {
        var manifest = await BundleMaker.PublishAsync(store, 1, items: 4_000);
        var path = Path.Combine(store, "shop", manifest.Version, file);
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[^3] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
        await using var host = await StartAsync("auto", load: false);
        Assert.Contains($"{file} does not match its checksum", (await Assert.ThrowsAsync<BundleException>(() => host.Registry.LoadAsync("shop", CancellationToken.None))).Message);
    }

    [Fact]
    public async Task Service_GraphInTheBundle_IsReadAndUsed()
    {
        var manifest = await BundleMaker.PublishAsync(store, 1, items: 4_000);
        Assert.Equal(0, await IndexAsync("--bundle=shop"));
        var bundle = await BundleReader.OpenAsync(Path.Combine(store, "shop", manifest.Version), CancellationToken.None);
        Assert.Equal(new BundleIndex("hnsw", BundleFiles.ItemsFp32, "items.fp32.hnsw"), Assert.Single(bundle.Manifest.Indices));
        Assert.Equal(manifest.Version, bundle.Manifest.Version);

        await using var host = await StartAsync("auto", load: false);
        var log = host.Record();
        await host.Registry.LoadAsync("shop", CancellationToken.None);
        await WaitAsync(host, "hnsw-fp32");
        Assert.DoesNotContain(log.Lines, line => line.Message.Contains("graph", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Open_GraphIsDamaged_IsRefused()
    {
        var manifest = await BundleMaker.PublishAsync(store, 1);
        Assert.Equal(0, await IndexAsync($"--bundle=shop/{manifest.Version}", "--precision=int8"));
        var folder = Path.Combine(store, "shop", manifest.Version);
        var path = Path.Combine(folder, "items.int8.hnsw");
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
        Assert.Contains("items.int8.hnsw does not match its checksum", (await Assert.ThrowsAsync<BundleException>(() => BundleReader.OpenAsync(folder, CancellationToken.None))).Message);
    }

    [Fact]
    public void Read_GraphOfOtherRowsOrCutOrWithLooseLinks_IsRefused()
    {
        var random = new Random(1);
        var rows = new FloatRows([.. Enumerable.Range(0, 300 * 4).Select(_ => random.NextSingle())], 300, 4);
        using var stream = new MemoryStream();
        var graph = HnswIndex<FloatRows>.Build(rows, CancellationToken.None);
        graph.Write(stream);
        var path = Path.Combine(store, "graph");
        var bytes = stream.ToArray();

        File.WriteAllBytes(path, bytes);
        var (found, expected) = (new Hit[10], new Hit[10]);
        HnswIndex<FloatRows>.Read(rows, path).Search([1, 0, 1, 0], default, found);
        graph.Search([1, 0, 1, 0], default, expected);
        Assert.Equal(expected, found);

        Assert.Contains("is of 300 items", Refuse(new FloatRows(new float[200 * 4], 200, 4), bytes));
        Assert.Contains("ends early", Refuse(rows, bytes[..^4]));
        var loose = (byte[])bytes.Clone();
        BitConverter.TryWriteBytes(loose.AsSpan(8 + (5 * 4) + 4), 300);
        Assert.Contains("lead nowhere", Refuse(rows, loose));
        Assert.Contains("not a graph", Refuse(rows, [.. "SOMETHNG"u8, .. bytes[8..]]));

        string Refuse(FloatRows of, byte[] content)
        {
            File.WriteAllBytes(path, content);
            return Assert.Throws<BundleException>(() => HnswIndex<FloatRows>.Read(of, path)).Message;
        }
    }

    [Fact]
    public async Task Index_WrongUse_SaysHow()
    {
        Assert.Equal(2, await IndexAsync("--bundel=shop"));
        Assert.Equal(1, await IndexAsync("--bundle=nothing"));
    }

    public void Dispose()
    {
        if (Directory.Exists(store))
        {
            Directory.Delete(store, recursive: true);
        }
    }

    private Task<ScoringHost> StartAsync(string index, bool load = true) =>
        ScoringHost.StartOnAsync(store, "shop", load, $"--Reco:Retrieval:Index={index}", "--Reco:Retrieval:ApproximateFrom=4000", "--Reco:Retrieval:Recall=0.8");

    private Task<int> IndexAsync(params string[] options) => IndexCommand.RunAsync([$"--store={store}", .. options], TextWriter.Null, TextWriter.Null);

    private static async Task<JsonNode> WaitAsync(ScoringHost host, string kind)
    {
        for (var attempt = 0; attempt < 600; attempt++)
        {
            var said = (await host.GetAsync("/v2/models/shop"))["parameters"]!;
            if ((string)said["index"]! == kind)
            {
                return said;
            }

            await Task.Delay(100);
        }

        throw new InvalidOperationException($"no {kind} within a minute");
    }
}
