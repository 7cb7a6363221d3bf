using Reco.Bundle;
using Reco.Training.Compression;
using Reco.Training.Evaluation;

namespace Reco.Training.Tests.Compression;

public sealed class VariantChoiceTests
{
    private static readonly Dictionary<int, int[]> Held = Enumerable.Range(0, 10).ToDictionary(user => user, _ => new[] { 0 });

    [Fact]
    public void Choose_SeveralAllowed_TakesTheSmallest() => Assert.Equal("b", Choose(Make("fp32", 1_000, 2), Make("a", 500, 1), Make("b", 250, 1.5)));

    [Fact]
    public void Choose_SizesThatHardlyDiffer_TakesTheFaster() => Assert.Equal("a", Choose(Make("fp32", 1_000, 2), Make("a", 251, 1), Make("b", 250, 1.5)));

    [Fact]
    public void Choose_SmallestIsSlowerThanFp32_IsPassedOver() => Assert.Equal("a", Choose(Make("fp32", 1_000, 2), Make("a", 500, 1), Make("b", 250, 2.5)));

    [Fact]
    public void Choose_SmallestLosesTooMuch_IsPassedOver() => Assert.Equal("a", Choose(Make("fp32", 1_000, 2), Make("a", 500, 1), Make("b", 250, 1, wrong: 1)));

    [Fact]
    public void Choose_NothingAllowed_TakesFp32() => Assert.Equal("fp32", Choose(Make("fp32", 1_000, 2), Make("a", 500, 3), Make("b", 250, 1, wrong: 1)));

    private static string Choose(params Variant[] variants) => VariantChoice.Choose(variants, 0.05, _ => { }).Precision;

    private static Variant Make(string name, int bytes, double p50, int wrong = 0)
    {
        var metrics = RankingMetrics.Evaluate(new Ranker(wrong), Held, [10]);
        return new Variant(name, new byte[bytes - 4], ItemMatrix.FromValues([0], 1, 1), null, metrics, metrics, p50, p50, 0, 1);
    }

    /// <summary>Ranks the right item first, but for some users.</summary>
    private sealed class Ranker(int wrong) : IRanker
    {
        public string Name => "test";

        public int Items => 12;

        public void Score(int user, Span<float> scores)
        {
            scores.Fill(1);
            scores[0] = user < wrong ? 0 : 2;
        }
    }
}
