using CsCheck;
using Reco.Scoring.Retrieval;

namespace Reco.Scoring.Tests.Retrieval;

/// <summary>Search by product quantisation, against exact search of the same rows.</summary>
public sealed class PqTests
{
    private const int Places = 20;

    // Fewer coordinates have too few codes to tell items apart; a service measures what is found, and stays exact.
    [Fact]
    public void Search_AnyShape_RanksByTheVectorsThemselvesAndFindsNearlyAll() => Gen.Select(Gen.Int[4, 40], Gen.Int[0, 1_000_000]).Sample(
        (dimension, seed) =>
        {
            const int Count = 9_000;
            var random = new Random(seed);
            var (index, exact) = Make(Count, dimension, random);
            var both = 0;
            for (var number = 0; number < 5; number++)
            {
                var query = Values(dimension, random);
                var (found, expected) = (new Hit[Places], new Hit[Places]);
                Assert.Equal(Places, index.Search(query, default, found));
                exact.Search(query, default, expected);
                Assert.All(found, hit => Assert.Equal(exact.Score(hit.Item, query), hit.Score));
                Assert.Equal(found.OrderByDescending(hit => hit.Score).ThenBy(hit => hit.Item), found);
                both += found.Intersect(expected).Count();
            }

            Assert.InRange(both / (5.0 * Places), 0.9, 1);
        },
        iter: 12, threads: 1);

    [Fact]
    public void Search_FilterAndWeights_HoldInsideTheScan() => Gen.Select(Gen.Double[0.05, 1], Gen.Int[0, 1_000_000]).Sample(
        (share, seed) =>
        {
            const int Count = 9_000;
            const int Dimension = 12;
            var random = new Random(seed);
            var (index, exact) = Make(Count, Dimension, random);
            int[] excluded = [.. Enumerable.Range(0, Count).Where(_ => random.Next(5) == 0)];
            var allowed = new ulong[(Count + 63) / 64];
            foreach (var item in Enumerable.Range(0, Count).Where(_ => random.NextDouble() < share))
            {
                allowed[item / 64] |= 1UL << (item % 64);
            }

            var filter = new ItemFilter(excluded, allowed);
            var weights = Values(Count, random).Select(Math.Abs).ToArray();
            var query = Values(Dimension, random);
            var (found, expected) = (new Hit[Places], new Hit[Places]);
            var count = index.Search(query, filter, found, weights);
            Assert.Equal(exact.Search(query, filter, expected, weights), count);
            Assert.All(found[..count], hit => Assert.True(filter.Passes(hit.Item)));
            Assert.All(found[..count], hit => Assert.Equal(exact.Score(hit.Item, query) * weights[hit.Item], hit.Score));
            Assert.InRange(found[..count].Intersect(expected[..count]).Count(), 0.9 * count, count);
        },
        iter: 12, threads: 1);

    [Fact]
    public void Search_MorePlacesThanTheShortListMayHold_IsExact()
    {
        var (index, exact) = Make(4_000, 8, new Random(3));
        var (found, expected) = (new Hit[1_000], new Hit[1_000]);
        var query = Values(8, new Random(4));
        Assert.Equal(exact.Search(query, default, expected), index.Search(query, default, found));
        Assert.Equal(expected, found);
    }

    [Fact]
    public void Search_MoreEffort_FindsMore()
    {
        var random = new Random(7);
        var (index, exact) = Make(40_000, 48, random);
        float[][] queries = [.. Enumerable.Range(0, 10).Select(_ => Values(48, random))];
        index.Effort = 20;
        var little = Recall();
        index.Effort = 800;
        var much = Recall();
        Assert.InRange(little, 0.2, 0.9);
        Assert.InRange(much, Math.Max(0.98, little), 1);

        double Recall()
        {
            var (found, expected) = (new Hit[Places], new Hit[Places]);
            return queries.Average(query =>
            {
                index.Search(query, default, found);
                exact.Search(query, default, expected);
                return found.Intersect(expected).Count() / (double)Places;
            });
        }
    }

    private static (PqIndex<FloatRows> Index, ExactRowIndex<FloatRows> Exact) Make(int count, int dimension, Random random)
    {
        var rows = new FloatRows(Values(count * dimension, random), count, dimension);
        return (new PqIndex<FloatRows>(rows, PqCodes.Make(rows, 1, CancellationToken.None)) { Effort = 400 }, new ExactRowIndex<FloatRows>(rows));
    }

    private static float[] Values(int count, Random random)
    {
        var values = new float[count];
        foreach (ref var value in values.AsSpan())
        {
            value = (random.NextSingle() * 2) - 1;
        }

        return values;
    }
}
