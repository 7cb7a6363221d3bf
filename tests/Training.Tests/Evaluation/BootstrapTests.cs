using Reco.Training.Evaluation;

namespace Reco.Training.Tests.Evaluation;

public sealed class BootstrapTests
{
    [Fact]
    public void Mean_NormalSample_MatchesTheNormalInterval()
    {
        var random = new Random(3);
        var values = Enumerable.Range(0, 2_000).Select(_ => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())).ToArray();
        var interval = Bootstrap.Mean(values);
        var half = 1.96 * Math.Sqrt(values.Select(value => Math.Pow(value - values.Average(), 2)).Average() / values.Length);
        Assert.Equal(values.Average(), interval.Mean, 12);
        Assert.InRange(interval.High - interval.Low, 1.8 * half, 2.2 * half);
    }

    [Fact]
    public void Mean_CalledTwice_IsTheSame()
    {
        var values = Enumerable.Range(0, 100).Select(value => (double)(value * 37 % 101)).ToArray();
        Assert.Equal(Bootstrap.Mean(values), Bootstrap.Mean(values));
    }

    [Fact]
    public void Means_SeveralColumns_AreThoseOfEachAlone()
    {
        var random = new Random(7);
        double[][] columns = [.. Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, 50).Select(_ => random.NextDouble()).ToArray())];
        Assert.Equal(columns.Select(column => Bootstrap.Mean(column)), Bootstrap.Means(columns));
        Assert.All(Bootstrap.Means([[], []]), interval => Assert.Equal(new Interval(0, 0, 0), interval));
    }

    [Fact]
    public void Difference_ConstantGain_HasNoWidth()
    {
        double[] right = [0.1, 0.9, 0.4];
        var interval = Bootstrap.Difference([.. right.Select(value => value + 0.25)], right);
        Assert.Equal(0.25, interval.Low, 9);
        Assert.Equal(0.25, interval.High, 9);
    }

    [Fact]
    public void Decide_GainWithinNoise_Refuses()
    {
        var random = new Random(1);
        var popularity = Enumerable.Range(0, 300).Select(_ => random.NextDouble()).ToArray();
        var verdict = Gate.Decide([.. popularity.Select(value => value + random.NextDouble() - 0.5)], popularity, 0);
        Assert.False(verdict.Promoted);
        Assert.Contains("not above zero", verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Decide_SmallButCertainGain_ObeysTheLeastLift()
    {
        var popularity = Enumerable.Repeat(0.5, 300).ToArray();
        var model = Enumerable.Repeat(0.51, 300).ToArray();
        Assert.True(Gate.Decide(model, popularity, 0.01).Promoted);
        Assert.False(Gate.Decide(model, popularity, 0.05).Promoted);
    }

    [Fact]
    public void Decide_HandfulOfUsers_RefusesAndSaysHowMany()
    {
        var verdict = Gate.Decide([.. Enumerable.Repeat(1.0, Gate.LeastUsers - 1)], new double[Gate.LeastUsers - 1], 0);
        Assert.False(verdict.Promoted);
        Assert.Contains($"of {Gate.LeastUsers - 1} users", verdict.Reason, StringComparison.Ordinal);
        Assert.True(Gate.Decide([.. Enumerable.Repeat(1.0, Gate.LeastUsers)], new double[Gate.LeastUsers], 0).Promoted);
    }
}
