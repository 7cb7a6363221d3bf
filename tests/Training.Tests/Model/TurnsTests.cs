using Reco.Training.Data;
using Reco.Training.Model;
using Reco.Training.Model.Direct;

namespace Reco.Training.Tests.Model;

[Collection(TrainsCollection.Name)]
public sealed class TurnsTests
{
    private static readonly Shop Shop = SmallShop.Make();

    [Fact]
    public void Of_LongLog_IsAPartOfAnEpochAndSaysSo()
    {
        Assert.Equal(1, Turns.Of(0).Parts);
        Assert.Equal(1, Turns.Of(Turns.MostInteractions).Parts);
        var turns = Turns.Of((long)Turns.MostInteractions * 3);
        Assert.Equal(3, turns.Parts);
        Assert.Equal("1.33", turns.InEpochs(4));
        Assert.Equal("4", Turns.Whole.InEpochs(4));
        Assert.Equal([1, 1, 1, 2], Enumerable.Range(1, 4).Select(turns.Epoch));
    }

    [Fact]
    public void Turn_EpochInParts_SeesEveryPurchaseOnceInTheOrderOfTheWhole()
    {
        var whole = Bought(Turns.Whole, 1).ToArray();
        var parts = new Turns(3);
        Assert.Equal(whole, Enumerable.Range(1, 3).SelectMany(turn => Bought(parts, turn)));
        Assert.Equal(Bought(Turns.Whole, 2), Enumerable.Range(4, 3).SelectMany(turn => Bought(parts, turn)));
    }

    [Fact]
    public void Shuffle_EpochInParts_SeesEveryPurchaseOnceInTheOrderOfTheWhole()
    {
        var whole = Items(Turns.Whole, 1).ToArray();
        var parts = new Turns(3);
        Assert.Equal(whole, Enumerable.Range(1, 3).SelectMany(turn => Items(parts, turn)));
    }

    private static IEnumerable<int> Bought(Turns turns, int turn)
    {
        var content = new ContentRows(ItemContent.From(Shop.Items, FeatureTable.From(Shop.Items, Shop.FeatureNames.Count)));
        var log = Shop.Interactions;
        using var batches = new StepBatches(log, log.Histories(Shop.Users.Count), content, new float[Shop.Items.Count], new TrainingOptions { BatchSize = 200 }, turns);
        return [.. batches.Turn(turn).SelectMany(batch => Enumerable.Range(0, batch.Count).Select(row => batch.Items.Rows[batch.Candidates[batch.Bought[row]]]))];
    }

    private static IEnumerable<long> Items(Turns turns, int turn)
    {
        var log = Shop.Interactions;
        using var batches = new BatchMaker(log, log.Histories(Shop.Users.Count), new TrainingOptions { BatchSize = 200 }, TorchSharp.torch.CPU, turns: turns);
        batches.Shuffle(turn);
        var items = new List<long>();
        while (batches.Next() is { } batch)
        {
            items.AddRange(batch.Items.data<long>().ToArray());
        }

        return items;
    }
}
