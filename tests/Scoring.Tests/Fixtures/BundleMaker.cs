using System.Collections.Immutable;
using Reco.Bundle;
using Reco.Fixtures;
using Reco.Training.Model;

namespace Reco.Scoring.Tests;

/// <summary>Writes small bundles of seeded weights (<see cref="SeededBundle"/>).</summary>
internal static class BundleMaker
{
    public const int Users = 40;
    public const int Items = 90;
    public const int History = 8;
    public const int Dimension = 16;

    private static readonly string[] Kinds = ["Rye Bread", "Oat Milk", "Green Tea", "Dark Chocolate", "Olive Oil", "Café Crème"];
    private static readonly string[] Brands = ["Alder", "Birch", "Cedar"];

    /// <summary>Publishes a bundle in a store.</summary>
    public static Task<BundleManifest> PublishAsync(string store, int seed, string name = "shop", Func<BundleManifest, BundleManifest>? change = null, int items = Items,
        IEnumerable<BundleGroup>? groups = null, float biasWeight = 1) => SeededBundle.PublishAsync(
        store,
        name,
        seed,
        Weights(seed, items) with { BiasWeight = biasWeight },
        Catalogue(items),
        Directory(seed, items),
        """{"scores":{"low":-20,"high":20,"counts":[1,5,20,40,20,5,1]},"historyLengths":{"low":0,"high":8,"counts":[1,1,1,1,1,1,1,10]}}"""u8.ToArray(),
        change,
        groups ?? [new BundleGroup("group 1", "Green Tea, Oat Milk", 25, ["u1", "u2", "u3"]), new BundleGroup("group 2", "Olive Oil", 15, ["u4", "u9"])]);

    /// <summary>Items whose names have letters that JSON escapes, and attributes that repeat.</summary>
    public static IEnumerable<BundleItem> Catalogue(int items) => Enumerable.Range(0, items).Select(item => new BundleItem(
        item == 7 ? "sku-\u00e9\"7" : $"sku-{item}",
        $"{Brand(item)} {Kinds[item % Kinds.Length]} no. {item}",
        Kinds[item % Kinds.Length],
        ImmutableSortedDictionary<string, string>.Empty.Add("brand", Brand(item)).Add("size", item % 2 == 0 ? "small" : "large")));

    private static string Brand(int item) => Brands[item / Kinds.Length % Brands.Length];

    /// <summary>The trained weights' stand-ins.</summary>
    public static TowerWeights Weights(int seed, int items = Items) => SeededBundle.Weights(new TwoTowerShape(Users, items, 0, History, Dimension), seed);

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
}
