using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Reco.Providers.Kubernetes.Cluster;

/// <summary>Starts processes that outlive this one: in a session of their own, so that neither Ctrl-C in the terminal nor
/// its closing reaches them, and with files for their output.</summary>
internal static class DetachedProcess
{
    // $0 is the log, "$@" the command. Without setsid(1) (macOS) job control gives a process group of its own, and nohup
    // shields it from the terminal's closing.
    private const string Script =
        "if command -v setsid >/dev/null 2>&1; then setsid \"$@\" </dev/null >>\"$0\" 2>&1 & "
        + "else set -m; nohup \"$@\" </dev/null >>\"$0\" 2>&1 & fi; echo $!";

    /// <summary>Starts a command.</summary>
    /// <param name="command">Program and arguments.</param>
    /// <param name="directory">Working directory.</param>
    /// <param name="output">File that stdout and stderr are appended to.</param>
    /// <param name="cancellationToken">Stops waiting, not the process.</param>
    /// <returns>The process ID.</returns>
    /// <exception cref="ClusterUnreachableException">It could not be started.</exception>
    public static async Task<int> StartAsync(IReadOnlyList<string> command, string directory, string output, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in (string[])["-c", Script, output, .. command])
        {
            start.ArgumentList.Add(argument);
        }

        // The daemon and the containers that it runs have no business with the engine's passphrases and addresses.
        foreach (var variable in start.Environment.Keys.Where(key => key.StartsWith("PULUMI_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(variable);
        }

        try
        {
            using var shell = Process.Start(start) ?? throw new ClusterUnreachableException("/bin/sh did not start.");
            var text = await shell.StandardOutput.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
            await shell.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                ? pid
                : throw new ClusterUnreachableException($"the local cluster could not be started: {await shell.StandardError.ReadToEndAsync(cancellationToken).ConfigureAwait(false)}");
        }
        catch (Win32Exception error)
        {
            throw new ClusterUnreachableException($"the local cluster could not be started: {error.Message}");
        }
    }

    /// <summary>Whether a process runs; one that has ended and waits for its parent does not.</summary>
    public static bool IsAlive(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            if (process.HasExited)
            {
                return false;
            }
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            return false;
        }

        try
        {
            // Field 3 of /proc/<pid>/stat, after the name in parentheses; Z is a zombie, X is gone.
            var stat = File.ReadAllText($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // No /proc on this system, or the process ended meanwhile.
            return !OperatingSystem.IsLinux();
        }
    }
}
