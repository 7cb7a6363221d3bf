using CsCheck;
using Reco.Training.Compression;
using Reco.Training.Data;
using Reco.Training.Model;

namespace Reco.Training.Tests.Compression;

[Collection(TrainsCollection.Name)]
public sealed class PruningTests
{
    [Fact]
    public void Prune_TrainedOn_KeepsTheSmallestWeightsAtZeroAndMovesTheOthers()
    {
        var shop = SmallShop.Make();
        var train = TimeSplit.Last(shop.Interactions, 28).Train[..2_000];
        var trainer = new Trainer(new TrainingOptions { BatchSize = 256, Dimension = 16, MlpUnits = 8, Device = "cpu" }, shop, null, (_, _) => { });
        var weights = trainer.Fit(train, 1, CancellationToken.None).Weights;
        var pruned = trainer.Prune(weights, train, 0.6, 1, CancellationToken.None);
        foreach (var (before, after) in new[] { (weights.Items, pruned.Items), (weights.Users, pruned.Users) })
        {
            Assert.Equal(0.6, after.Count(value => value == 0) / (double)after.Length, 2);
            var gone = before.Zip(after).Where(pair => pair.Second == 0).Max(pair => Math.Abs(pair.First));
            Assert.All(before.Zip(after).Where(pair => pair.Second != 0), pair => Assert.True(Math.Abs(pair.First) >= gone));
            Assert.Contains(before.Zip(after), pair => pair.Second != 0 && pair.First != pair.Second);
        }
    }

    [Fact]
    public void Prune_NothingAndNoEpoch_IsTheModelItself()
    {
        var shop = SmallShop.Make();
        var train = TimeSplit.Last(shop.Interactions, 28).Train[..500];
        var trainer = new Trainer(new TrainingOptions { BatchSize = 256, Dimension = 16, MlpUnits = 8, Device = "cpu" }, shop, null, (_, _) => { });
        var weights = trainer.Fit(train, 1, CancellationToken.None).Weights;
        var same = trainer.Prune(weights, train, 0, 0, CancellationToken.None);
        Assert.True(weights.IsNeural);
        Assert.Equal(weights.ItemVectors(), same.ItemVectors());
        Assert.Equal(weights.Users, same.Users);
        Assert.Equal(weights.History, same.History);
        Assert.Equal(weights.Recency, same.Recency);
        Assert.Equal(weights.Top!.Output, same.Top!.Output);
    }

    [Fact]
    public void Pack_AnyTable_UnpacksToItselfAndTakesABitAndItsValues() => Gen.Int[-2, 2].Select(value => (sbyte)value).Array[0, 70].Sample(values =>
    {
        var packed = SparseTable.Pack(values);
        Assert.Equal(((values.Length + 7) / 8) + values.Count(value => value != 0), packed.Length);
        Assert.Equal(values, SparseTable.Unpack(packed, values.Length));
    }, iter: 300);

    [Fact]
    public void Of_PrunedTowers_CountsWhatPackingSaves()
    {
        var random = new Random(4);
        float[] Values(int count, bool half) => [.. Enumerable.Range(0, count).Select(place => half && place % 2 == 0 ? 0 : 0.5f + random.NextSingle())];
        TowerWeights Weights(bool half) => new()
        {
            Shape = new TwoTowerShape(20, 200, 1, 4, 17),
            Items = Values(200 * 16, half),
            ItemBias = Values(200, false),
            Users = Values(21 * 16, half),
            History = Values(16 * 16, false),
            Recency = Values(4, false),
        };
        var (full, half) = (PrunedTables.Of(Weights(false)), PrunedTables.Of(Weights(true)));
        Assert.Equal(0, full.Zeros);
        Assert.Equal(0.5, half.Zeros, 2);
        Assert.Equal(full.Dense, half.Dense);

        // A bitmap costs an eighth, zeros are a half: what is dense already grows, what is sparse shrinks.
        Assert.True(full.Packed > full.Dense);
        Assert.True(half.Packed < half.Dense);
    }
}
