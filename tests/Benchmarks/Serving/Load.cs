using System.Diagnostics;
using System.Globalization;

namespace Reco.Benchmarks.Serving;

/// <summary>What a load found.</summary>
/// <param name="Rate">Answers a second.</param>
/// <param name="Errors">Requests without a good answer.</param>
/// <param name="P50">Median time in milliseconds.</param>
/// <param name="P99">99th percentile in milliseconds.</param>
/// <param name="Max">Longest time in milliseconds.</param>
internal sealed record Load(double Rate, long Errors, double P50, double P99, double Max)
{
    /// <summary>Sends GET requests with wrk.</summary>
    /// <param name="url">Server.</param>
    /// <param name="paths">File with one path a line; each connection goes through them.</param>
    /// <param name="connections">Connections; each has one request in progress.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="rate">Requests a second that are aimed at, in Poisson arrivals; 0 for as many as there are answers.</param>
    public static async Task<Load> RunAsync(string url, string paths, int connections, int seconds, double rate = 0)
    {
        var pause = rate > 0 ? connections / rate * 1000 : 0;
        var start = new ProcessStartInfo("wrk",
            ["-t1", $"-c{connections}", $"-d{seconds}s", "--timeout", "10s", "-s", Path.Combine(AppContext.BaseDirectory, "load.lua"), url, "--", paths, pause.ToString("F3", CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        var line = (await output).Split('\n').FirstOrDefault(line => line.StartsWith("RESULT ", StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"wrk said no result: {await output}{await error}");
        var parts = Array.ConvertAll(line.Split(' ')[1..], part => double.Parse(part, CultureInfo.InvariantCulture));
        return new Load(parts[0] / parts[1] * 1e6, (long)parts[2], parts[3] / 1000, parts[4] / 1000, parts[5] / 1000);
    }

    /// <summary>The middle one of several by its rate.</summary>
    public static Load Median(IEnumerable<Load> loads)
    {
        Load[] sorted = [.. loads.OrderBy(load => load.Rate)];
        return sorted[sorted.Length / 2];
    }
}
