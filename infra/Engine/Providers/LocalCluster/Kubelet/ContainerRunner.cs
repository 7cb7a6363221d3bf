using System.Diagnostics;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Images;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Kubelet;

/// <summary>What a container runner works with.</summary>
internal sealed record ContainerContext(ImageStore Images, PodEnvironment Environment, PodFolders Folders, TimeProvider Time, Action Changed, Action<string, string, string> Report);

/// <summary>Runs one container of a pod: starts it, probes it, starts it again with growing pauses, ends it.</summary>
internal sealed class ContainerRunner(JsonObject pod, JsonObject container, ContainerStatus status, ContainerContext context, Func<IReadOnlyDictionary<string, string>> volumes)
{
    // As in the real kubelet: 10 s, doubled up to 5 min, forgotten after 10 min of good health. The first restart is immediate.
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Healthy = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(2);
    private readonly string name = container.Text("name") ?? "";
    private readonly Lock gate = new();
    private ContainerProcess? process;
    private string? ended;

    /// <summary>Most memory that it may use, in bytes; null for any.</summary>
    public double? MemoryLimit { get; } = Quantity.Parse(container.Map("resources", "limits").GetValueOrDefault("memory"));

    /// <summary>Its process; null where it has none now.</summary>
    public ContainerProcess? Process
    {
        get
        {
            lock (gate)
            {
                return process;
            }
        }
    }

    /// <summary>File of its log.</summary>
    public string LogFile => context.Folders.Log(pod.Space(), pod.Name(), name);

    private string Marker => $"{pod.Uid()}/{name}";

    private TimeSpan Grace => TimeSpan.FromSeconds(pod.Number("spec", "terminationGracePeriodSeconds") ?? 30);

