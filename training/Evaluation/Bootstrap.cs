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
    public static Interval Mean(double[] values, int seed = 1) => Means([values], seed)[0];

    /// <summary>Intervals of the means of several values of the same users, all from the same draws: drawing is what takes the time.</summary>
    public static Interval[] Means(IReadOnlyList<double[]> columns, int seed = 1)
    {
        var users = columns[0].Length;
        if (users == 0)
        {
            return [.. columns.Select(_ => new Interval(0, 0, 0))];
        }

        // User by user, so that a draw finds its values side by side.
        var width = columns.Count;
        var values = new double[users * width];
        for (var column = 0; column < width; column++)
        {
            for (var user = 0; user < users; user++)
            {
                values[(user * width) + column] = columns[column][user];
            }
        }

        var means = columns.Select(_ => new double[Resamples]).ToArray();
        Parallel.For(0, Resamples, round =>
        {
            var random = new Random(HashCode(seed, round));
            var sums = new double[width];
            for (var draw = 0; draw < users; draw++)
            {
                var row = random.Next(users) * width;
                for (var column = 0; column < width; column++)
                {
                    sums[column] += values[row + column];
                }
            }

            for (var column = 0; column < width; column++)
            {
                means[column][round] = sums[column] / users;
            }
        });
        return [.. columns.Zip(means, (column, own) =>
        {
            Array.Sort(own);
            return new Interval(column.Average(), own[(int)(Resamples * 0.025)], own[(int)(Resamples * 0.975) - 1]);
        })];
    }

    /// <summary>Interval of the mean difference of two rankers, paired by user.</summary>
    public static Interval Difference(double[] left, double[] right, int seed = 1) =>
        Differences(left, [right], seed)[0];

    /// <summary>Intervals of the mean differences of one ranking to several others.</summary>
    public static Interval[] Differences(double[] left, IReadOnlyList<double[]> others, int seed = 1) =>
        Means([.. others.Select(right => left.Zip(right, (first, second) => first - second).ToArray())], seed);

    /// <summary>Unlike <see cref="System.HashCode"/>, the same in every process.</summary>
    private static int HashCode(int seed, int round) => unchecked((seed * 1_000_003) + (round * 7_919));
}
