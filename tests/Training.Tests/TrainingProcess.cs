using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Reco.Training.Tests;

/// <summary>The training tool as a process of its own.</summary>
internal static class TrainingProcess
{
    /// <summary>Runs the tool.</summary>
    /// <param name="killAt">Kills the process when a line of its output has this in it.</param>
    /// <param name="arguments">Options.</param>
    public static Task<(int Code, string Output)> RunAsync(string? killAt, params string[] arguments) => RunAsync(Tool(arguments), [], killAt, process => process.Kill());

    /// <summary>Runs the tool and asks it to stop, twice in a row, when a line of its output has this in it.</summary>
    public static Task<(int Code, string Output)> TerminateAsync(string at, params string[] arguments) => RunAsync(Tool(arguments), [], at, process =>
    {
        using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        kill.WaitForExit();
        using var again = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        again.WaitForExit();
    });

    /// <summary>Runs the tool as several workers that mpirun starts.</summary>
    /// <param name="workers">How many.</param>
    /// <param name="loseAt">Kills one worker, not mpirun, when a line of the output has this in it.</param>
    /// <param name="arguments">Options.</param>
    public static Task<(int Code, string Output)> MpiAsync(int workers, string? loseAt, params string[] arguments)
    {
        Assert.True(Has("mpirun"), "mpirun is missing: install Open MPI (Debian: apt-get install openmpi-bin libopenmpi3).");
        return RunAsync(["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", $"{workers}", "-x", "OMP_NUM_THREADS=1", .. Tool(arguments)], [], loseAt, mpirun =>
        {
            using var worker = Process.GetProcessById(Children(mpirun.Id).Max());
            worker.Kill();
        });
    }

    /// <summary>Runs the tool as one of the workers of an Indexed Job.</summary>
    public static Task<(int Code, string Output)> WorkerAsync(int rank, int size, int port, string? killAt, params string[] arguments) => RunAsync(Tool(arguments), new Dictionary<string, string>
    {
        ["RANK"] = $"{rank}",
        ["WORLD_SIZE"] = $"{size}",
        ["LOCAL_RANK"] = "0",
        ["MASTER_ADDR"] = "127.0.0.1",
        ["MASTER_PORT"] = $"{port}",
        ["OMP_NUM_THREADS"] = "1",
    }, killAt, process => process.Kill());

    private static string[] Tool(string[] arguments) => ["dotnet", Path.Combine(AppContext.BaseDirectory, "Reco.Training.dll"), .. arguments];

    private static async Task<(int Code, string Output)> RunAsync(string[] command, IEnumerable<KeyValuePair<string, string>> variables, string? at, Action<Process> strike)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = new StringBuilder();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            output.AppendLine(line);
            if (at is not null && line.Contains(at, StringComparison.Ordinal))
            {
                at = null;
                strike(process);
            }
        }

        output.Append(await error);
        await process.WaitForExitAsync();
        return (process.ExitCode, output.ToString());
    }

    private static IEnumerable<int> Children(int parent) => Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
        .Where(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _)).Select(name => int.Parse(name!, CultureInfo.InvariantCulture))
        .Where(id => File.Exists($"/proc/{id}/status") && Status(id).Contains($"PPid:\t{parent}\n", StringComparison.Ordinal));

    private static string Status(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/status");
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
