using Reco.Training.Compression;
using Reco.Training.Evaluation;

namespace Reco.Training.Tests.Compression;

public sealed class ProductQuantiserTests
{
    [Fact]
    public void Score_FewerItemsThanCentroids_IsExactButForTheBias()
    {
        var vectors = Values(100, 17, 1);
        var items = new ProductQuantiser(vectors, 100, 17, 4, seed: 1);
        var (user, scores) = (Values(1, 17, 2), new float[100]);
        items.Score(user, scores);
        for (var item = 0; item < 100; item++)
        {
            Assert.Equal(Dot(user, vectors.AsSpan(item * 17, 17)), scores[item], 1e-3f);
        }
    }

    [Fact]
    public void Score_MoreParts_AreLargerAndFindMoreOfTheExactList()
    {
        var vectors = Values(2_000, 17, 3);
        var (coarse, fine) = (new ProductQuantiser(vectors, 2_000, 17, 2, seed: 1), new ProductQuantiser(vectors, 2_000, 17, 8, seed: 1));
        Assert.Equal((2_000 * (2 + 2)) + (4 * 16 * 256), coarse.Bytes);
        Assert.Equal((2_000 * (8 + 2)) + (4 * 16 * 256), fine.Bytes);
        var exact = new ListAgreement(new Ranker(2_000, (user, scores) => Exact(vectors, user, scores)), [1, 2, 3, 4]);
        double Of(ProductQuantiser items) => exact.Of(new Ranker(2_000, (user, scores) => items.Score(Values(1, 17, 100 + user), scores)));
        Assert.InRange(Of(coarse), 0.2, Of(fine));
        Assert.InRange(Of(fine), 0.7, 1);
        Assert.Equal(1, exact.Of(new Ranker(2_000, (user, scores) => Exact(vectors, user, scores))));
    }

    private static void Exact(float[] vectors, int user, Span<float> scores)
    {
        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = Dot(Values(1, 17, 100 + user), vectors.AsSpan(item * 17, 17));
        }
    }

    private static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right) => System.Numerics.Tensors.TensorPrimitives.Dot(left, right);

    private static float[] Values(int rows, int columns, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows * columns).Select(_ => random.NextSingle() - 0.5f)];
    }

    private delegate void Scorer(int user, Span<float> scores);

    private sealed class Ranker(int items, Scorer score) : IRanker
    {
        public string Name => "test";

        public int Items => items;

        public void Score(int user, Span<float> scores) => score(user, scores);
    }
}
