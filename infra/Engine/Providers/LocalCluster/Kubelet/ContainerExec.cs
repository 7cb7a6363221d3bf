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
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        ContainerProcess.SetEnvironment(start, container.Environment);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(limit);
        try
        {
            using var process = Process.Start(start)!;
            try
            {
                process.StandardInput.Close();
                var output = HeadAsync(process.StandardOutput, timeout.Token);
                var errors = HeadAsync(process.StandardError, timeout.Token);
                await process.WaitForExitAsync(timeout.Token).ConfigureAwait(false);
                var text = (await output.ConfigureAwait(false) + await errors.ConfigureAwait(false)).Trim();
                return process.ExitCode == 0 ? null : $"exit code {process.ExitCode}{(text.Length > 0 ? $": {text[..Math.Min(text.Length, ReportedCharacters)]}" : "")}";
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

    /// <summary>The beginning of a stream; the rest is read and dropped, so that the command never waits for a reader.</summary>
    private static async Task<string> HeadAsync(StreamReader reader, CancellationToken cancellation)
    {
        var head = new char[ReportedCharacters];
        var rest = new char[ReportedCharacters];
        var read = await reader.ReadBlockAsync(head, cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(rest, cancellation).ConfigureAwait(false) > 0)
        {
        }

        return new string(head, 0, read);
    }
}
