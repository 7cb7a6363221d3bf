using System.Diagnostics;
using System.Text;

namespace Reco.Training.Tests;

/// <summary>The training tool as a process of its own.</summary>
internal static class TrainingProcess
{
    /// <summary>Runs the tool on the demo shop.</summary>
    /// <param name="workers">Number of processes; more than one are started by mpirun.</param>
    /// <param name="killAt">Kills the process when a line of its output has this in it.</param>
    /// <param name="arguments">Options.</param>
    public static async Task<(int Code, string Output)> RunAsync(int workers, string? killAt, params string[] arguments)
    {
        string[] tool = ["dotnet", Path.Combine(AppContext.BaseDirectory, "Reco.Training.dll"), .. arguments];
        string[] command = workers == 1 ? tool : ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", $"{workers}", "-x", "OMP_NUM_THREADS=1", .. tool, "--workers=mpi"];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = new StringBuilder();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            output.AppendLine(line);
            if (killAt is not null && line.Contains(killAt, StringComparison.Ordinal))
            {
                process.Kill();
            }
        }

        output.Append(await error);
        await process.WaitForExitAsync();
        return (process.ExitCode, output.ToString());
    }

    /// <summary>True where a program is on the path.</summary>
    public static bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
