using CsCheck;
using Reco.Scoring.Retrieval;

namespace Reco.Scoring.Tests.Retrieval;

public sealed class SearchTests
{
    private static readonly Gen<(int Count, int Dimension, int K, int Seed)> Cases = Gen.Select(Gen.Int[1, 700], Gen.Int[1, 70], Gen.Int[1, 120], Gen.Int[0, 1_000_000]);

    [Fact]
    public void TopK_AnyScoresInAnyOrder_KeepsTheBestWithLowerItemsFirstOnTies() => Gen.Select(Gen.Int[0, 60].Array[1, 2_000], Gen.Int[1, 300]).Sample((values, k) =>
    {
        var scores = Array.ConvertAll(values, value => (value - 30) / 4f);
        var expected = scores.Select((score, item) => new Hit(item, score)).OrderByDescending(hit => hit.Score).ThenBy(hit => hit.Item).Take(k).ToArray();
        var hits = new Hit[k];
        var best = new TopK(k);
        best.AddRange(0, scores, default);
        Assert.Equal(expected, hits[..best.Finish(hits)]);
    });

    [Theory]
    [InlineData("fp32", 1e-4)]
    [InlineData("fp16", 2e-2)]
    [InlineData("int8", 1e-1)]
    public void Search_AnyMatrix_FindsWhatFullSortingFinds(string kind, double tolerance) => Cases.Sample((count, dimension, k, seed) =>
    {
        var (vectors, query) = Make(count, dimension, seed);
        var index = Index(kind, vectors, count, dimension);
        var hits = new Hit[k];
        var found = hits[..index.Search(query, default, hits)];
        AssertBest(index, query, Enumerable.Range(0, count), k, null, found);
        var exact = Enumerable.Range(0, dimension).Sum(c => (double)vectors[(found[0].Item * dimension) + c] * query[c]);
        Assert.Equal(exact, found[0].Score, tolerance * Math.Sqrt(dimension));
    });

    [Theory]
    [InlineData("fp32")]
    [InlineData("fp16")]
    [InlineData("int8")]
    public void Search_FilterAndWeights_FindsKOfThoseThatPass(string kind) => Cases.Sample((count, dimension, k, seed) =>
    {
        var (vectors, query) = Make(count, dimension, seed);
        var random = new Random(seed);
        var excluded = Enumerable.Range(0, count).Where(_ => random.Next(4) == 0).ToArray();
        var share = random.Next(3) switch { 0 => 2, 1 => 100, _ => 1 };
        var allowed = new ulong[(count + 63) / 64];
        for (var item = 0; item < count; item++)
        {
            allowed[item / 64] |= random.Next(share) == 0 ? 1UL << (item % 64) : 0;
        }

        var weights = Enumerable.Range(0, count).Select(_ => (float)random.NextDouble()).ToArray();
        var index = Index(kind, vectors, count, dimension);
        var hits = new Hit[k];
        var found = hits[..index.Search(query, new ItemFilter(excluded, allowed), hits, weights)];
        AssertBest(index, query, Enumerable.Range(0, count).Where(item => !excluded.Contains(item) && (allowed[item / 64] & (1UL << (item % 64))) != 0), k, weights, found);
    });

    [Theory]
    [InlineData("fp32")]
    [InlineData("fp16")]
    [InlineData("int8")]
    public void Search_ManyItems_SplitsBetweenThreadsAndFindsTheSame(string kind)
    {
        var (vectors, query) = Make(150_001, 32, 7);
        var index = Index(kind, vectors, 150_001, 32);
        Assert.True(index.Bytes > 1 << 22);
        var hits = new Hit[50];
        var found = hits[..index.Search(query, new ItemFilter([3, 70_000]), hits)];
        AssertBest(index, query, Enumerable.Range(0, 150_001).Where(item => item is not (3 or 70_000)), 50, null, found);
    }

    [Theory]
    [InlineData("fp32", 0)]
    [InlineData("fp16", 1e-3)]
    [InlineData("int8", 1e-2)]
    public void CopyVector_AnyMatrix_GivesTheRow(string kind, double tolerance) => Cases.Sample((count, dimension, _, seed) =>
    {
        var (vectors, _) = Make(count, dimension, seed);
        var row = new float[dimension];
        Index(kind, vectors, count, dimension).CopyVector(count - 1, row);
        Assert.All(vectors[^dimension..].Zip(row), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, tolerance));
    });

    private static IItemIndex Index(string kind, float[] vectors, int count, int dimension)
    {
        var quantised = Reco.Bundle.ItemMatrix.Quantise(vectors, count, dimension);
        return kind switch
        {
            "fp16" => new ExactFp16Index(vectors, count, dimension),
            "int8" => new ExactInt8Index(quantised.Quantised!, quantised.Scales!, count, dimension),
            _ => new ExactFp32Index(vectors, count, dimension),
        };
    }

    /// <summary>The scores are those of the index itself, one by one; which items they are must follow from full sorting. Scores
    /// that rounding may swap (the last digit differs between a scan and a single score) may stand in either order.</summary>
    private static void AssertBest(IItemIndex index, float[] query, IEnumerable<int> items, int k, float[]? weights, Hit[] found)
    {
        var expected = items.Select(item => new Hit(item, index.Score(item, query) * (weights?[item] ?? 1))).OrderByDescending(hit => hit.Score).ThenBy(hit => hit.Item).Take(k).ToArray();
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First.Score, pair.Second.Score, 1e-5));
        Assert.Equal(found.Length, found.Select(hit => hit.Item).Distinct().Count());
        Assert.All(found, hit => Assert.Equal(index.Score(hit.Item, query) * (weights?[hit.Item] ?? 1), hit.Score, 1e-5));
    }

    private static (float[] Vectors, float[] Query) Make(int count, int dimension, int seed)
    {
        var random = new Random(seed);
        float[] Values(int length) => [.. Enumerable.Range(0, length).Select(_ => (float)((random.NextDouble() * 2) - 1))];
        return (Values(count * dimension), Values(dimension));
    }
}
