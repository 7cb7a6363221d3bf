using Reco.Training.Data;
using Reco.Training.Data.Storage;
using Reco.Training.Model;

namespace Reco.Training.Tests.Model;

[Collection(TrainsCollection.Name)]
public sealed class TowerSearchTests
{
    [Fact]
    public void Choose_FilmsOfSharpTastes_TakesTheBetterFamilyAndFitsItAgain()
    {
        // Tastes that differ, each film once, and too little of it for gradient descent of two epochs.
        const int Users = 150, Items = 120;
        var random = new Random(11);
        var log = (from user in Enumerable.Range(0, Users) from item in Enumerable.Range(0, Items) where random.NextDouble() < (user % 4 == item % 4 ? 0.4 : 0.02) select new Interaction(user, item, random.Next(1_000)))
            .OrderBy(entry => entry.Time).ToArray();
        var shop = new Shop
        {
            Name = "films",
            Hash = "",
            Users = new string[Users],
            Items = [.. Enumerable.Range(0, Items).Select(item => new Item($"{item}", $"film {item}", []))],
            FeatureNames = [],
            Interactions = log,
            Findings = [],
        };
        var split = StratifiedSplit.Make(log, 0.75, 1);
        var shape = new TwoTowerShape(Users, Items, 0, 60, 16);
        var said = new List<string>();
        TowerChoice Choose(Family family, int epochs, out TowerSearch search)
        {
            var options = new TrainingOptions { Family = family, Epochs = epochs, Dimension = shape.Dimension, History = shape.History, Device = "cpu" };
            search = new TowerSearch(options, shape, new Trainer(options, shop, null, (_, _) => { }), said.Add);
            return search.Choose(split.Train, split.Held, hideSeen: true, CancellationToken.None);
        }

        var (neural, linear) = (Choose(Family.Neural, 2, out _), Choose(Family.Linear, 2, out _));
        Assert.True(linear.Ndcg > neural.Ndcg, $"{linear.Ndcg} against {neural.Ndcg}");
        var chosen = Choose(Family.Auto, 2, out var search);
        Assert.Equal(Family.Linear, chosen.Family);
        Assert.Equal(linear.Ndcg, chosen.Ndcg);
        Assert.Contains("neural towers", Assert.Single(said), StringComparison.Ordinal);
        Assert.False(search.Fit(chosen, split.Train, CancellationToken.None).IsNeural);
    }

    [Fact]
    public void IsCheap_OneSideSmallOrFewPurchases_IsTrue()
    {
        InteractionLog Log(int length) => new Interaction[length];
        Assert.True(LinearTowers.IsCheap(new TwoTowerShape(2_500, 1_000_000, 0, 10, 64), Log(LinearTowers.MostSolved + 1)));
        Assert.True(LinearTowers.IsCheap(new TwoTowerShape(50_000, 20_000, 0, 10, 64), Log(LinearTowers.MostSolved)));
        Assert.False(LinearTowers.IsCheap(new TwoTowerShape(50_000, 20_000, 0, 10, 64), Log(LinearTowers.MostSolved + 1)));
        Assert.False(LinearTowers.IsCheap(new TwoTowerShape(LinearTowers.MostRows, 20_000, 0, 10, 64), Log(10)));

        // What is kept in files is not read into memory unasked.
        using var storage = new EventStorage(9, Path.GetTempPath());
        Assert.False(LinearTowers.IsCheap(new TwoTowerShape(20, 30, 0, 10, 64), new InteractionLog(new Interaction[10], storage)));
    }
}
