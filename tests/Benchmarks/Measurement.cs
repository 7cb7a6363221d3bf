using System.Diagnostics;
using System.Globalization;

namespace Reco.Benchmarks;

/// <summary>What one command took.</summary>
/// <param name="Seconds">Wall time of the whole process.</param>
/// <param name="Megabytes">Peak of resident memory, of the process and all that it started together.</param>
internal sealed record Measurement(double Seconds, double Megabytes)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(40);

    /// <summary>Runs a command to its end and measures it.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static async Task<Measurement> OfAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        var exit = process.WaitForExitAsync();
        long peak = 0;
        while (await Task.WhenAny(exit, Task.Delay(Pause)) != exit)
        {
            peak = Math.Max(peak, TreeBytes(process.Id));
        }

        var seconds = clock.Elapsed.TotalSeconds;
        return process.ExitCode == 0
            ? new Measurement(seconds, peak / 1e6)
            : throw new InvalidOperationException($"{start.FileName} {string.Join(' ', start.ArgumentList)} failed: {await output}{await error}");
    }

    private static long TreeBytes(int root)
    {
        var children = new Dictionary<int, List<int>>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) && Read(Path.Combine(folder, "stat")) is { } stat)
            {
                var parent = int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
                (children.TryGetValue(parent, out var list) ? list : children[parent] = []).Add(id);
            }
        }

        long sum = 0;
        var open = new Stack<int>([root]);
        while (open.TryPop(out var id))
        {
            sum += Read($"/proc/{id}/statm") is { } memory ? long.Parse(memory.Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize : 0;
            foreach (var child in children.GetValueOrDefault(id, []))
            {
                open.Push(child);
            }
        }

        return sum;
    }

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return null;
        }
    }
}
