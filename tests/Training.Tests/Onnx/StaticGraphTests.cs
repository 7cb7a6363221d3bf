using CsCheck;
using Google.Protobuf;
using Reco.Training.Compression;
using Reco.Training.Data;
using Reco.Training.Model;
using Reco.Training.Onnx;

namespace Reco.Training.Tests.Onnx;

/// <summary>The statically quantised tower, run in ONNX Runtime.</summary>
public sealed class StaticGraphTests
{
    private static readonly TwoTowerShape Shape = new(Users: 9, Items: 40, FeatureValues: 5, History: 6, Dimension: 17);

    [Fact]
    public void UserTower_StaticInt8_ComputesItsOwnRoundingAndStaysNearTheModel()
    {
        var weights = Weights();
        var random = new Random(7);
        var log = Enumerable.Range(0, 200).Select(index => new Interaction(random.Next(9), random.Next(40), index)).ToArray();
        var histories = new Histories(log, 9);
        var range = ActivationRange.OfPooledHistories(weights, histories, Enumerable.Range(0, 9));
        using var tower = new OnnxTower(StaticUserTowerGraph.Build(weights, range).ToByteArray(), Shape);
        var (exact, recent) = (new float[17], new long[6]);
        for (var user = 0; user < 9; user++)
        {
            histories.Write(user, long.MaxValue, recent);
            UserTower.Embed(weights, user + 1, recent, exact);
            var actual = tower.Embed([user + 1], recent);
            Assert.All(exact.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 0.03f));
            Assert.NotEqual(exact, actual);
            Assert.Equal(1, actual[^1]);
        }

        // Nothing is known: exactly the row of the unknown user, for zero is exact.
        UserTower.Embed(weights, 0, new long[6], exact);
        Assert.All(exact.Zip(tower.Embed([0], new long[6])), pair => Assert.Equal(pair.First, pair.Second, 0.01f));
    }

    [Fact]
    public void ActivationRange_AnyValues_ErrsByHalfAStepWithinIt() =>
        Gen.Float[-50, 50].Array[2, 60].Sample(values =>
        {
            var range = ActivationRange.Of([.. values.Order()]);
            Assert.Equal(0, range.Round(0));
            Assert.All(values.Where(value => value / range.Scale >= -range.ZeroPoint && value / range.Scale <= byte.MaxValue - range.ZeroPoint),
                value => Assert.InRange(Math.Abs(value - range.Round(value)), 0, (range.Scale * 0.5f) + 1e-4f));
        }, iter: 300);

    [Fact]
    public void ActivationRange_OneFarOutlier_IsCutOffForTheSakeOfTheRest()
    {
        float[] values = [.. Enumerable.Range(0, 1_000_000).Select(index => index / 1_000_000f), 2.5f];
        Assert.True(ActivationRange.Of(values).Scale < 1.1f / byte.MaxValue);
    }

    [Theory]
    [InlineData(ChannelMatrix.Full)]
    [InlineData(ChannelMatrix.Reduced)]
    public void ChannelMatrix_ColumnsOfVeryDifferentSize_KeepTheirOwnPrecision(int steps)
    {
        var random = new Random(3);
        float[] values = [.. Enumerable.Range(0, 60).Select(index => (random.NextSingle() - 0.5f) * MathF.Pow(10, index % 3))];
        var matrix = ChannelMatrix.Quantise(values, 3, steps);
        Assert.All(matrix.Values, value => Assert.InRange(value, -steps, steps));
        for (var index = 0; index < values.Length; index++)
        {
            Assert.Equal(values[index], matrix.Values[index] * matrix.Scales[index % 3], 0.51f * matrix.Scales[index % 3]);
        }
    }

    private static TowerWeights Weights()
    {
        var random = new Random(5);
        float[] Values(int count, float size) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * size)];
        return new TowerWeights
        {
            Shape = Shape,
            Items = Values(40 * 16, 1),
            ItemBias = Values(40, 1),
            Users = Values(10 * 16, 1),
            History = Values(16 * 16, 1),
            Recency = Values(6, 1),
        };
    }
}
