using System.Diagnostics;

namespace Reco.Training.Compression;

/// <summary>Times requests of several variants, one at a time, as a lonely caller sees them. The variants take turns, so that whatever
/// else the machine does meets them all alike: their order is that of their cost, not of the moment.</summary>
internal static class VariantTimer
{
    private const int Warm = 20;

    /// <summary>Times whole requests.</summary>
    /// <param name="requests">One for each variant; each answers a request of a user.</param>
    /// <param name="users">Whose requests.</param>
    /// <returns>Median and 99 % quantile of each variant, in milliseconds.</returns>
    public static IReadOnlyList<(double P50, double P99)> Measure(IReadOnlyList<Action<int>> requests, IReadOnlyList<int> users)
    {
        var times = requests.Select(_ => new List<double>(users.Count)).ToArray();
        for (var turn = 0; turn < users.Count; turn++)
        {
            for (var place = 0; place < requests.Count; place++)
            {
                // The first of a turn finds colder caches: each variant is first equally often.
                var variant = (turn + place) % requests.Count;
                var start = Stopwatch.GetTimestamp();
                requests[variant](users[turn]);
                times[variant].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        return [.. times.Select(list =>
        {
            var measured = list.Skip(Math.Min(Warm, list.Count - 1)).Order().ToArray();
            return (measured[measured.Length / 2], measured[(int)((measured.Length - 1) * 0.99)]);
        })];
    }
}
