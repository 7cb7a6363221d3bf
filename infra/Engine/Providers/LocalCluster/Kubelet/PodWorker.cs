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
    private readonly (ContainerRunner Runner, ContainerStatus Status)[] initContainers;
    private readonly (ContainerRunner Runner, ContainerStatus Status)[] containers;
    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource<TimeSpan> deletion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool initialized;

    /// <summary>Prepares to run a pod that has its address.</summary>
    public PodWorker(ObjectStore store, JsonObject pod, PodVolumes volumes, ContainerContext shared)
    {
        (this.store, this.pod, this.volumes) = (store, pod, volumes);
        key = new ObjectKey(ResourceKinds.Pod, pod.Space(), pod.Name());
        context = shared with { Changed = Publish };
        (ContainerRunner, ContainerStatus) Make(JsonObject container)
        {
            var status = new ContainerStatus(container.Text("name") ?? "", container.Text("image") ?? "");
            return (new ContainerRunner(pod, container, status, context, () => volumes.Prepare(pod)), status);
        }

        initContainers = [.. pod.Items("spec", "initContainers").Select(Make)];
        containers = [.. pod.Items("spec", "containers").Select(Make)];
    }

    /// <summary>Its containers with a process and a memory limit.</summary>
    public IEnumerable<ContainerRunner> Running => containers.Concat(initContainers).Select(entry => entry.Runner).Where(runner => runner.Process is not null);

    /// <summary>Asks for the pod's end.</summary>
    public void Delete(TimeSpan grace) => deletion.TrySetResult(grace);

    /// <summary>Runs the pod. Ends when it has ended by itself and was deleted, or was deleted.</summary>
    public async Task RunAsync()
    {
        var work = GuardAsync(RunContainersAsync());
        await Task.WhenAny(deletion.Task, RefreshAsync()).ConfigureAwait(false);
        var grace = await deletion.Task.ConfigureAwait(false);
        await stopping.CancelAsync().ConfigureAwait(false);
        if (grace > TimeSpan.Zero)
        {
            await Task.Delay(EndpointDelay).ConfigureAwait(false);
        }

        await Task.WhenAll(initContainers.Concat(containers).Select(entry => entry.Runner.StopAsync(grace))).ConfigureAwait(false);
        await work.ConfigureAwait(false);
        context.Folders.Remove(JsonObjectIdentity.Of(pod));
        stopping.Dispose();
        store.Remove(key);
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
            foreach (var (_, status) in initContainers.Concat(containers).Where(entry => entry.Status is { IsRunning: false, ExitCode: null }))
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
        foreach (var (runner, status) in initContainers)
        {
            await runner.RunAsync(code => code != 0 && policy != "Never", stopping.Token).ConfigureAwait(false);
            if (status.ExitCode != 0)
            {
                Publish();
                return;
            }
        }

        initialized = true;
        Publish();
        await Task.WhenAll(containers.Select(entry => entry.Runner.RunAsync(code => policy == "Always" || (policy == "OnFailure" && code != 0), stopping.Token))).ConfigureAwait(false);
        Publish();
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
                    volumes.Prepare(pod);
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

    private void Publish() => store.UpdateStatus(key, status =>
    {
        var now = context.Time.GetUtcNow().Stamp();
        var main = containers.Select(entry => entry.Status).ToArray();
        var failedInit = initContainers.Any(entry => entry.Status.ExitCode is not (null or 0));
        var ended = main.All(entry => entry.ExitCode is not null);
        status["phase"] = failedInit ? "Failed"
            : ended ? main.All(entry => entry.ExitCode == 0) ? "Succeeded" : "Failed"
            : initialized && main.Any(entry => entry.IsRunning || entry.Restarts > 0 || entry.ExitCode is not null) ? "Running" : "Pending";
        var ready = !failedInit && !ended && main.All(entry => entry.IsReady);
        SetCondition(status, "Initialized", initialized, now);
        SetCondition(status, "ContainersReady", ready, now);
        SetCondition(status, "Ready", ready, now);
        status["containerStatuses"] = new JsonArray([.. main.Select(entry => entry.ToJson())]);
        if (initContainers.Length > 0)
        {
            status["initContainerStatuses"] = new JsonArray([.. initContainers.Select(entry => entry.Status.ToJson())]);
        }
    });

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
