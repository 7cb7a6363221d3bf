using CsCheck;
using Reco.Training.Evaluation;

namespace Reco.Training.Tests.Evaluation;

public sealed class RankingMetricsTests
{
    [Fact]
    public void Measure_HandComputedList_GivesTextbookValues()
    {
        var (ndcg, recall, precision, hit, map, mrr) = RankingMetrics.Measure([7, 1, 9, 3], [1, 3, 5], 4);
        Assert.Equal(((1 / Math.Log2(3)) + (1 / Math.Log2(5))) / (1 + (1 / Math.Log2(3)) + (1 / Math.Log2(4))), ndcg, 12);
        Assert.Equal(2 / 3.0, recall, 12);
        Assert.Equal(0.5, precision, 12);
        Assert.Equal(1, hit);
        Assert.Equal(((1 / 2.0) + (2 / 4.0)) / 3, map, 12);
        Assert.Equal(0.5, mrr, 12);
    }

    [Fact]
    public void Measure_PerfectList_IsOne() =>
        Assert.Equal((1.0, 1.0, 1.0, 1.0, 1.0, 1.0), RankingMetrics.Measure([4, 2], [2, 4], 2));

    [Fact]
    public void Measure_NoHit_IsZero() =>
        Assert.Equal((0.0, 0.0, 0.0, 0.0, 0.0, 0.0), RankingMetrics.Measure([4, 2], [1], 2));

    [Fact]
    public void Measure_AnyList_StaysWithinBounds() =>
        Gen.Select(Gen.Int[0, 30].HashSet[1, 20], Gen.Int[0, 30].HashSet[1, 20], Gen.Int[1, 25]).Sample((top, relevant, k) =>
        {
            var (ndcg, recall, precision, hit, map, mrr) = RankingMetrics.Measure([.. top], [.. relevant.Order()], k);
            Assert.All([ndcg, recall, precision, hit, map, mrr], value => Assert.InRange(value, 0, 1 + 1e-12));
            Assert.Equal(hit > 0, ndcg > 0);
        }, iter: 2_000);

    [Fact]
    public void Top_AnyScores_EqualsSorting() =>
        Gen.Select(Gen.Int[0, 9].Array[1, 200], Gen.Int[1, 50]).Sample((values, k) =>
        {
            var scores = values.Select(value => (float)value).ToArray();
            var expected = Enumerable.Range(0, scores.Length).OrderByDescending(item => scores[item]).ThenBy(item => item).Take(k);
            Assert.Equal(expected, RankingMetrics.Top(scores, k));
        }, iter: 2_000);

    [Fact]
    public void Evaluate_RankerThatKnowsTheAnswer_IsPerfectAndCoversTheAnswers()
    {
        var held = new Dictionary<int, int[]> { [3] = [1, 2], [5] = [0] };
        var metrics = RankingMetrics.Evaluate(new Oracle(held), held, [2]);
        Assert.Equal([1.0, 1.0], metrics.Of("ndcg@2"));
        Assert.Equal(3 / 4.0, metrics.Coverage, 12);
    }

    private sealed class Oracle(Dictionary<int, int[]> held) : IRanker
    {
        public string Name => "oracle";

        public int Items => 4;

        public void Score(int user, Span<float> scores)
        {
            scores.Clear();
            foreach (var item in held[user])
            {
                scores[item] = 1;
            }

            // The second place of the user with one answer goes to an item that another user's answer covers.
            scores[1] = Math.Max(scores[1], 0.5f);
        }
    }
}
