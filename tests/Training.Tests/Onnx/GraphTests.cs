using CsCheck;
using Google.Protobuf;
using Reco.Bundle;
using Reco.Training.Compression;
using Reco.Training.Data;
using Reco.Training.Model;
using Reco.Training.Onnx;
using Reco.Training.Ranking;

namespace Reco.Training.Tests.Onnx;

/// <summary>Every exported graph, run in ONNX Runtime, computes what the model computes.</summary>
[Collection(TrainsCollection.Name)]
public sealed class GraphTests
{
    private static readonly TwoTowerShape Shape = new(Users: 9, Items: 40, FeatureValues: 5, History: 6, Dimension: 16);

    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(12, true)]
    public void UserTower_InOnnxRuntime_EqualsTorchSharpAndTheArrays(int units, bool grouped)
    {
        var segments = new UserSegments([0, 1, 2, 0, 1, 2, 0, 1, 2, 0], 2, [.. Enumerable.Repeat(true, 9)]);
        var model = new TwoTowerModel(Shape, Content(), [.. Enumerable.Range(0, 40).Select(item => item % 5 == 0 ? 0f : 1f)], 0, grouped ? segments : null, units);
        foreach (var parameter in model.parameters())
        {
            using var off = TorchSharp.torch.no_grad();
            parameter.add_(TorchSharp.torch.randn(parameter.shape, generator: new TorchSharp.torch.Generator(3)).mul(0.3));
        }

        long[] users = [0, 4];
        long[] history = [3, 40, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        var weights = model.Export();
        Assert.Equal(units, weights.Top?.Units ?? 0);
        using var tower = new OnnxTower(UserTowerGraph.Build(weights, quantised: false).ToByteArray(), Shape);
        var embedded = tower.Embed(users, history);
        var learned = model.Users(model.Items().Coordinates, TorchSharp.torch.tensor(users), TorchSharp.torch.tensor(history, [2, 6])).data<float>().ToArray();
        var row = new float[16];
        for (var user = 0; user < 2; user++)
        {
            UserTower.Embed(weights, (int)users[user], history.AsSpan(user * 6, 6), row);
            for (var c = 0; c < 16; c++)
            {
                Assert.Equal(row[c], embedded[(user * 16) + c], 4);
                Assert.Equal(c == 15 ? 1 : learned[(user * 15) + c], embedded[(user * 16) + c], 4);
            }
        }
    }

    [Fact]
    public void Ranker_InOnnxRuntime_EqualsTheArraysOnAnyRequest()
    {
        var ranker = Ranker();
        using var exact = new OnnxRanker(RankerGraph.Build(ranker, compact: false).ToByteArray());
        using var compact = new OnnxRanker(RankerGraph.Build(ranker, compact: true).ToByteArray());
        Gen.Select(Gen.Long[1, 40].Array[0, 6], Gen.Int[0, 39].HashSet[1, 30], Gen.Int).Sample((recent, candidates, seed) =>
        {
            var random = new Random(seed);
            long[] history = [.. recent, .. new long[6 - recent.Length]];
            int[] items = [.. candidates];
            float[] scores = [.. items.Select(_ => random.NextSingle())];
            var expected = ranker.Score(history, items, scores);
            Assert.All(expected.Zip(exact.Score(history, items, scores)), pair => Assert.Equal(pair.First, pair.Second, 1e-3f));
            Assert.All(expected.Zip(compact.Score(history, items, scores)), pair => Assert.Equal(pair.First, pair.Second, 0.1f));
        }, iter: 200, threads: 1);
    }

    [Fact]
    public void Trees_InOnnxRuntime_EqualTheArraysOnAnyRequest()
    {
        var features = Ranker().Features;

        var random = new Random(12);
        var (roots, feature, value, left, right) = (new List<int>(), new List<int>(), new List<float>(), new List<int>(), new List<int>());
        int Node(int depth)
        {
            var place = feature.Count;
            var leaf = depth == 0 || random.Next(4) == 0;
            feature.Add(leaf ? -1 : random.Next(1, features.Count));
            value.Add(random.NextSingle() - (leaf ? 0.5f : 0));
            left.Add(place);
            right.Add(place);
            if (!leaf)
            {
                (left[place], right[place]) = (Node(depth - 1), Node(depth - 1));
            }

            return place;
        }

        for (var tree = 0; tree < 20; tree++)
        {
            roots.Add(feature.Count);
            Node(depth: 4);
        }

        var ranker = new RankerWeights(features, new TreeHead([.. roots], [.. feature], [.. value], [.. left], [.. right]));
        using var onnx = new OnnxRanker(RankerGraph.Build(ranker, compact: false).ToByteArray());
        var (compared, different) = (0, 0);
        Gen.Select(Gen.Long[1, 40].Array[0, 6], Gen.Int[0, 39].HashSet[1, 30]).Sample((recent, candidates) =>
        {
            long[] history = [.. recent, .. new long[6 - recent.Length]];
            int[] items = [.. candidates];
            float[] scores = [.. items.Select(item => item / 40f)];
            var pairs = ranker.Score(history, items, scores).Zip(onnx.Score(history, items, scores)).ToArray();
            compared += pairs.Length;
            different += pairs.Count(pair => Math.Abs(pair.First - pair.Second) > 1e-4f);
        }, iter: 200, threads: 1);
        Assert.True(different <= compared * VariantBuilder.TreeTolerance, $"{different} of {compared} candidates differ");
    }

    [Theory]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(20)]
    public void Score_Int8Matrix_IsTheDotProductOfItsRows(int dimension)
    {
        var random = new Random(dimension);
        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
        var matrix = ItemMatrix.Quantise(Values(50 * dimension), 50, dimension);
        var user = Values(dimension);
        var (scores, row) = (new float[50], new float[dimension]);
        MatrixScorer.Score(matrix, user, scores);
        for (var item = 0; item < 50; item++)
        {
            matrix.CopyRow(item, row);
            Assert.Equal(row.Zip(user, (left, right) => left * right).Sum(), scores[item], 1e-3f);
        }
    }

    private static ItemContent Content()
    {
        var (ids, weights) = (new long[40, 2], new float[40, 2]);
        for (var item = 0; item < 40; item++)
        {
            (ids[item, 0], ids[item, 1]) = (1 + (item % 2), 3 + (item % 2));
            (weights[item, 0], weights[item, 1]) = (1, item % 3 == 0 ? 0 : 0.5f);
        }

        return new ItemContent(ids, weights, Shape.FeatureValues);
    }

    private static RankerWeights Ranker()
    {
        var random = new Random(11);
        var categories = new long[40, 2];
        for (var item = 0; item < 40; item++)
        {
            (categories[item, 0], categories[item, 1]) = (random.Next(4), random.Next(3));
        }

        var log = Enumerable.Range(0, 300).Select(index => new Interaction(random.Next(9), random.Next(40), index * 3_600)).ToArray();
        var features = RankerFeatures.From(log, 9, categories, history: 6, days: 3);
        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
        return new RankerWeights(features, new NetworkHead(Values(features.Count * 8), Values(8), Values(8)));
    }
}
