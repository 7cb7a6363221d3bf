using System.Collections.Immutable;
using Reco.Bundle;
using Reco.Fixtures;
using Reco.Training.Model;

namespace Reco.Benchmarks.Serving;

/// <summary>Publishes bundles of seeded weights in a given size: for speed, the values of the weights do not matter.</summary>
internal static class GeneratedBundle
{
    public const string Name = "generated";

    private const int Dimension = 64;
    private const int History = 50;

    private static readonly string[] Kinds = ["Rye Bread", "Oat Milk", "Green Tea", "Dark Chocolate", "Olive Oil", "Sea Salt"];
    private static readonly string[] Brands = ["Alder", "Birch", "Cedar", "Elm", "Fir"];

    /// <summary>Publishes a bundle.</summary>
    /// <returns>Its version.</returns>
    public static async Task<string> PublishAsync(string store, int items, int users, int seed)
    {
        var random = new Random(seed + 1);
        var manifest = await SeededBundle.PublishAsync(
            store, Name, seed, SeededBundle.Weights(new TwoTowerShape(users, items, 0, History, Dimension), seed), Enumerable.Range(0, items).Select(Item), Enumerable.Range(0, users).Select(user => User(user, items, random)));
        return manifest.Version;
    }

    /// <summary>Writes a file of requests, one a line, for the lists of some users.</summary>
    public static async Task<string> WritePathsAsync(string folder)
    {
        var paths = Path.Combine(folder, "paths");
        await File.WriteAllLinesAsync(paths, Enumerable.Range(0, 500).Select(user => $"/v1/recommend?user=u{user}&k=10"));
        return paths;
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
