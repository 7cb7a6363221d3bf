using System.Diagnostics;
using System.Globalization;

namespace Reco.LocalCluster.Kubelet;

/// <summary>What a container process is started with.</summary>
internal sealed record ContainerStart
{
    /// <summary>Program and arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Environment; nothing else is inherited but what a program needs to start.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Working directory.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>File that takes standard output and error.</summary>
    public required string LogFile { get; init; }
}

/// <summary>A container as a process: its own session and process group, its output in a file that it writes itself, so that
/// it lives on and logs on when the daemon dies. Started through a shell that leaves its exit code in a file, for the same
/// reason.</summary>
internal sealed class ContainerProcess
{
    // $0 is the file for the exit code, $1 the log, the rest the command.
    private const string Script =
        """code=$0; log=$1; shift; child=; ended=; trap 'ended=1; kill -TERM $child 2>/dev/null' TERM; "$@" >>"$log" 2>&1 </dev/null & child=$!; [ -z "$ended" ] || kill -TERM $child; """
        + """wait $child; status=$?; while kill -0 $child 2>/dev/null; do wait $child; status=$?; done; echo $status >"$code.new" && mv "$code.new" "$code"; exit $status""";

    private static readonly string[] Inherited = ["PATH", "HOME", "LANG", "DOTNET_ROOT", "USER"];
    private readonly string codeFile;
    private readonly long startTicks;

    private ContainerProcess(int pid, long startTicks, string codeFile)
    {
        Pid = pid;
        this.startTicks = startTicks;
        this.codeFile = codeFile;
    }

    /// <summary>Process that leads the container's group.</summary>
    public int Pid { get; }

    /// <summary>Start time of the process in clock ticks since boot: with the ID it names a process for good.</summary>
    public long StartTicks => startTicks;

    /// <summary>Starts a container.</summary>
    /// <exception cref="PodFailure">The program cannot be started.</exception>
    public static ContainerProcess Start(ContainerStart start, string codeFile)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(start.LogFile)!);
        Directory.CreateDirectory(Path.GetDirectoryName(codeFile)!);
        File.Delete(codeFile);
        if (!Directory.Exists(start.WorkingDirectory))
        {
            throw new PodFailure("CreateContainerError", $"the working directory {start.WorkingDirectory} does not exist");
        }

        var info = new ProcessStartInfo("setsid", ["/bin/sh", "-c", Script, codeFile, start.LogFile, .. start.Command])
        {
            WorkingDirectory = start.WorkingDirectory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment.Clear();
        foreach (var name in Inherited)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                info.Environment[name] = value;
            }
        }

        foreach (var (name, value) in start.Environment)
        {
            info.Environment[name] = value;
        }

        try
        {
            using var process = Process.Start(info)!;
            return new ContainerProcess(process.Id, ReadStartTicks(process.Id) ?? 0, codeFile);
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new PodFailure("StartError", $"{start.Command[0]} cannot be started: {error.Message}");
        }
    }

    /// <summary>A container that an earlier daemon started, whether it still runs or not.</summary>
    public static ContainerProcess Adopt(int pid, long startTicks, string codeFile) => new(pid, startTicks, codeFile);

    /// <summary>Whether the process still runs.</summary>
    public bool IsRunning => ReadStartTicks(Pid) == startTicks;

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code; 137 where the process was killed and could leave none.</returns>
    public async Task<int> WaitAsync(CancellationToken cancellation)
    {
        while (IsRunning)
        {
            await Task.Delay(50, cancellation).ConfigureAwait(false);
        }

        return File.Exists(codeFile) && int.TryParse(await File.ReadAllTextAsync(codeFile, cancellation).ConfigureAwait(false), CultureInfo.InvariantCulture, out var code) ? code : 137;
    }

    /// <summary>Asks the container's first process to end, as Kubernetes does: the others are its affair.</summary>
    public void Terminate() => Native.Signal(Pid, Native.Terminate);

    /// <summary>Ends the container's processes.</summary>
    public void Kill() => Native.SignalGroup(Pid, Native.Kill);

    /// <summary>Field 22 of /proc/PID/stat; null where there is no such process or it is a zombie.</summary>
    private static long? ReadStartTicks(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }
}
