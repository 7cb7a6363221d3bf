using CsCheck;
using Reco.Bundle;
using Reco.Scoring.Retrieval;

namespace Reco.Scoring.Tests.Retrieval;

/// <summary>Approximate search: what it finds is measured against exact search of the same rows.</summary>
public sealed class GraphTests(GraphTests.Graphs graphs) : IClassFixture<GraphTests.Graphs>
{
    private const int Count = 5_000;
    private const int Dimension = 24;
    private const int Places = 20;

    [Theory]
    [InlineData("fp32")]
    [InlineData("int8")]
    public void Search_SampledQueries_FindsNearlyAllOfTheExact(string kind) => Assert.InRange(graphs.Recall(kind, default), 0.95, 1);

    [Fact]
    public void Search_Filter_HoldsInsideTheSearch() => Gen.Int[0, 1_000_000].Sample(
        seed =>
        {
            var random = new Random(seed);
            int[] excluded = [.. Enumerable.Range(0, Count).Where(_ => random.Next(5) == 0)];
            var share = random.NextDouble();
            var allowed = new ulong[(Count + 63) / 64];
            foreach (var item in Enumerable.Range(0, Count).Where(_ => random.NextDouble() < share))
            {
                allowed[item / 64] |= 1UL << (item % 64);
            }

            var filter = new ItemFilter(excluded, allowed);
            var passing = Enumerable.Range(0, Count).Count(item => filter.Passes(item));
            var hits = new Hit[Places];
            var found = hits[..graphs.Float.Search(graphs.Query(random), filter, hits)];
            Assert.Equal(Math.Min(Places, passing), found.Length);
            Assert.All(found, hit => Assert.True(filter.Passes(hit.Item)));
            Assert.Equal(found.OrderByDescending(hit => hit.Score), found);
            Assert.Equal(found.Length, found.Select(hit => hit.Item).Distinct().Count());
            Assert.InRange(graphs.Recall("fp32", filter, 5), 0.9, 1);
        },
        iter: 20);

    [Fact]
    public void Search_WeightsOrNarrowFilter_IsExact() => Gen.Int[0, 1_000_000].Sample(
        seed =>
        {
            var random = new Random(seed);
            var query = graphs.Query(random);
            var weights = Enumerable.Range(0, Count).Select(_ => random.NextSingle()).ToArray();
            var allowed = new ulong[(Count + 63) / 64];
            for (var item = 0; item < 100; item++)
            {
                allowed[random.Next(allowed.Length)] |= 1UL << random.Next(64);
            }

            foreach (var (filter, factors) in new[] { (default(ItemFilter), (float[]?)weights), (new ItemFilter([], allowed), null) })
            {
                var (found, expected) = (new Hit[Places], new Hit[Places]);
                Assert.Equal(graphs.Float.SearchExactly(query, filter, expected, factors), graphs.Float.Search(query, filter, found, factors));
                Assert.Equal(expected, found);
            }
        },
        iter: 20);

    [Fact]
    public void Search_EqualVectors_FindsAsManyAsAreAskedFor()
    {
        var index = HnswIndex<FloatRows>.Build(new FloatRows([.. Enumerable.Repeat(0.5f, 4_000 * 4)], 4_000, 4), CancellationToken.None);
        foreach (var places in new[] { 1, 50, 3_000 })
        {
            Assert.Equal(places, index.Search([1, 1, 1, 1], default, new Hit[places]));
        }
    }

    /// <summary>Indices of one catalogue, built once.</summary>
    public sealed class Graphs
    {
        public Graphs()
        {
            var random = new Random(5);
            Values = [.. Enumerable.Range(0, Count * Dimension).Select(_ => (random.NextSingle() * 2) - 1)];
            var matrix = ItemMatrix.Quantise(Values, Count, Dimension);
            Float = HnswIndex<FloatRows>.Build(new FloatRows(Values, Count, Dimension), CancellationToken.None);
            Byte = HnswIndex<ByteRows>.Build(new ByteRows(matrix.Quantised!, matrix.Scales!, Count, Dimension), CancellationToken.None);
        }

        internal float[] Values { get; }

        internal HnswIndex<FloatRows> Float { get; }

        internal HnswIndex<ByteRows> Byte { get; }

        internal float[] Query(Random random) => [.. Enumerable.Range(0, Dimension).Select(_ => (random.NextSingle() * 2) - 1)];

        internal double Recall(string kind, ItemFilter filter, int queries = 50) => kind == "int8" ? Recall(Byte, filter, queries) : Recall(Float, filter, queries);

        private double Recall<TRows>(HnswIndex<TRows> index, ItemFilter filter, int queries)
            where TRows : struct, IVectorRows
        {
            var random = new Random(9);
            var (found, expected, both) = (new Hit[Places], new Hit[Places], new List<double>());
            for (var number = 0; number < queries; number++)
            {
                var query = Query(random);
                var count = index.SearchExactly(query, filter, expected);
                index.Search(query, filter, found);
                both.Add(count == 0 ? 1 : found.Take(count).Select(hit => hit.Item).Intersect(expected.Take(count).Select(hit => hit.Item)).Count() / (double)count);
            }

            return both.Average();
        }
    }
}
