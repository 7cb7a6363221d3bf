using Reco.Training.Compression;
using Reco.Training.Data;
using Reco.Training.Model;

namespace Reco.Training.Tests.Compression;

[Collection(TrainsCollection.Name)]
public sealed class VariantBuilderTests
{
    [Fact]
    public void Build_VectorsShorterThanTheParts_MeasuresEachVariantOnce()
    {
        var random = new Random(5);
        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
        var weights = new TowerWeights
        {
            Shape = new TwoTowerShape(Users: 9, Items: 40, FeatureValues: 5, History: 6, Dimension: 9),
            Items = Values(40 * 8),
            ItemBias = Values(40),
            Users = Values(10 * 8),
            History = Values(8 * 8),
            Recency = Values(6),
        };
        InteractionLog log = Enumerable.Range(0, 200).Select(index => new Interaction(random.Next(9), random.Next(40), index)).ToArray();
        var held = Enumerable.Range(0, 9).ToDictionary(user => user, user => new[] { user });
        var built = VariantBuilder.Build(weights, null, null, 0, log.Histories(9), held, seed: 1, CancellationToken.None);
        Assert.Equal("int8-pq8", Assert.Single(built.Measured).Name);
        Assert.Equal(4, built.Variants.Count);
    }
}