    /// <summary>Runs it until it has ended for good or <paramref name="stopping"/>; never leaves a process that it has not
    /// recorded.</summary>
    /// <param name="restart">Whether an end with that exit code is followed by a start.</param>
    /// <param name="stopping">The pod ends: no more starts and no more probes. Processes are ended by <see cref="StopAsync"/>.</param>
    public async Task RunAsync(Func<int, bool> restart, CancellationToken stopping)
    {
        var pause = TimeSpan.Zero;
        var record = ProcessRecord.Read(context.Folders.Record(pod.Uid(), name));
        var run = record?.Run ?? 0;
        (ContainerProcess Process, DateTimeOffset Since)? current = record is null ? null : Adopt(record);
        while (current is not null || !stopping.IsCancellationRequested)
        {
            current ??= await StartAsync(run, stopping).ConfigureAwait(false);
            if (current is not { } running)
            {
                return;
            }

            var code = await WatchAsync(running, stopping).ConfigureAwait(false);
            var now = context.Time.GetUtcNow();
            SetTerminated(code, running.Since, now);
            current = null;
            lock (gate)
            {
                process = null;
            }

            if (stopping.IsCancellationRequested || !restart(code))
            {
                context.Changed();
                return;
            }

            if (now - running.Since > Healthy)
            {
                pause = TimeSpan.Zero;
            }

            RunFiles.Of(context.Folders, pod.Uid(), name, run).Delete();
            run++;
            if (!await PauseAsync(pause, stopping).ConfigureAwait(false))
            {
                return;
            }

            pause = pause == TimeSpan.Zero ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Ends the process: <c>preStop</c>, SIGTERM, and SIGKILL when the time is over.</summary>
    /// <param name="grace">How long it may take.</param>
    /// <param name="hurry">Cancelled where it is to be killed at once after all.</param>
    public async Task StopAsync(TimeSpan grace, CancellationToken hurry)
    {
        if (Process is not { } running)
        {
            return;
        }

        var waited = Stopwatch.StartNew();
        if (grace > TimeSpan.Zero)
        {
            await PreStopAsync(grace, hurry).ConfigureAwait(false);
            running.Terminate();
            while (running.IsRunning && waited.Elapsed < grace && !hurry.IsCancellationRequested)
            {
                await Task.Delay(50, CancellationToken.None).ConfigureAwait(false);
            }
        }

        // What the first process left behind, too.
        running.Kill(Marker);
        while (running.IsRunning)
        {
            running.Kill(Marker);
            await Task.Delay(20, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Ends the container because it uses too much memory.</summary>
    public void KillForMemory()
    {
        ended = "OOMKilled";
        context.Report("Warning", "OOMKilling", $"Container {name} used more memory than its limit");
        Process?.Kill(Marker);
    }

    private void SetTerminated(int code, DateTimeOffset since, DateTimeOffset now)
    {
        var reason = ended ?? (code == 0 ? "Completed" : "Error");
        var message = ended == "OOMKilled" ? $"used more memory than its limit ({container.Map("resources", "limits")["memory"]})"
            : code != 0 && container.Text("terminationMessagePolicy") == "FallbackToLogsOnError" ? PodLogs.Tail(LogFile)
            : null;
        status.SetTerminated(code, reason, message, since, now);
        ended = null;
    }

    private async Task<bool> PauseAsync(TimeSpan pause, CancellationToken stopping)
    {
        if (pause > TimeSpan.Zero)
        {
            status.SetWaiting("CrashLoopBackOff", $"back-off {pause.TotalSeconds:0}s restarting failed container={name} pod={pod.Name()}");
            context.Report("Warning", "BackOff", $"Back-off restarting failed container {name}");
        }

        context.Changed();
        try
        {
            await Task.Delay(pause, context.Time, stopping).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<(ContainerProcess Process, DateTimeOffset Since)?> StartAsync(int run, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var start = Plan();
                RotateLog();
                var begun = context.Time.GetUtcNow();

                // Written first: whoever finds it looks for the process, and one that has not begun never begins twice.
                new ProcessRecord(run, begun).Write(context.Folders.Record(pod.Uid(), name));
                var started = ContainerProcess.Start(start, RunFiles.Of(context.Folders, pod.Uid(), name, run));
                Set(started, begun, run);
                return (started, begun);
            }
            catch (PodFailure failure)
            {
                status.SetWaiting(failure.Reason, failure.Message);
                context.Report("Warning", failure.Reason == "ErrImagePull" ? "Failed" : "FailedMount", failure.Message);
                context.Changed();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                status.SetWaiting("CreateContainerError", error.Message);
                context.Report("Warning", "Failed", error.Message);
                context.Changed();
            }

            try
            {
                await Task.Delay(RetryPause, context.Time, stopping).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>Finds the process of an earlier daemon; null where it never began.</summary>
    private (ContainerProcess Process, DateTimeOffset Since)? Adopt(ProcessRecord record)
    {
        if (ContainerProcess.Find(RunFiles.Of(context.Folders, pod.Uid(), name, record.Run)) is not { } found)
        {
            return null;
        }

        Set(found, record.StartedAt, record.Run);
        return (found, record.StartedAt);
    }

    private void Set(ContainerProcess started, DateTimeOffset since, int run)
    {
        lock (gate)
        {
            process = started;
        }

        status.SetRunning(since, run);
        context.Changed();
    }

    private async Task<int> WatchAsync((ContainerProcess Process, DateTimeOffset Since) run, CancellationToken stopping)
    {
        using var probing = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var probes = ProbeAsync(probing.Token);
        var ending = run.Process.WaitAsync(CancellationToken.None);
        if (await Task.WhenAny(probes, ending).ConfigureAwait(false) == probes && probes.IsCompletedSuccessfully)
        {
            var (why, grace) = await probes.ConfigureAwait(false);
            context.Report("Normal", "Killing", $"Container {name}: {why}; it will be restarted");
            await StopAsync(grace ?? Grace, stopping).ConfigureAwait(false);
        }

        var code = await ending.ConfigureAwait(false);
        await probing.CancelAsync().ConfigureAwait(false);
        try
        {
            await probes.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The container has ended before its probes.
        }

        // The first process is gone; so is all that it started.
        run.Process.Kill(Marker);
        return code;
    }

    private async Task<(string Why, TimeSpan? Grace)> ProbeAsync(CancellationToken cancellation)
    {
        if (container.At("lifecycle", "postStart") is JsonObject hook && await HookAsync(hook, Grace, cancellation).ConfigureAwait(false) is { } problem)
        {
            context.Report("Warning", "FailedPostStartHook", $"PostStartHook of container {name} failed: {problem}");
            return ($"PostStartHook failed: {problem}", null);
        }

        return await ProbeLoop.Of(container, status, Address, ExecuteAsync, context.Changed, (reason, message) => context.Report("Warning", reason, message)).RunAsync(cancellation).ConfigureAwait(false);
    }

    private string Address() => pod.Text("status", "podIP") ?? "127.0.0.1";

    private ContainerStart Plan()
    {
        var places = volumes();
        var variables = context.Environment.Resolve(pod, container);
        var mounts = PodVolumes.Mounts(container, places, text => Expansion.Variables(text, variables));
        var image = context.Images.Pull(container.Text("image") ?? "");
        var command = container.Texts("command").ToArray() is { Length: > 0 } given ? given : image.EntryPoint;
        string Translate(string text) => context.Environment.Names(pod, Expansion.Paths(text, mounts));
        string[] full = [.. command.Concat(container.Texts("args")).Select(text => Translate(Expansion.Variables(text, variables)))];
        if (full.Length == 0)
        {
            throw new PodFailure("CreateContainerError", $"container {name} names no command, and its image has none");
        }

        if (full[0] == "dotnet" && System.Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) == "dotnet")
        {
            full[0] = own;
        }

        var environment = variables.ToDictionary(entry => entry.Key, entry => Translate(entry.Value));
        environment[ContainerProcess.MarkerVariable] = Marker;
        return new ContainerStart
        {
            Command = full,
            Environment = environment,
            WorkingDirectory = container.Text("workingDir") is { } directory ? Translate(Expansion.Variables(directory, variables)) : image.Folder ?? PodFolders.Make(context.Folders.Pod(pod.Uid())),
            LogFile = LogFile,
        };
    }

    private void RotateLog()
    {
        if (File.Exists(LogFile))
        {
            File.Move(LogFile, context.Folders.PreviousLog(pod.Space(), pod.Name(), name), overwrite: true);
        }
    }

    private async Task PreStopAsync(TimeSpan grace, CancellationToken hurry)
    {
        if (container.At("lifecycle", "preStop") is not JsonObject hook)
        {
            return;
        }

        try
        {
            if (await HookAsync(hook, grace, hurry).ConfigureAwait(false) is { } problem)
            {
                context.Report("Warning", "FailedPreStopHook", $"PreStopHook of container {name} failed: {problem}");
            }
        }
        catch (OperationCanceledException)
        {
            // There is no time for it.
        }
    }

    private async Task<string?> HookAsync(JsonObject hook, TimeSpan limit, CancellationToken cancellation)
    {
        if (hook.Number("sleep", "seconds") is { } seconds)
        {
            await Task.Delay(TimeSpan.FromSeconds(Math.Min(seconds, limit.TotalSeconds)), cancellation).ConfigureAwait(false);
            return null;
        }

        return hook["exec"] is JsonObject exec
            ? await ExecuteAsync([.. exec.Texts("command")], limit, cancellation).ConfigureAwait(false)
            : await new Probe(hook, container, Address, ExecuteAsync, limit).CheckAsync(cancellation).ConfigureAwait(false);
    }

    private async Task<string?> ExecuteAsync(IReadOnlyList<string> command, TimeSpan limit, CancellationToken cancellation)
    {
        try
        {
            var plan = Plan();
            var mounts = PodVolumes.Mounts(container, volumes(), text => Expansion.Variables(text, plan.Environment));
            return await ContainerExec.RunAsync(plan, [.. command.Select(text => Expansion.Paths(text, mounts))], limit, cancellation).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is PodFailure or IOException)
        {
            return failure.Message;
        }
    }
}
