using System.ComponentModel;
using System.Diagnostics;
using Reco.Engine.Processes;

namespace Reco.Engine.Languages;

/// <summary>Runs the process of a program.</summary>
internal static class ProgramProcess
{
    /// <summary>Exit code of a program that has told its errors to the engine already.</summary>
    private const int AlreadyTold = 32;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>Runs it to its end.</summary>
    /// <param name="start">What to start.</param>
    /// <param name="output">Takes its lines; the flag is true for standard error.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Null for success; what to tell the user, empty where the program has told it.</returns>
    public static async Task<string?> RunAsync(ProcessStartInfo start, Action<string, bool> output, CancellationToken cancellation)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.RedirectStandardInput = true;
        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Forward(line.Data, false);
        process.ErrorDataReceived += (_, line) => Forward(line.Data, true);
        try
        {
            process.Start();
        }
        catch (Win32Exception error)
        {
            return $"the program cannot be started: {start.FileName}: {error.Message}. Is it installed and on PATH?";
        }

        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            await StopAsync(process);
            return "";
        }

        return process.ExitCode switch
        {
            0 => null,
            AlreadyTold => "",
            var code => $"the program ended with exit code {code}, without telling an error to the engine",
        };

        void Forward(string? line, bool isError)
        {
            if (line is not null)
            {
                output(line, isError);
            }
        }
    }

    private static async Task StopAsync(Process process)
    {
        ProcessTree.Interrupt(process);
        using var limit = new CancellationTokenSource(Grace);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            ProcessTree.Kill(process);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }
}
