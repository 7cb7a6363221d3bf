using System.Text.Json;
using Reco.Bundle;

namespace Reco.Scoring.Telemetry;

/// <summary>Counts live values in the bins of the training distributions (<c>reference.json</c>) and compares both by the
/// population stability index: below 0.1 nothing has changed, above 0.25 it has.</summary>
internal sealed class DriftMonitor
{
    /// <summary>Values of one window; then counting starts anew, so that old traffic does not hide new drift.</summary>
    private const long Window = 100_000;

    private readonly Sketch? scores;
    private readonly Sketch? historyLengths;

    private DriftMonitor(Sketch? scores, Sketch? historyLengths)
    {
        this.scores = scores;
        this.historyLengths = historyLengths;
    }

    /// <summary>Reads the reference of a bundle; a bundle without one has nothing to compare with.</summary>
    /// <exception cref="BundleException">The file is not a reference.</exception>
    public static DriftMonitor Load(string folder)
    {
        var path = Path.Combine(folder, BundleFiles.Reference);
        if (!File.Exists(path))
        {
            return new DriftMonitor(null, null);
        }

        try
        {
            using var reference = JsonDocument.Parse(File.ReadAllBytes(path));
            return new DriftMonitor(Read(reference.RootElement, "scores"), Read(reference.RootElement, "historyLengths"));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new BundleException($"{path} is not a reference of training distributions: {error.Message}", error);
        }
    }

    /// <summary>Notes the length of a history that was scored.</summary>
    public void HistoryLength(int length) => historyLengths?.Add(length);

    /// <summary>Notes the score of an item in an answer.</summary>
    public void Score(float score) => scores?.Add(score);

    /// <summary>What was seen so far, by the name of the distribution.</summary>
    public IEnumerable<(string Name, DriftReport Report)> Reports()
    {
        if (scores is not null)
        {
            yield return ("scores", scores.Report());
        }

        if (historyLengths is not null)
        {
            yield return ("history_length", historyLengths.Report());
        }
    }

    private static Sketch? Read(JsonElement reference, string name) => reference.TryGetProperty(name, out var histogram)
        ? new Sketch(histogram.GetProperty("low").GetDouble(), histogram.GetProperty("high").GetDouble(), [.. histogram.GetProperty("counts").EnumerateArray().Select(count => count.GetInt64())])
        : null;

    /// <summary>A live histogram in the bins of a reference.</summary>
    private sealed class Sketch(double low, double high, long[] reference)
    {
        private readonly long[] live = new long[reference.Length];
        private readonly long[] before = new long[reference.Length];
        private long seen;

        public void Add(double value)
        {
            if (reference.Length == 0)
            {
                return;
            }

            var bin = (int)Math.Clamp((value - low) / Math.Max(1e-12, high - low) * live.Length, 0, live.Length - 1);
            Interlocked.Increment(ref live[bin]);
            if (Interlocked.Increment(ref seen) % Window == 0)
            {
                live.CopyTo(before, 0);
                Array.Clear(live);
            }
        }

        public DriftReport Report()
        {
            // The window that is filling, with the last full one while it is young.
            var counts = live.Sum() < Window / 10 ? [.. live.Zip(before, (now, then) => now + then)] : (long[])live.Clone();
            return new DriftReport(low, high, reference, counts, Index(reference, counts));
        }

        /// <summary>Sum of (p - q) ln(p / q); half a value is added to each bin so that empty ones count too.</summary>
        private static double Index(long[] reference, long[] live)
        {
            var (expected, actual) = (reference.Sum() + (0.5 * reference.Length), live.Sum() + (0.5 * live.Length));
            return live.Sum() == 0 ? 0 : reference.Zip(live, (r, l) => ((l + 0.5) / actual, (r + 0.5) / expected)).Sum(pair => (pair.Item1 - pair.Item2) * Math.Log(pair.Item1 / pair.Item2));
        }
    }
}

/// <summary>A distribution at training time and live.</summary>
/// <param name="Low">Lower bound of the first bin.</param>
/// <param name="High">Upper bound of the last.</param>
/// <param name="Reference">Values by bin at training time.</param>
/// <param name="Live">Values by bin now.</param>
/// <param name="Psi">Population stability index; 0 before there is traffic.</param>
internal sealed record DriftReport(double Low, double High, IReadOnlyList<long> Reference, IReadOnlyList<long> Live, double Psi);
