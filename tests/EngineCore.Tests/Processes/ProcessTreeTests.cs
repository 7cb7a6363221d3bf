using System.Diagnostics;
using System.Globalization;
using Reco.Engine.Processes;

namespace Reco.EngineCore.Tests.Processes;

public sealed class ProcessTreeTests
{
    [Fact]
    public async Task Kill_ProcessWithGrandchildren_EndsThemAll()
    {
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", "sh -c 'sleep 600 & echo $!; wait' & sleep 600 & echo $!; wait"]) { RedirectStandardOutput = true })!;
        var descendants = new[] { await ReadAsync(process), await ReadAsync(process) };

        ProcessTree.Kill(process);

        await process.WaitForExitAsync();
        foreach (var descendant in descendants)
        {
            await descendant.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
            descendant.Dispose();
        }
    }

    [Fact]
    public async Task Kill_ProcessThatHasEnded_DoesNothing()
    {
        using var process = Process.Start("true");
        await process.WaitForExitAsync();

        ProcessTree.Kill(process);

        Assert.Equal(0, process.ExitCode);
    }

    private static async Task<Process> ReadAsync(Process process) =>
        Process.GetProcessById(int.Parse((await process.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture));
}
