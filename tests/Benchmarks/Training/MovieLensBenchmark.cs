using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using Reco.Bundle;
using Reco.Training.Compression;
using Reco.Training.Data;
using Reco.Training.Data.Storage;
using Reco.Training.Evaluation;
using Reco.Training.Model;
using Reco.Training.Onnx;

namespace Reco.Benchmarks.Training;

/// <summary>MovieLens-100k in the protocol of recommenders-team/recommenders (examples/06_benchmarks): every rating counts, 75 %
/// of each user's to train on, at random; the top 10 of all other items; nDCG with binary relevance, MAP divided by the number
/// of held-out items. What is measured is what is deployed: the exported user tower in ONNX Runtime times the item matrix, FP32
/// and int8; its family and settings are what a run with <c>--family=auto</c> chooses, from a split inside the training side.</summary>
internal static class MovieLensBenchmark
{
    private const double NdcgBar = 0.475;
    private const double MapBar = 0.146;

    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Length == 0 || !RecBoleLoader.Recognises(args[0]))
        {
            Console.Error.WriteLine("usage: movielens FOLDER [SEEDS]: FOLDER holds ml-100k.inter and ml-100k.item (RecBole's atomic files); seeds are 42,1,2,3,4 unless said.");
            return 2;
        }

        var shop = await RecBoleLoader.LoadAsync(args[0], new ValidationRules(), EventStorage.InMemory, CancellationToken.None);
        var seeds = args.Length > 1 ? args[1].Split(',').Select(seed => int.Parse(seed, CultureInfo.InvariantCulture)).ToArray() : [42, 1, 2, 3, 4];
        Console.WriteLine($"{shop.Name}: {shop.Interactions.Length} ratings, {shop.Users.Count} users, {shop.Items.Count} items; stratified 75/25, k = 10");
        Console.WriteLine("| seed | model | nDCG@10 | MAP | precision@10 | recall@10 | fit s | bytes |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        var met = true;
        foreach (var seed in seeds)
        {
            met &= Run(shop, seed);
        }

        Console.WriteLine($"bars nDCG@10 >= {NdcgBar}, MAP >= {MapBar}: {(met ? "met" : "MISSED")}");
        return met ? 0 : 1;
    }

    private static bool Run(Shop shop, int seed)
    {
        var split = StratifiedSplit.Make(shop.Interactions, 0.75, seed);
        var inner = StratifiedSplit.Make(split.Train, 0.75, seed + 1);
        var histories = new Histories(split.Train, shop.Users.Count);
        var longest = split.Train.CountBy(entry => entry.User).Max(user => user.Value);
        var options = new TrainingOptions { Family = Family.Auto, History = longest, Seed = seed };
        var shape = new TwoTowerShape(shop.Users.Count, shop.Items.Count, 0, longest, options.Dimension);
        var clock = Stopwatch.StartNew();
        var search = new TowerSearch(options, shape, new Trainer(options, shop, null, (_, _) => { }), Console.WriteLine);
        var choice = search.Choose(inner.Train, inner.Held, hideSeen: true, CancellationToken.None);
        var weights = search.Fit(choice, split.Train, CancellationToken.None);
        var seconds = clock.Elapsed.TotalSeconds;
        var met = true;
        foreach (var precision in new[] { "fp32", "int8" })
        {
            var model = UserTowerGraph.Build(weights, quantised: precision == "int8").ToByteArray();
            var vectors = weights.ItemVectors();
            var items = precision == "int8" ? ItemMatrix.Quantise(vectors, shape.Items, shape.Dimension) : ItemMatrix.FromValues(vectors, shape.Items, shape.Dimension);
            using var tower = new OnnxTower(model, weights.Shape);
            met &= Print(seed, $"{(choice.Lambda is { } lambda ? $"linear towers, lambda {lambda}" : "neural towers")}, {precision}", new VariantRanker(precision, tower, items, weights.Shape, histories, split.Held.Keys), histories, split, seconds, model.Length + items.Bytes);
        }

        Print(seed, "popularity", new PopularityRanker(split.Train, shop.Items.Count), histories, split, 0, 0);
        const int EaseLambda = 1_000;
        Print(seed, $"EASE, full rank, lambda {EaseLambda}", new EaseRanker(split.Train, shop.Users.Count, shop.Items.Count, EaseLambda), histories, split, 0, 0);
        return met;
    }

    private static bool Print(int seed, string name, IRanker ranker, Histories histories, StratifiedSplit split, double seconds, long bytes)
    {
        var metrics = RankingMetrics.Evaluate(new UnseenRanker(ranker, histories), split.Held, [10]);
        var users = split.Held.Keys.Order().ToArray();

        // MAP of that protocol divides by all of a user's held-out items, map@10 by at most ten.
        var map = metrics.Of("map@10").Select((value, row) => value * Math.Min(10, split.Held[users[row]].Length) / split.Held[users[row]].Length).Average();
        var ndcg = metrics.Of("ndcg@10").Average();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {seed} | {name} | {ndcg:F4} | {map:F4} | {metrics.Of("precision@10").Average():F4} | {metrics.Of("recall@10").Average():F4} | {(seconds > 0 ? $"{seconds:F1}" : "")} | {(bytes > 0 ? $"{bytes}" : "")} |"));
        return ndcg >= NdcgBar && map >= MapBar;
    }
}
