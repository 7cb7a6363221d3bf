using Reco.Training.Data;
using Reco.Training.Evaluation;

namespace Reco.Training.Tests.Evaluation;

/// <summary>On the seeded small shop, whose customers have tastes and buy again.</summary>
[Collection(TrainsCollection.Name)]
public sealed class BaselineTests
{
    private static readonly Shop Shop = SmallShop.Make();
    private static readonly TimeSplit Split = TimeSplit.Last(Shop.Interactions, 28);
    private static readonly TimeSplit Validation = TimeSplit.Last(Split.Train, 28);

    [Theory]
    [InlineData("personal")]
    [InlineData("item-knn")]
    [InlineData("ease")]
    [InlineData("ials")]
    [InlineData("bpr")]
    public void Make_EachBaseline_BeatsPopularity(string name)
    {
        double Ndcg(string baseline) => RankingMetrics.Evaluate(Baselines.Make(baseline, Split, Validation, Shop.Users.Count, Shop.Items.Count, CancellationToken.None).Ranker, Split.Held, [10]).Of("ndcg@10").Average();
        Assert.True(Ndcg(name) > Ndcg("popularity") * 1.1);
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(3, 10)]
    [InlineData(100, 10)]
    public void Of_EachItem_IsWhatTheFormulaSaysNearestFirst(int size, float shrink)
    {
        // Most items have few common buyers, so that both ways to collect them are gone.
        InteractionLog log = Enumerable.Range(0, 400).Select(place => new Interaction(place * 7 % 31, (int)Math.Sqrt(place * 37 % 3_001), place)).ToArray();
        const int Items = 60;
        var near = new ItemNeighbours(new BoughtItems(log, 31, Items), new ItemKnnSettings(size, shrink));
        var buyers = Enumerable.Range(0, Items).Select(item => log.Where(entry => entry.Item == item).Select(entry => entry.User).ToHashSet()).ToArray();
        for (var item = 0; item < Items; item++)
        {
            var expected = Enumerable.Range(0, Items).Where(other => other != item && buyers[other].Overlaps(buyers[item]))
                .Select(other => (Item: other, Similarity: buyers[other].Intersect(buyers[item]).Count() / (MathF.Sqrt((float)buyers[item].Count * buyers[other].Count) + shrink)))
                .OrderByDescending(pair => pair.Similarity).ThenBy(pair => pair.Item).Take(size);
            Assert.Equal(expected, near.Of(item).ToArray());
        }
    }

    [Fact]
    public void Tune_Grid_FindsWhatTryingEachFinds()
    {
        double Ndcg(ItemKnnSettings settings) =>
            RankingMetrics.Evaluate(new ItemKnnRanker(Validation.Train, Shop.Users.Count, Shop.Items.Count, settings), Validation.Held, [10]).Of("ndcg@10").Average();
        var best = new[] { 20, 100, 400 }.SelectMany(size => new[] { 0f, 10f, 50f }.Select(shrink => new ItemKnnSettings(size, shrink))).MaxBy(Ndcg);
        Assert.Equal(best, ItemKnnRanker.Tune(Validation.Train, Validation.Held, Shop.Users.Count, Shop.Items.Count, CancellationToken.None));
    }

    [Fact]
    public void Refusal_EaseOfAShopWithBothSidesLarge_SaysWhy()
    {
        Assert.Contains("50000", Baselines.Refusal("ease", 200_000, 50_000), StringComparison.Ordinal);
        Assert.Null(Baselines.Refusal("ease", 200_000, Baselines.MostInverted));
        Assert.Null(Baselines.Refusal("item-knn", 200_000, 50_000));
    }

    [Fact]
    public void Make_UnknownName_SaysWhichThereAre() =>
        Assert.Contains("ease", Assert.Throws<TrainingException>(() => Baselines.Make("nothing", Split, Validation, 1, 1, CancellationToken.None)).Message, StringComparison.Ordinal);
}
