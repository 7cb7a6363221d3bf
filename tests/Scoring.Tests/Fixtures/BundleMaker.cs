using System.Collections.Immutable;
using Google.Protobuf;
using Reco.Bundle;
using Reco.Training.Model;
using Reco.Training.Onnx;

namespace Reco.Scoring.Tests;

/// <summary>Writes small bundles with the training's own graph and formats but seeded weights, where a test needs a bundle of a
/// certain shape and not a good model.</summary>
internal static class BundleMaker
{
    public const int Users = 40;
    public const int Items = 90;
    public const int History = 8;
    public const int Dimension = 16;

    private static readonly string[] Kinds = ["Rye Bread", "Oat Milk", "Green Tea", "Dark Chocolate", "Olive Oil", "Café Crème"];
    private static readonly string[] Brands = ["Alder", "Birch", "Cedar"];

    /// <summary>Publishes a bundle in a store.</summary>
    public static async Task<BundleManifest> PublishAsync(string store, int seed, string name = "shop", Func<BundleManifest, BundleManifest>? change = null, int items = Items)
    {
        var weights = Weights(seed, items);
        using var writer = new BundleWriter(store);
        var vectors = weights.ItemVectors();
        await writer.AddAsync(BundleFiles.Model, (stream, _) => Write(stream, UserTowerGraph.Build(weights, quantised: false).ToByteArray()));
        await writer.AddAsync(BundleFiles.ModelInt8, (stream, _) => Write(stream, UserTowerGraph.Build(weights, quantised: true).ToByteArray()));
        await writer.AddAsync(BundleFiles.ItemsFp32, (stream, _) => Write(stream, stream => ItemMatrix.FromValues(vectors, items, Dimension).Write(stream)));
        await writer.AddAsync(BundleFiles.ItemsInt8, (stream, _) => Write(stream, stream => ItemMatrix.Quantise(vectors, items, Dimension).Write(stream)));
        await writer.AddLinesAsync(BundleFiles.Items, Catalogue(items), CancellationToken.None);
        await writer.AddLinesAsync(BundleFiles.Users, Directory(seed, items), CancellationToken.None);
        await writer.AddAsync(BundleFiles.Reference, (stream, _) => Write(stream, """{"scores":{"low":-20,"high":20,"counts":[1,5,20,40,20,5,1]},"historyLengths":{"low":0,"high":8,"counts":[1,1,1,1,1,1,1,10]}}"""u8.ToArray()));
        var manifest = new BundleManifest
        {
            Name = name,
            CreatedAt = DateTimeOffset.UnixEpoch.AddDays(seed),
            Dimension = Dimension,
            MaxHistory = History,
            Users = Users,
            Items = items,
            Precision = "fp32",
            Variants = ImmutableSortedDictionary<string, BundleVariant>.Empty
                .Add("fp32", new BundleVariant(BundleFiles.Model, BundleFiles.ItemsFp32))
                .Add("int8", new BundleVariant(BundleFiles.ModelInt8, BundleFiles.ItemsInt8)),
            Inputs = [new TensorSpec("user", "INT64", [-1]), new TensorSpec("history", "INT64", [-1, History])],
            Outputs = [new TensorSpec("embedding", "FP32", [-1, Dimension])],
            Metrics = ImmutableSortedDictionary<string, double>.Empty,
            Lineage = new BundleLineage { Dataset = "synthetic", DataHash = "0", CodeVersion = "test", Parameters = ImmutableSortedDictionary<string, string>.Empty, Seed = seed },
        };
        return await writer.PublishAsync(change?.Invoke(manifest) ?? manifest, CancellationToken.None);
    }

    /// <summary>Items whose names have letters that JSON escapes, and attributes that repeat.</summary>
    public static IEnumerable<BundleItem> Catalogue(int items) => Enumerable.Range(0, items).Select(item => new BundleItem(
        item == 7 ? "sku-\u00e9\"7" : $"sku-{item}",
        $"{Brand(item)} {Kinds[item % Kinds.Length]} no. {item}",
        Kinds[item % Kinds.Length],
        ImmutableSortedDictionary<string, string>.Empty.Add("brand", Brand(item)).Add("size", item % 2 == 0 ? "small" : "large")));

    private static string Brand(int item) => Brands[item / Kinds.Length % Brands.Length];

    /// <summary>The trained weights' stand-ins.</summary>
    public static TowerWeights Weights(int seed, int items = Items)
    {
        var random = new Random(seed);
        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1))];
        return new TowerWeights
        {
            Shape = new TwoTowerShape(Users, items, 0, History, Dimension),
            Items = Values(items * (Dimension - 1)),
            ItemBias = Values(items),
            Users = Values((Users + 1) * (Dimension - 1)),
            History = Values((Dimension - 1) * (Dimension - 1)),
            Recency = Values(History),
        };
    }

    /// <summary>Users <c>u0</c>, <c>u1</c>, ... each with a history.</summary>
    public static IEnumerable<BundleUser> Directory(int seed, int items)
    {
        var random = new Random(seed + 1);
        for (var user = 0; user < Users; user++)
        {
            int[] history = [.. Enumerable.Range(0, 1 + random.Next(History)).Select(_ => random.Next(items))];
            yield return new BundleUser($"u{user}", [.. history], [.. history.Distinct().Order()]);
        }
    }

    private static Task Write(Stream stream, byte[] bytes) => stream.WriteAsync(bytes).AsTask();

    private static Task Write(Stream stream, Action<Stream> write)
    {
        write(stream);
        return Task.CompletedTask;
    }
}
