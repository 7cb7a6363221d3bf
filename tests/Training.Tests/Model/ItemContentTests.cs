using Reco.Training.Data;
using Reco.Training.Evaluation;
using Reco.Training.Model;

namespace Reco.Training.Tests.Model;

[Collection(TrainsCollection.Name)]
public sealed class ItemContentTests
{
    [Fact]
    public void From_WordsOfSeveralItems_AreSharedAndOthersAreNot()
    {
        Item[] items =
        [
            new("a", "Cheese Crackers, 7 oz", ["SNACKS/CRACKERS"]),
            new("b", "Rye crackers", ["BREAD"]),
            new("c", "Candle", ["HOME"]),
        ];
        var content = ItemContent.From(items, FeatureTable.From(items, 1));

        // Three values of the column, and one word that two items have: "crackers", whatever its case, number and punctuation.
        Assert.Equal(1 + 3 + 1, content.Values);
        Assert.Equal([1, 4], Entries(content, 0));
        Assert.Equal([2, 4], Entries(content, 1));
        Assert.Equal([3], Entries(content, 2));
    }

    [Fact]
    public void Fit_ItemsThatNobodyBought_AreRankedForTheRightPeople()
    {
        // Every seventh item is new: its purchases before the cut are taken out of the data.
        var shop = SmallShop.Make();
        var cut = TimeSplit.Last(shop.Interactions, 28).Cut;
        var log = shop.Interactions.Where(entry => entry.Time >= cut || entry.Item % 7 != 0).ToArray();
        var split = TimeSplit.Last(log, 28);
        var options = new TrainingOptions { BatchSize = 256, Dimension = 32, ItemDropout = 0.1 };
        var (weights, _) = new Trainer(options, shop with { Interactions = log }, null, (_, _) => { }).Fit(split.Train, 5, CancellationToken.None);
        var numbers = shop.Items.Select(item => item.Features[0]).Distinct().Select((name, index) => (name, index)).ToDictionary(pair => pair.name, pair => pair.index);
        var ranker = new TowerRanker(weights, new Histories(split.Train, shop.Users.Count));
        var metrics = RankingMetrics.Evaluate(ranker, split.Held, [10]);
        var cold = new ColdStartEvaluator(split, shop.Users.Count, [.. shop.Items.Select(item => numbers[item.Features[0]])])
            .Measure(ranker, metrics, metrics);
        Assert.Equal(shop.Items.Count - split.Train.DistinctBy(entry => entry.Item).Count(), cold.Items);
        Assert.True(cold.AmongCold.ModelRecall.Low > cold.AmongCold.Chance, $"recall@20 {cold.AmongCold.ModelRecall}, by chance {cold.AmongCold.Chance}");
    }

    private static IEnumerable<long> Entries(ItemContent content, int item) =>
        Enumerable.Range(0, content.Ids.GetLength(1)).Where(slot => content.Weights[item, slot] > 0).Select(slot => content.Ids[item, slot]);
}
