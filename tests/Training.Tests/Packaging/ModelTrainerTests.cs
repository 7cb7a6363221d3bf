using System.Text.Json;
using Reco.Training.Data;
using Reco.Training.Distributed;
using Reco.Training.Model;
using Reco.Training.Packaging;
using Reco.Training.Ranking;

namespace Reco.Training.Tests.Packaging;

[Collection(TrainsCollection.Name)]
public sealed class ModelTrainerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Train_NewItemsFilledIn_MovesTheirVectorsAndNotTheRanker()
    {
        // Every third item is new in the validation period, every thirteenth after it.
        var shop = SmallShop.Make();
        var cut = TimeSplit.Last(shop.Interactions, 28).Cut;
        var log = shop.Interactions.Where(entry => entry.Item % 13 == 0 ? entry.Time >= cut : entry.Item % 3 != 0 || entry.Time >= cut - (28 * 86_400)).ToArray();
        var (plain, filled) = (Train(shop with { Interactions = log }, fill: false), Train(shop with { Interactions = log }, fill: true));
        Assert.NotEqual(Row(plain, 13), Row(filled, 13));
        Assert.Equal(Row(plain, 1), Row(filled, 1));
        Assert.Equal(JsonSerializer.Serialize(plain.Search.Choices), JsonSerializer.Serialize(filled.Search.Choices));
    }

    private static float[] Row(TrainedModel model, int item)
    {
        var shape = model.Towers.Shape;
        return model.Towers.ItemVectors().AsSpan(item * shape.Dimension, shape.Dimension).ToArray();
    }

    private TrainedModel Train(Shop shop, bool fill)
    {
        var split = TimeSplit.Last(shop.Interactions, 28);
        var options = new TrainingOptions { BatchSize = 256, Dimension = 16, Epochs = 2, Device = "cpu", Family = Family.Neural, Candidates = 40, Ranker = RankerKind.Neural, FillNewItems = fill };
        using var workers = Workers.Connect("single", CancellationToken.None);
        return new ModelTrainer(options, shop, Path.Combine(folder.Path, $"{fill}"), ProgressPrinter.Silent, workers).Train(split, TimeSplit.Last(split.Train, 28), CancellationToken.None);
    }
}
