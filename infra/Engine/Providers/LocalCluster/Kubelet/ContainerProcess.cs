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

    /// <summary>Tells the container's processes (see <see cref="ContainerProcess.MarkerVariable"/>).</summary>
    public string Marker => Environment.GetValueOrDefault(ContainerProcess.MarkerVariable, "");
}

/// <summary>A container as a process: its own session and process group, its output in a file that it writes itself, so that
/// it lives on and logs on when the daemon dies. It is started through a shell that first writes down who it is, in a file that
/// must not be there yet (so that no run is ever started twice), and last its exit code.</summary>
internal sealed class ContainerProcess
{
    /// <summary>Environment variable that tells the processes of a container, wherever they went.</summary>
    public const string MarkerVariable = "RECO_CONTAINER_ID";

    // $0 is the file for the identity, $1 that for the exit code, $2 the log, the rest the command. The exit code overwrites
    // blanks in place: that needs no room on a full disk.
    private const string Script =
        """id=$0; code=$1; log=$2; shift 2; set -C; { read -r stat </proc/$$/stat; read -r boot </proc/sys/kernel/random/boot_id; echo "$stat $boot"; } >"$id" || exit 125; set +C; """
        + """child=; ended=; trap 'ended=1; kill -TERM $child 2>/dev/null' TERM; "$@" >>"$log" 2>&1 </dev/null & child=$!; [ -z "$ended" ] || kill -TERM $child; """
        + """wait $child; status=$?; while kill -0 $child 2>/dev/null; do wait $child; status=$?; done; printf '%-8s' $status 1<>"$code"; exit $status""";

    private const string Blank = "        ";
    private static readonly string[] Inherited = ["PATH", "HOME", "LANG", "DOTNET_ROOT", "USER", "TZ", "TMPDIR"];
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(30);
    private readonly long startTicks;
    private readonly string boot;
    private readonly string codeFile;

    private ContainerProcess(int pid, long startTicks, string boot, string codeFile)
    {
        (Pid, this.startTicks, this.boot, this.codeFile) = (pid, startTicks, boot, codeFile);
    }

    /// <summary>Process that leads the container's session and group.</summary>
    public int Pid { get; }

    /// <summary>Starts a run of a container.</summary>
    /// <exception cref="PodFailure">The program cannot be started.</exception>
    public static ContainerProcess Start(ContainerStart start, RunFiles files)
    {
        PodFolders.Make(Path.GetDirectoryName(start.LogFile)!);
        PodFolders.Make(Path.GetDirectoryName(files.Identity)!);
        if (!Directory.Exists(start.WorkingDirectory))
        {
            throw new PodFailure("CreateContainerError", $"the working directory {start.WorkingDirectory} does not exist");
        }

        File.WriteAllText(files.ExitCode, Blank);
        var info = new ProcessStartInfo("setsid", ["/bin/sh", "-c", Script, files.Identity, files.ExitCode, start.LogFile, .. start.Command])
        {
            WorkingDirectory = start.WorkingDirectory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        SetEnvironment(info, start.Environment);
        try
        {
            using var process = Process.Start(info)!;
            return Identify(process.Id, files);
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new PodFailure("StartError", $"{start.Command[0]} cannot be started: {error.Message}");
        }
    }

    /// <summary>A run that an earlier daemon started, whether it still runs or not; null where it never began.</summary>
    public static ContainerProcess? Find(RunFiles files)
    {
        try
        {
            // Stat line (the name in parentheses may hold anything), then the boot.
            var text = File.ReadAllText(files.Identity).Trim();
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return new ContainerProcess(int.Parse(text.AsSpan(0, text.IndexOf(' ')), CultureInfo.InvariantCulture), long.Parse(fields[19], CultureInfo.InvariantCulture), fields[^1], files.ExitCode);
        }
        catch (Exception error) when (error is IOException or FormatException or ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>Whether the process still runs.</summary>
    public bool IsRunning => ProcessTable.StartTicks(Pid) == startTicks && boot == ProcessTable.Boot;

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code; 137 where the process was killed and could leave none.</returns>
    public async Task<int> WaitAsync(CancellationToken cancellation)
    {
        while (IsRunning)
        {
            await Task.Delay(50, cancellation).ConfigureAwait(false);
        }

        return File.Exists(codeFile) && int.TryParse(await File.ReadAllTextAsync(codeFile, cancellation).ConfigureAwait(false), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var code) ? code : 137;
    }

    /// <summary>Asks the container's first process to end, as Kubernetes does: the others are its affair.</summary>
    public void Terminate()
    {
        if (IsRunning)
        {
            Native.Signal(Pid, Native.Terminate);
        }
    }

    /// <summary>Ends the container's processes, those too that made themselves sessions of their own.</summary>
    /// <param name="marker">The container's marker.</param>
    public void Kill(string marker)
    {
        if (boot != ProcessTable.Boot)
        {
            return;
        }

        // The group may outlive its leader; its number is not given to others while it does.
        if (IsRunning || ProcessTable.StartTicks(Pid) is null)
        {
            Native.SignalGroup(Pid, Native.Kill);
        }

        ProcessTable.KillMarked(marker);
    }

    /// <summary>Gives a process a container's environment, and nothing of the daemon's but what programs need to start.</summary>
    public static void SetEnvironment(ProcessStartInfo info, IReadOnlyDictionary<string, string> variables)
    {
        info.Environment.Clear();
        foreach (var name in Inherited)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                info.Environment[name] = value;
            }
        }

        foreach (var (name, value) in variables)
        {
            info.Environment[name] = value;
        }
    }

    private static ContainerProcess Identify(int pid, RunFiles files)
    {
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < StartTime)
        {
            if (Find(files) is { } found)
            {
                return found;
            }

            if (ProcessTable.StartTicks(pid) is null && Find(files) is null)
            {
                throw new PodFailure("CreateContainerError", "the process ended before it began: is the disk full, or /bin/sh missing?");
            }

            Thread.Sleep(2);
        }

        Native.SignalGroup(pid, Native.Kill);
        throw new PodFailure("CreateContainerError", $"the process did not begin within {StartTime.TotalSeconds:0} s");
    }
}
