using Google.Protobuf;
using Reco.Bundle;
using Reco.Training.Data;
using Reco.Training.Evaluation;
using Reco.Training.Onnx;
using Reco.Training.Search;

namespace Reco.Training.Tests.Search;

[Collection(TrainsCollection.Name)]
public sealed class SearchTests
{
    [Fact]
    public void Tokens_OneText_AreTheseNumbersForEver()
    {
        // A service makes tokens without the code that trained: the scheme may not drift under its name.
        Assert.Equal("words-trigrams-fnv1a/1", SearchTokens.Scheme);
        Assert.Equal(["rye", "cracker", "gl4ss"], SearchTokens.Words("Rye CRACKERS, gl4ss"));
        Assert.Equal(SearchTokens.Of("crackers", 1_024), SearchTokens.Of("Cracker!", 1_024));
        Assert.Equal(Expected("wtea", "t#te", "ttea", "tea#"), SearchTokens.Of("tea", 65_536));
    }

    [Fact]
    public void Write_LongText_IsCutAndPadded()
    {
        var tokens = new long[5];
        Assert.Equal(5, SearchTokens.Write("peppermint", 1_024, tokens));
        Assert.All(tokens, token => Assert.InRange(token, 1, 1_024));
        Assert.Equal(0, SearchTokens.Write(" ,;", 1_024, tokens));
        Assert.Equal(new long[5], tokens);
    }

    [Fact]
    public void Bm25_RareWord_CountsMoreThanACommonOne()
    {
        var scores = new float[4];
        new Bm25(["green tea", "green soap", "green apple", "mint"]).Score("green tea", scores);
        Assert.Equal([0], RankingMetrics.Top(scores, 1));
        Assert.True(scores[1] > 0 && scores[0] > 2 * scores[1]);
        Assert.Equal(0, scores[3]);
    }

    [Fact]
    public void KnownItem_ItemsWithAllWords_AreAllRelevant()
    {
        string[] texts = ["rye bread", "rye bread", "white bread"];
        var query = Assert.Single(Queries.KnownItem(texts, [0], 2, typos: false, seed: 1));
        Assert.Equal([0, 1], query.Relevant);
        Assert.DoesNotContain("rye", Assert.Single(Queries.KnownItem(["sourdough"], [0], 1, typos: true, seed: 1)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_DemoShop_FindsWhatIsMistypedBetterThanWordsDo()
    {
        var shop = DemoShop.Make(customers: 200);
        var split = TimeSplit.Last(shop.Interactions, 28);
        var result = SearchEvaluator.Run(shop, split, TimeSplit.Last(split.Train, 28), seed: 42, CancellationToken.None)!;
        var typed = result.Report.Sets["three words"];
        var mistyped = result.Report.Sets["three words, mistyped"];
        Assert.True(typed["query tower"].Ndcg10.Mean > 0.5, $"{typed["query tower"]}");
        Assert.True(mistyped["query tower"].Ndcg10.Mean > mistyped["BM25"].Ndcg10.Mean, $"{mistyped["query tower"]}, BM25 {mistyped["BM25"]}");

        // The exported model computes what was measured, an empty query included.
        using var tower = new OnnxQueryTower(QueryTowerGraph.Build(result.Weights).ToByteArray());
        tower.Check(result.Weights, [.. result.Queries, "", "sourdouhg"]);
        var broken = result.Weights with { Tokens = [.. result.Weights.Tokens.Select(value => -value)] };
        Assert.Throws<TrainingException>(() => tower.Check(broken, result.Queries));
    }

    [Fact]
    public void Run_CatalogueWithHardlyAText_HasNoSearch()
    {
        var shop = SmallShop.Make();
        var bare = shop with { Items = [.. shop.Items.Select(item => item with { Name = "Item", Features = ["", "", ""] })] };
        var split = TimeSplit.Last(shop.Interactions, 28);
        Assert.Null(SearchEvaluator.Run(bare, split, TimeSplit.Last(split.Train, 28), seed: 42, CancellationToken.None));
    }

    private static IEnumerable<long> Expected(params string[] tokens) => tokens.Select(token =>
    {
        var hash = 2_166_136_261u;
        foreach (var value in System.Text.Encoding.UTF8.GetBytes(token))
        {
            hash = (hash ^ value) * 16_777_619u;
        }

        return 1L + (hash % 65_536);
    });
}
