using System.ComponentModel;
using System.Diagnostics;

namespace Reco.LocalCluster.Kubelet;

/// <summary>Runs a command beside a container's process, for exec probes and hooks.</summary>
internal static class ContainerExec
{
    private const int ReportedCharacters = 512;

    /// <summary>Runs a command with a container's environment.</summary>
    /// <returns>Null for exit code 0, else what went wrong.</returns>
    public static async Task<string?> RunAsync(ContainerStart container, IReadOnlyList<string> command, TimeSpan limit, CancellationToken cancellation)
    {
        if (command.Count == 0)
        {
            return "no command is given";
        }

        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            WorkingDirectory = container.WorkingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in container.Environment)
        {
            start.Environment[name] = value;
        }

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(limit);
        try
        {
            using var process = Process.Start(start)!;
            try
            {
                var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
                var errors = process.StandardError.ReadToEndAsync(timeout.Token);
                await process.WaitForExitAsync(timeout.Token).ConfigureAwait(false);
                var text = await output.ConfigureAwait(false) + await errors.ConfigureAwait(false);
                return process.ExitCode == 0 ? null : $"exit code {process.ExitCode}: {text[..Math.Min(text.Length, ReportedCharacters)].Trim()}";
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                cancellation.ThrowIfCancellationRequested();
                return $"timed out after {limit.TotalSeconds:0} s";
            }
        }
        catch (Win32Exception error)
        {
            return $"{command[0]}: {error.Message}";
        }
    }
}
