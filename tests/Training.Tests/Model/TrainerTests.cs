using Reco.Training.Data;
using Reco.Training.Model;
using static TorchSharp.torch;

namespace Reco.Training.Tests.Model;

[Collection(TrainsCollection.Name)]
public sealed class TrainerTests
{
    [Fact]
    public void Draw_HalfByPopularity_ComesAsOftenAsExpectedSays()
    {
        float[] counts = [1_000, 100, 10, 1, 0, 0, 0, 0];
        using var sampler = new NegativeSampler(counts, negatives: 64, popularShare: 0.5, CPU);
        using var scope = NewDisposeScope();
        manual_seed(3);
        var drawn = new double[8];
        for (var round = 0; round < 400; round++)
        {
            foreach (var item in sampler.Draw().data<long>())
            {
                drawn[item]++;
            }
        }

        var expected = sampler.Expected(arange(8, dtype: int64), positives: 0).data<float>().ToArray();
        Assert.Equal(64, expected.Sum(), 1e-3f);
        Assert.All(drawn.Zip(expected), pair => Assert.InRange(pair.First / 400, (pair.Second * 0.85) - 0.1, (pair.Second * 1.15) + 0.1));

        // A batch of positives adds their share of the purchases.
        Assert.Equal(expected[0] + (32 * 1_000 / 1_111f), sampler.Expected(tensor(new long[] { 0 }), positives: 32).item<float>(), 1e-3f);
    }

    [Theory]
    [InlineData(0, 1, "fp32", 0, 0, false)]
    [InlineData(0.5, 1, "fp32", 0, 0, false)]
    [InlineData(0, 2, "fp32", 0, 0, false)]
    [InlineData(0, 1, "bf16", 0, 0, false)]
    [InlineData(0, 1, "fp32", 0.5, 0, false)]
    [InlineData(0, 1, "fp32", 0, 32, true)]
    public void Fit_EachWayOfTraining_Learns(double popular, int accumulate, string precision, double hard, int units, bool groups)
    {
        var shop = SmallShop.Make();
        var train = TimeSplit.Last(shop.Interactions, 28).Train;
        var options = new TrainingOptions { BatchSize = 128, Negatives = 64, Dimension = 16, PopularNegatives = popular, Accumulate = accumulate, Precision = precision, Device = "cpu", HardNegatives = hard, MlpUnits = units, GroupFeature = groups };
        var curve = new Trainer(options, shop, null, (_, _) => { }).Fit(train, 2, CancellationToken.None).Curve;
        Assert.True(curve[1].Loss < curve[0].Loss - 0.05, $"{curve[0].Loss} to {curve[1].Loss}");
    }

    [Fact]
    public void Draw_ByTheModelsScores_ComesAsOftenAsExpectedSays()
    {
        // Two users, each with a favourite.
        const int Items = 40, Count = 32;
        using var scope = NewDisposeScope();
        manual_seed(3);
        var scores = zeros(2, Items);
        scores[0, 0] = 4;
        scores[1, 1] = 3;
        var hard = new HardNegatives(Items, Count);
        var (drawn, expected) = (new double[Items], new double[Items]);
        for (var round = 0; round < 400; round++)
        {
            using var inner = NewDisposeScope();
            var draw = hard.Draw(pool => scores.index_select(1, pool), CPU);
            Assert.Equal(Count, draw.Items.shape[0]);
            foreach (var item in draw.Items.data<long>())
            {
                drawn[item] += 1 / 400.0;
            }

            foreach (var (value, item) in hard.Expected(scores, draw).data<float>().Select((value, item) => (value, item)))
            {
                expected[item] += value / 400.0;
            }
        }

        Assert.True(drawn[0] > 5 * drawn[5], $"{drawn[0]} against {drawn[5]}");
        Assert.All(drawn.Zip(expected), pair => Assert.InRange(pair.First, (pair.Second * 0.8) - 0.1, (pair.Second * 1.2) + 0.1));
    }

    [Fact]
    public void Fit_GradientsOfSmallBatchesAddedUp_StepLessOften()
    {
        var shop = SmallShop.Make();
        var train = TimeSplit.Last(shop.Interactions, 28).Train[..512];
        float[] Bias(int accumulate) => new Trainer(new TrainingOptions { BatchSize = 128, Negatives = 64, Dimension = 16, Accumulate = accumulate, Device = "cpu" }, shop, null, (_, _) => { })
            .Fit(train, 1, CancellationToken.None).Weights.ItemBias;

        // Adam moves a weight by its rate at most in the first step: one step for four batches moves it by no more, four steps do.
        Assert.True(Bias(4).Max(Math.Abs) <= 0.04f);
        Assert.True(Bias(1).Max(Math.Abs) > Bias(4).Max(Math.Abs));
    }

    [Fact]
    public void Choose_CudaThatIsNotThere_SaysWhatToDo()
    {
        Assert.Equal(TorchSharp.DeviceType.CPU, TrainingDevice.Choose("cpu").type);
        if (cuda.is_available())
        {
            Assert.Equal(TorchSharp.DeviceType.CUDA, TrainingDevice.Choose("auto").type);
            return;
        }

        Assert.Equal(TorchSharp.DeviceType.CPU, TrainingDevice.Choose("auto").type);
        Assert.Contains("--device=auto", Assert.Throws<TrainingException>(() => TrainingDevice.Choose("cuda")).Message, StringComparison.Ordinal);
    }
}
