using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Kubelet;

/// <summary>Runs one pod from its first status to its removal.</summary>
internal sealed class PodWorker
{
    // Services stop sending new connections before the processes hear of the end.
    private static readonly TimeSpan EndpointDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan VolumeRefresh = TimeSpan.FromSeconds(60);
    private readonly ObjectStore store;
    private readonly ObjectKey key;
    private readonly JsonObject pod;
    private readonly PodVolumes volumes;
    private readonly ContainerContext context;
    private readonly PodContainer[] initContainers;
    private readonly PodContainer[] containers;
    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource hurry = new();
    private readonly TaskCompletionSource<TimeSpan> deletion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock publishing = new();
    private bool initialized;
    private bool unpublished;
    private string? failure;

    /// <summary>Prepares to run a pod that has its address.</summary>
    public PodWorker(ObjectStore store, JsonObject pod, PodVolumes volumes, ContainerContext shared)
    {
        (this.store, this.pod, this.volumes) = (store, pod, volumes);
        key = new ObjectKey(ResourceKinds.Pod, pod.Space(), pod.Name());
        context = shared with { Changed = Publish };
        PodContainer Make(JsonObject container)
        {
            var status = new ContainerStatus(container.Text("name") ?? "", container.Text("image") ?? "");
            return new PodContainer(new ContainerRunner(pod, container, status, context, () => volumes.Prepare(pod)), status, container.Text("restartPolicy") == "Always");
        }

        initContainers = [.. pod.Items("spec", "initContainers").Select(Make)];
        containers = [.. pod.Items("spec", "containers").Select(Make)];
    }

    /// <summary>Its containers that have a process.</summary>
    public IEnumerable<ContainerRunner> Running => containers.Concat(initContainers).Select(entry => entry.Runner).Where(runner => runner.Process is not null);

    private IEnumerable<PodContainer> Sidecars => initContainers.Where(entry => entry.IsSidecar);

    /// <summary>Asks for the pod's end; asked again, with less time than before, it hurries.</summary>
    public void Delete(TimeSpan grace)
    {
        if (!deletion.TrySetResult(grace) && deletion.Task.IsCompletedSuccessfully && grace <= TimeSpan.Zero)
        {
            hurry.Cancel();
        }
    }

    /// <summary>Runs the pod. Ends when it has ended by itself and was deleted, or was deleted.</summary>
    /// <param name="isDeleting">Whether it is on its way out already: nothing is started, what an earlier daemon started is ended.</param>
    public async Task RunAsync(bool isDeleting)
    {
        if (isDeleting)
        {
            await stopping.CancelAsync().ConfigureAwait(false);
        }

        var work = GuardAsync(RunContainersAsync());
        await Task.WhenAny(deletion.Task, RefreshAsync()).ConfigureAwait(false);
        var grace = await deletion.Task.ConfigureAwait(false);
        await stopping.CancelAsync().ConfigureAwait(false);
        if (grace > TimeSpan.Zero)
        {
            await Task.Delay(EndpointDelay).ConfigureAwait(false);
        }

        await StopAsync(grace).ConfigureAwait(false);
        await work.ConfigureAwait(false);
        context.Folders.Remove(JsonObjectIdentity.Of(pod));
        stopping.Dispose();
        store.Remove(key);
    }

    /// <summary>Publishes what could not be written when it changed.</summary>
    public void PublishAgain()
    {
        if (unpublished)
        {
            Publish();
        }
    }

