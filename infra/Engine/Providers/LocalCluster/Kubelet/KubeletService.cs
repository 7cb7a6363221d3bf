using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Controllers;
using Reco.LocalCluster.Images;
using Reco.LocalCluster.Networking;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Kubelet;

/// <summary>Runs every pod of the only node. Containers outlive the daemon: after a crash they are found again by what was
/// written down about their processes.</summary>
internal sealed class KubeletService(ObjectStore store, PodFolders folders, PodVolumes volumes, ImageStore images, PodEnvironment environment, AddressPool addresses, EventRecorder events, TimeProvider time)
{
    private static readonly TimeSpan MemoryPeriod = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<string, (PodWorker Worker, Task Work)> workers = new();

    /// <summary>Runs pods until cancelled; the containers run on.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        RemoveOrphans();
        var (changes, stop) = store.Watch();
        var memory = WatchMemoryAsync(cancellation);
        try
        {
            foreach (var pod in store.List(ResourceKinds.Pod))
            {
                Handle(pod);
            }

            await foreach (var change in changes.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                if (change.Key.Kind == ResourceKinds.Pod && change.Type != "DELETED")
                {
                    Handle(change.Value);
                }
            }
        }
        catch (OperationCanceledException)
        {
            await memory.ConfigureAwait(false);
        }
        finally
        {
            stop();
        }
    }

    /// <summary>Ends every pod's processes, for a cluster that goes away for good or while the machine shuts down.</summary>
    public async Task StopPodsAsync(TimeSpan grace)
    {
        var ending = workers.Values.ToArray();
        foreach (var (worker, _) in ending)
        {
            worker.Delete(grace);
        }

        await Task.WhenAll(ending.Select(entry => entry.Work)).ConfigureAwait(false);
    }

    private void Handle(JsonObject pod)
    {
        if (!workers.TryGetValue(pod.Uid(), out var entry))
        {
            if (!pod.IsDeleting() && IsFinished(pod))
            {
                // Ended before this daemon began: its status and logs are there, and nothing is to be run.
                return;
            }

            var started = Start(pod);
            entry = workers[pod.Uid()] = (started, Task.CompletedTask);
            workers[pod.Uid()] = entry = (started, WorkAsync(started, pod));
        }

        if (pod.IsDeleting())
        {
            entry.Worker.Delete(TimeSpan.FromSeconds(pod.Number("metadata", "deletionGracePeriodSeconds") ?? 30));
        }
    }

    private static bool IsFinished(JsonObject pod) => pod.Text("status", "phase") is "Succeeded" or "Failed";

    private PodWorker Start(JsonObject pod)
    {
        var key = new ObjectKey(ResourceKinds.Pod, pod.Space(), pod.Name());
        var placed = pod.Text("status", "podIP") is not null ? pod : store.Update(key, value =>
        {
            var now = time.GetUtcNow().Stamp();
            value.Member("spec")["nodeName"] = Expansion.NodeName;
            var status = value.Member("status");
            var address = addresses.NextPod();
            status["phase"] = "Pending";
            status["podIP"] = address;
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address });
            status["hostIP"] = "127.0.0.1";
            status["startTime"] = now;
            status["qosClass"] = "Burstable";
            PodWorker.SetCondition(status, "PodScheduled", true, now);
        }) ?? pod;
        var context = new ContainerContext(images, environment, folders, time, () => { }, (type, reason, message) => events.Record(placed, type, reason, message));
        return new PodWorker(store, placed, volumes, context);
    }

    private async Task WorkAsync(PodWorker worker, JsonObject pod)
    {
        try
        {
            await worker.RunAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            events.Record(pod, "Warning", "FailedSync", error.Message);
        }
        finally
        {
            workers.TryRemove(pod.Uid(), out _);
        }
    }

    private async Task WatchMemoryAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(MemoryPeriod, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
            {
                var runners = workers.Values.SelectMany(entry => entry.Worker.Running).ToArray();
                var used = runners.Length > 0 && OperatingSystem.IsLinux() ? ProcessMemory.BySession() : [];
                foreach (var runner in runners)
                {
                    LogLimit.Enforce(runner.LogFile);
                    if (runner.MemoryLimit is { } limit && runner.Process is { } process && used.GetValueOrDefault(process.Pid) > limit)
                    {
                        runner.KillForMemory();
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The daemon ends.
        }
    }

    /// <summary>Removes what belongs to pods that are gone, processes first: a daemon that was killed in the middle of a
    /// deletion leaves such things.</summary>
    private void RemoveOrphans()
    {
        var known = store.List(ResourceKinds.Pod).Select(pod => pod.Uid()).ToHashSet();
        foreach (var folder in Directory.Exists(folders.Pods) ? Directory.GetDirectories(folders.Pods) : [])
        {
            if (known.Contains(Path.GetFileName(folder)))
            {
                continue;
            }

            var records = Path.Combine(folder, "containers");
            foreach (var file in Directory.Exists(records) ? Directory.GetFiles(records, "*.json") : [])
            {
                if (ProcessRecord.Read(file) is { } record && ContainerProcess.Adopt(record.Pid, record.StartTicks, "") is { IsRunning: true } process)
                {
                    process.Kill();
                }
            }

            PodFolders.Delete(folder);
        }
    }
}
