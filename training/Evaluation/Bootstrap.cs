namespace Reco.Training.Evaluation;

/// <summary>A mean with its 95 % confidence interval.</summary>
/// <param name="Mean">Mean over users.</param>
/// <param name="Low">2.5 % quantile of the bootstrap means.</param>
/// <param name="High">97.5 % quantile.</param>
internal sealed record Interval(double Mean, double Low, double High);

/// <summary>Percentile bootstrap over users (Efron 1979), seeded.</summary>
internal static class Bootstrap
{
    private const int Resamples = 1_000;

    /// <summary>Interval of the mean of some values.</summary>
    public static Interval Mean(double[] values, int seed = 1)
    {
        if (values.Length == 0)
        {
            return new Interval(0, 0, 0);
        }

        var means = new double[Resamples];
        Parallel.For(0, Resamples, round =>
        {
            var random = new Random(HashCode(seed, round));
            var sum = 0.0;
            for (var draw = 0; draw < values.Length; draw++)
            {
                sum += values[random.Next(values.Length)];
            }

            means[round] = sum / values.Length;
        });
        Array.Sort(means);
        return new Interval(values.Average(), means[(int)(Resamples * 0.025)], means[(int)(Resamples * 0.975) - 1]);
    }

    /// <summary>Interval of the mean difference of two rankers, paired by user.</summary>
    public static Interval Difference(double[] left, double[] right, int seed = 1) =>
        Mean([.. left.Zip(right, (first, second) => first - second)], seed);

    /// <summary>Unlike <see cref="System.HashCode"/>, the same in every process.</summary>
    private static int HashCode(int seed, int round) => unchecked((seed * 1_000_003) + (round * 7_919));
}