    /// <summary>Ends the containers, sidecars after those that they serve, the first last.</summary>
    private async Task StopAsync(TimeSpan grace)
    {
        var waited = System.Diagnostics.Stopwatch.StartNew();
        await Task.WhenAll(containers.Concat(initContainers.Where(entry => !entry.IsSidecar)).Select(entry => entry.Runner.StopAsync(grace, hurry.Token))).ConfigureAwait(false);
        foreach (var (runner, _, _) in Sidecars.Reverse())
        {
            var left = grace - waited.Elapsed;
            await runner.StopAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, hurry.Token).ConfigureAwait(false);
        }
    }

    /// <summary>A pod whose containers cannot be run at all fails, and says why.</summary>
    private async Task GuardAsync(Task work)
    {
        try
        {
            await work.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            var now = context.Time.GetUtcNow();
            foreach (var (_, status, _) in initContainers.Concat(containers).Where(entry => entry.Status is { IsRunning: false, ExitCode: null }))
            {
                status.SetTerminated(128, "StartError", error.Message, now, now);
            }

            context.Report("Warning", "FailedSync", error.Message);
            Publish();
        }
    }

    private async Task RunContainersAsync()
    {
        var policy = pod.Text("spec", "restartPolicy") ?? "Always";
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        var deadline = EndAtDeadlineAsync(ended);
        var sidecars = new List<Task>();
        try
        {
            if (!await InitializeAsync(policy, sidecars, ended.Token).ConfigureAwait(false))
            {
                return;
            }

            initialized = true;
            Publish();
            await Task.WhenAll(containers.Select(entry => entry.Runner.RunAsync(code => policy == "Always" || (policy == "OnFailure" && code != 0), ended.Token))).ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            if (!stopping.IsCancellationRequested)
            {
                // By itself: the work is done, or given up. Sidecars serve nobody any more.
                await StopAsync(TimeSpan.FromSeconds(pod.Number("spec", "terminationGracePeriodSeconds") ?? 30)).ConfigureAwait(false);
            }

            await Task.WhenAll(sidecars).ConfigureAwait(false);
            await deadline.ConfigureAwait(false);
        }

        Publish();
    }

    /// <summary>Runs the init containers, one after the other; sidecars run on.</summary>
    /// <returns>Whether all of them succeeded.</returns>
    private async Task<bool> InitializeAsync(string policy, List<Task> sidecars, CancellationToken stop)
    {
        foreach (var (runner, status, isSidecar) in initContainers)
        {
            if (!isSidecar)
            {
                await runner.RunAsync(code => code != 0 && policy != "Never", stop).ConfigureAwait(false);
                if (status.ExitCode != 0)
                {
                    return false;
                }

                continue;
            }

            sidecars.Add(runner.RunAsync(_ => true, stop));
            while (!status.IsStarted)
            {
                if (stop.IsCancellationRequested)
                {
                    return false;
                }

                await Task.Delay(50, CancellationToken.None).ConfigureAwait(false);
            }
        }

        return true;
    }

    private async Task EndAtDeadlineAsync(CancellationTokenSource ended)
    {
        if (pod.Number("spec", "activeDeadlineSeconds") is not { } seconds || !DateTimeOffset.TryParse(pod.Text("status", "startTime"), System.Globalization.CultureInfo.InvariantCulture, out var begun))
        {
            return;
        }

        try
        {
            var left = begun.AddSeconds(seconds) - context.Time.GetUtcNow();
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, context.Time, ended.Token).ConfigureAwait(false);
            failure = "DeadlineExceeded";
            await ended.CancelAsync().ConfigureAwait(false);
            await StopAsync(TimeSpan.FromSeconds(pod.Number("spec", "terminationGracePeriodSeconds") ?? 30)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It has ended before.
        }
    }

    private async Task RefreshAsync()
    {
        using var timer = new PeriodicTimer(VolumeRefresh, context.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping.Token).ConfigureAwait(false))
            {
                try
                {
                    if (Running.Any())
                    {
                        volumes.Prepare(pod);
                    }
                }
                catch (Exception error) when (error is PodFailure or IOException)
                {
                    context.Report("Warning", "FailedMount", error.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The pod ends.
        }
    }

    private void Publish()
    {
        lock (publishing)
        {
            try
            {
                store.UpdateStatus(key, WriteStatus);
                unpublished = false;
            }
            catch (ApiException)
            {
                // The disk is full: the containers run on, and the status follows.
                unpublished = true;
            }
        }
    }

    private void WriteStatus(JsonObject status)
    {
        var now = context.Time.GetUtcNow().Stamp();
        var main = containers.Select(entry => entry.Status).ToArray();
        var failedInit = initContainers.Any(entry => !entry.IsSidecar && entry.Status.ExitCode is not (null or 0)) && !initialized;
        var ended = main.All(entry => entry.ExitCode is not null);
        status["phase"] = failedInit || failure is not null ? "Failed"
            : ended ? main.All(entry => entry.ExitCode == 0) ? "Succeeded" : "Failed"
            : initialized && main.Any(entry => entry.IsRunning || entry.Restarts > 0 || entry.ExitCode is not null) ? "Running" : "Pending";
        if (failure is not null)
        {
            status["reason"] = failure;
            status["message"] = "Pod was active on the node longer than the specified deadline";
        }

        var waiting = main.Concat(Sidecars.Select(entry => entry.Status)).Where(entry => !entry.IsReady).Select(entry => entry.Name).ToArray();
        var ready = !failedInit && !ended && failure is null && waiting.Length == 0;
        var (reason, message) = ready ? (null, null) : ended ? ("PodCompleted", null) : ("ContainersNotReady", $"containers with unready status: [{string.Join(' ', waiting)}]");
        SetCondition(status, "Initialized", initialized, now);
        SetCondition(status, "ContainersReady", ready, now, reason, message);
        SetCondition(status, "Ready", ready, now, reason, message);
        status["containerStatuses"] = new JsonArray([.. main.Select(entry => entry.ToJson())]);
        if (initContainers.Length > 0)
        {
            status["initContainerStatuses"] = new JsonArray([.. initContainers.Select(entry => entry.Status.ToJson())]);
        }
    }

    /// <summary>Sets a condition; its time of transition changes with its status only.</summary>
    public static void SetCondition(JsonObject status, string type, bool value, string now, string? reason = null, string? message = null)
    {
        if (status["conditions"] is not JsonArray conditions)
        {
            status["conditions"] = conditions = [];
        }

        var condition = conditions.OfType<JsonObject>().FirstOrDefault(entry => entry.Text("type") == type);
        if (condition is null)
        {
            condition = new JsonObject { ["type"] = type };
            conditions.Add(condition);
        }

        var text = value ? "True" : "False";
        if (condition.Text("status") != text)
        {
            condition["status"] = text;
            condition["lastTransitionTime"] = now;
        }

        foreach (var (name, entry) in new[] { ("reason", reason), ("message", message) })
        {
            if (entry is null)
            {
                condition.Remove(name);
            }
            else
            {
                condition[name] = entry;
            }
        }
    }
}

/// <summary>A container of a pod.</summary>
/// <param name="Runner">Runs it.</param>
/// <param name="Status">What is known of it.</param>
/// <param name="IsSidecar">Whether it is an init container that runs as long as the pod.</param>
internal sealed record PodContainer(ContainerRunner Runner, ContainerStatus Status, bool IsSidecar);
