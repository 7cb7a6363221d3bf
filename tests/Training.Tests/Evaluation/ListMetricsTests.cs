using Reco.Training.Data;
using Reco.Training.Evaluation;

namespace Reco.Training.Tests.Evaluation;

public sealed class ListMetricsTests
{
    private static readonly Interaction[] Train = [new(0, 0, 1), new(0, 1, 2), new(1, 0, 3), new(1, 0, 4)];
    private static readonly int[] Categories = [7, 8, 7, 9];

    [Fact]
    public void Of_ListEqualToTheHistory_IsCalibratedAndUnbiased()
    {
        var metrics = Evaluate([0, 1]);
        Assert.Equal(0, metrics.Miscalibration, 9);
        Assert.Equal(1, metrics.PopularityBias, 9);
        Assert.Equal(1, metrics.Diversity, 9);
        Assert.Equal((-Math.Log2(4 / 8.0) - Math.Log2(2 / 8.0)) / 2, metrics.Novelty, 9);
    }

    [Fact]
    public void Of_ListOfOtherCategories_IsMiscalibrated() => Assert.True(Evaluate([3, 2]).Miscalibration > 0.5);

    [Fact]
    public void Of_ListOfOneCategory_HasNoDiversity() => Assert.Equal(0, Evaluate([0, 2]).Diversity);

    private static ListMetrics Evaluate(int[] list) =>
        ListMetrics.Of(RankingMetrics.Evaluate(new Fixed(list), new Dictionary<int, int[]> { [0] = [1] }, [2]), Train, 2, Categories);

    private sealed class Fixed(int[] list) : IRanker
    {
        public string Name => "fixed";

        public int Items => 4;

        public void Score(int user, Span<float> scores)
        {
            scores.Clear();
            for (var rank = 0; rank < list.Length; rank++)
            {
                scores[list[rank]] = 10 - rank;
            }
        }
    }
}
