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
    private bool outOfMemory;

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

    /// <summary>Runs it until it has ended for good or <paramref name="stopping"/>; never leaves a process that it has not
    /// recorded.</summary>
    /// <param name="restart">Whether an end with that exit code is followed by a start.</param>
    /// <param name="stopping">The pod ends: no more starts and no more probes. Processes are ended by <see cref="StopAsync"/>.</param>
    public async Task RunAsync(Func<int, bool> restart, CancellationToken stopping)
    {
        var pause = TimeSpan.Zero;
        var adopted = ProcessRecord.Read(context.Folders.Record(pod.Uid(), name));
        var restarts = adopted?.Restarts ?? 0;
        while (!stopping.IsCancellationRequested)
        {
            (ContainerProcess Process, DateTimeOffset Since)? run = adopted is null ? await StartAsync(restarts, stopping).ConfigureAwait(false) : Adopt(adopted);
            if (run is not { } current)
            {
                return;
            }

            adopted = null;
            var code = await WatchAsync(current, stopping).ConfigureAwait(false);
            var now = context.Time.GetUtcNow();
            var reason = outOfMemory ? "OOMKilled" : code == 0 ? "Completed" : "Error";
            status.SetTerminated(code, reason, outOfMemory ? $"used more memory than its limit ({container.Map("resources", "limits")["memory"]})" : null, current.Since, now);
            outOfMemory = false;
            lock (gate)
            {
                process = null;
            }

            if (stopping.IsCancellationRequested || !restart(code))
            {
                context.Changed();
                return;
            }

            if (now - current.Since > Healthy)
            {
                pause = TimeSpan.Zero;
            }

            restarts++;
            if (pause > TimeSpan.Zero)
            {
                status.SetWaiting("CrashLoopBackOff", $"back-off {pause.TotalSeconds:0}s restarting failed container={name} pod={pod.Name()}");
                context.Report("Warning", "BackOff", $"Back-off restarting failed container {name}");
            }

            context.Changed();
            try
            {
                await Task.Delay(pause, context.Time, stopping).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = pause == TimeSpan.Zero ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Ends the process: <c>preStop</c>, SIGTERM, and SIGKILL when the time is over.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        if (Process is not { } running)
        {
            return;
        }

        var waited = Stopwatch.StartNew();
        if (grace > TimeSpan.Zero)
        {
            await PreStopAsync(grace).ConfigureAwait(false);
            running.Terminate();
            while (running.IsRunning && waited.Elapsed < grace)
            {
                await Task.Delay(50).ConfigureAwait(false);
            }
        }

        // What the first process left behind, too.
        running.Kill();
        while (running.IsRunning)
        {
            running.Kill();
            await Task.Delay(20).ConfigureAwait(false);
        }
    }

    /// <summary>Ends the container because it uses too much memory.</summary>
    public void KillForMemory()
    {
        outOfMemory = true;
        context.Report("Warning", "OOMKilling", $"Container {name} used more memory than its limit");
        Process?.Kill();
    }

    private async Task<(ContainerProcess Process, DateTimeOffset Since)?> StartAsync(int restarts, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var start = Plan();
                RotateLog();
                var begun = context.Time.GetUtcNow();
                var started = ContainerProcess.Start(start, context.Folders.ExitCode(pod.Uid(), name));
                new ProcessRecord(started.Pid, started.StartTicks, restarts, begun).Write(context.Folders.Record(pod.Uid(), name));
                Set(started, begun, restarts);
                return (started, begun);
            }
            catch (PodFailure failure)
            {
                status.SetWaiting(failure.Reason, failure.Message);
                context.Report("Warning", failure.Reason == "ErrImagePull" ? "Failed" : "FailedMount", failure.Message);
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

    private (ContainerProcess Process, DateTimeOffset Since) Adopt(ProcessRecord record)
    {
        var found = ContainerProcess.Adopt(record.Pid, record.StartTicks, context.Folders.ExitCode(pod.Uid(), name));
        Set(found, record.StartedAt, record.Restarts);
        return (found, record.StartedAt);
    }

    private void Set(ContainerProcess started, DateTimeOffset since, int restarts)
    {
        lock (gate)
        {
            process = started;
        }

        status.SetRunning(since, restarts);
        context.Changed();
    }

    private async Task<int> WatchAsync((ContainerProcess Process, DateTimeOffset Since) run, CancellationToken stopping)
    {
        using var probing = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var probes = ProbeLoop.Of(container, status, () => pod.Text("status", "podIP") ?? "127.0.0.1", ExecuteAsync, context.Changed,
            (reason, message) => context.Report("Warning", reason, message)).RunAsync(probing.Token);
        var ended = run.Process.WaitAsync(CancellationToken.None);
        if (await Task.WhenAny(probes, ended).ConfigureAwait(false) == probes && probes.IsCompletedSuccessfully)
        {
            context.Report("Normal", "Killing", $"Container {name}: {await probes.ConfigureAwait(false)}; it will be restarted");
            await StopAsync(Grace).ConfigureAwait(false);
        }

        var code = await ended.ConfigureAwait(false);
        await probing.CancelAsync().ConfigureAwait(false);
        try
        {
            await probes.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The container has ended before its probes.
        }

        // The first process is gone; so is its session.
        run.Process.Kill();
        return code;
    }

    private TimeSpan Grace => TimeSpan.FromSeconds(pod.Number("spec", "terminationGracePeriodSeconds") ?? 30);

    private ContainerStart Plan()
    {
        var places = volumes();
        var variables = context.Environment.Resolve(pod, container);
        var mounts = PodVolumes.Mounts(container, places, text => Expansion.Variables(text, variables));
        var image = context.Images.Pull(container.Text("image") ?? "");
        var command = container.Texts("command").ToArray() is { Length: > 0 } given ? given : image.EntryPoint;
        string Translate(string text) => Expansion.Paths(Expansion.Variables(text, variables), mounts);
        string[] full = [.. command.Concat(container.Texts("args")).Select(Translate)];
        if (full.Length == 0)
        {
            throw new PodFailure("CreateContainerError", $"container {name} names no command, and its image has none");
        }

        if (full[0] == "dotnet" && System.Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) == "dotnet")
        {
            full[0] = own;
        }

        return new ContainerStart
        {
            Command = full,
            Environment = variables.ToDictionary(entry => entry.Key, entry => Expansion.Paths(entry.Value, mounts)),
            WorkingDirectory = container.Text("workingDir") is { } directory ? Translate(directory) : image.Folder ?? PodFolders.Make(context.Folders.Pod(pod.Uid())),
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

    private async Task PreStopAsync(TimeSpan grace)
    {
        if (container.At("lifecycle", "preStop") is not JsonObject hook)
        {
            return;
        }

        var problem = hook.Number("sleep", "seconds") is { } seconds
            ? await SleepAsync(TimeSpan.FromSeconds(Math.Min(seconds, grace.TotalSeconds))).ConfigureAwait(false)
            : hook["exec"] is JsonObject exec ? await ExecuteAsync([.. exec.Texts("command")], grace, CancellationToken.None).ConfigureAwait(false)
            : await new Probe(hook, container, () => pod.Text("status", "podIP") ?? "127.0.0.1", ExecuteAsync).CheckAsync(CancellationToken.None).ConfigureAwait(false);
        if (problem is not null)
        {
            context.Report("Warning", "FailedPreStopHook", $"PreStopHook of container {name} failed: {problem}");
        }
    }

    private static async Task<string?> SleepAsync(TimeSpan time)
    {
        await Task.Delay(time).ConfigureAwait(false);
        return null;
    }

    private async Task<string?> ExecuteAsync(IReadOnlyList<string> command, TimeSpan limit, CancellationToken cancellation)
    {
        ContainerStart plan;
        try
        {
            plan = Plan();
        }
        catch (PodFailure failure)
        {
            return failure.Message;
        }

        return await ContainerExec.RunAsync(plan, command, limit, cancellation).ConfigureAwait(false);
    }
}
