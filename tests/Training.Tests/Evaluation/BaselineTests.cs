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
        double Ndcg(string baseline) => RankingMetrics.Evaluate(Baselines.Make(baseline, Split, Validation, Shop.Users.Count, Shop.Items.Count).Ranker, Split.Held, [10]).Of("ndcg@10").Average();
        Assert.True(Ndcg(name) > Ndcg("popularity") * 1.1);
    }

    [Fact]
    public void Make_UnknownName_SaysWhichThereAre() =>
        Assert.Contains("ease", Assert.Throws<TrainingException>(() => Baselines.Make("nothing", Split, Validation, 1, 1)).Message, StringComparison.Ordinal);
}
