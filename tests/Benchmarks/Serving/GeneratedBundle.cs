using System.Collections.Immutable;
using Google.Protobuf;
using Reco.Bundle;
using Reco.Training.Model;
using Reco.Training.Onnx;

namespace Reco.Benchmarks.Serving;

/// <summary>Publishes bundles of a given size with the training's own graph and formats and seeded weights: for speed, the values of the
/// weights do not matter.</summary>
internal static class GeneratedBundle
{
    public const string Name = "generated";

    private const int Dimension = 64;
    private const int History = 50;

    private static readonly string[] Kinds = ["Rye Bread", "Oat Milk", "Green Tea", "Dark Chocolate", "Olive Oil", "Sea Salt"];
    private static readonly string[] Brands = ["Alder", "Birch", "Cedar", "Elm", "Fir"];

    /// <summary>Publishes a bundle.</summary>
    /// <returns>Its version.</returns>
    public static async Task<string> PublishAsync(string store, int items, int users, int seed, CancellationToken cancellation = default)
    {
        var random = new Random(seed);
        float[] Values(int count)
        {
            var values = new float[count];
            foreach (ref var value in values.AsSpan())
            {
                value = (random.NextSingle() * 2) - 1;
            }

            return values;
        }

        var weights = new TowerWeights
        {
            Shape = new TwoTowerShape(users, items, 0, History, Dimension),
            Items = Values(items * (Dimension - 1)),
            ItemBias = Values(items),
            Users = Values((users + 1) * (Dimension - 1)),
            History = Values((Dimension - 1) * (Dimension - 1)),
            Recency = Values(History),
        };
        var vectors = weights.ItemVectors();
        using var writer = new BundleWriter(store);
        await AddModelAsync(BundleFiles.Model, quantised: false);
        await AddModelAsync(BundleFiles.ModelInt8, quantised: true);
        await AddAsync(BundleFiles.ItemsFp32, ItemMatrix.FromValues(vectors, items, Dimension).Write);
        await AddAsync(BundleFiles.ItemsInt8, ItemMatrix.Quantise(vectors, items, Dimension).Write);
        await writer.AddLinesAsync(BundleFiles.Items, Enumerable.Range(0, items).Select(Item), cancellation);
        await writer.AddLinesAsync(BundleFiles.Users, Enumerable.Range(0, users).Select(user => User(user, items, random)), cancellation);
        var manifest = await writer.PublishAsync(
            new BundleManifest
            {
                Name = Name,
                CreatedAt = DateTimeOffset.UtcNow,
                Dimension = Dimension,
                MaxHistory = History,
                Users = users,
                Items = items,
                Precision = "fp32",
                Variants = ImmutableSortedDictionary<string, BundleVariant>.Empty
                    .Add("fp32", new BundleVariant(BundleFiles.Model, BundleFiles.ItemsFp32))
                    .Add("int8", new BundleVariant(BundleFiles.ModelInt8, BundleFiles.ItemsInt8)),
                Inputs = [new TensorSpec("user", "INT64", [-1]), new TensorSpec("history", "INT64", [-1, History])],
                Outputs = [new TensorSpec("embedding", "FP32", [-1, Dimension])],
                Metrics = ImmutableSortedDictionary<string, double>.Empty,
                Lineage = new BundleLineage { Dataset = "generated", DataHash = "0", CodeVersion = "benchmark", Parameters = ImmutableSortedDictionary<string, string>.Empty, Seed = seed },
            },
            cancellation);
        return manifest.Version;

        Task AddModelAsync(string name, bool quantised) => AddAsync(name, stream => UserTowerGraph.Build(weights, quantised).WriteTo(stream));

        Task AddAsync(string name, Action<Stream> write) => writer.AddAsync(
            name,
            (stream, _) =>
            {
                write(stream);
                return Task.CompletedTask;
            },
            cancellation: cancellation);
    }

    private static BundleItem Item(int item)
    {
        var (kind, brand) = (Kinds[item % Kinds.Length], Brands[item / Kinds.Length % Brands.Length]);
        return new BundleItem($"sku-{item}", $"{brand} {kind} no. {item}", kind, ImmutableSortedDictionary<string, string>.Empty.Add("brand", brand));
    }

    private static BundleUser User(int user, int items, Random random)
    {
        var history = new int[1 + random.Next(History)];
        foreach (ref var item in history.AsSpan())
        {
            item = random.Next(items);
        }

        return new BundleUser($"u{user}", [.. history], [.. history.Distinct().Order()]);
    }
}
