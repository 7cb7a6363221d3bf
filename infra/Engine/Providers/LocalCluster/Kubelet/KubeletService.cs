using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Controllers;
using Reco.LocalCluster.Images;
using Reco.LocalCluster.Networking;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Kubelet;

/// <summary>Runs every pod of the only node. Containers outlive the daemon: after a crash they are found again by what was
/// written down about their processes.</summary>
internal sealed class KubeletService(ObjectStore store, PodFolders folders, PodVolumes volumes, ImageStore images, PodEnvironment environment, AddressPool addresses, EventRecorder events, TimeProvider time, Action<string> log)
{
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<string, (PodWorker Worker, Task Work)> workers = new();

    /// <summary>Runs pods until cancelled; the containers run on.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        RemoveOrphans();
        var (changes, stop) = store.Watch();
        var memory = WatchAsync(cancellation);
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

    private void Handle(JsonObject pod)
    {
        if (!workers.TryGetValue(pod.Uid(), out var entry))
        {
            // A change that is read late may be of a pod that is gone by now; one that ended before this daemon began has its
            // status and logs, and nothing is to be run.
            if (store.Get(KeyOf(pod))?.Uid() != pod.Uid() || (!pod.IsDeleting() && IsFinished(pod)))
            {
                return;
            }

            try
            {
                var started = Start(pod);
                entry = workers[pod.Uid()] = (started, Task.CompletedTask);
                workers[pod.Uid()] = entry = (started, WorkAsync(started, pod));
            }
            catch (ApiException refusal)
            {
                // Tried again at the next look.
                events.Record(pod, "Warning", "FailedScheduling", refusal.Message);
                return;
            }
        }

        if (pod.IsDeleting())
        {
            entry.Worker.Delete(TimeSpan.FromSeconds(pod.Number("metadata", "deletionGracePeriodSeconds") ?? 30));
        }
    }

    private static ObjectKey KeyOf(JsonObject pod) => new(ResourceKinds.Pod, pod.Space(), pod.Name());

    private static bool IsFinished(JsonObject pod) => pod.Text("status", "phase") is "Succeeded" or "Failed";

    private PodWorker Start(JsonObject pod)
    {
        var key = KeyOf(pod);
        var placed = pod.Text("status", "podIP") is not null ? pod : store.Update(key, value =>
        {
            if (value.Uid() != pod.Uid() || value.Text("status", "podIP") is not null)
            {
                // What was looked at is older than what is stored.
                return;
            }

            var now = time.GetUtcNow().Stamp();
            value.Member("spec")["nodeName"] = Expansion.NodeName;
            var status = value.Member("status");
            var address = addresses.NextPod(value);
            status["phase"] = "Pending";
            status["podIP"] = address;
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address });
            status["hostIP"] = "127.0.0.1";
            status["startTime"] = now;
            status["qosClass"] = QosClass(value);
            PodWorker.SetCondition(status, "PodScheduled", true, now);
        }) ?? pod;
        var context = new ContainerContext(images, environment, folders, time, () => { }, (type, reason, message) => events.Record(placed, type, reason, message));
        return new PodWorker(store, placed, volumes, context);
    }

    private async Task WorkAsync(PodWorker worker, JsonObject pod)
    {
        try
        {
            await worker.RunAsync(pod.IsDeleting()).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // One pod's trouble is not the others'; the next look tries again.
            log($"pod {pod.Space()}/{pod.Name()}: {error}");
        }
        finally
        {
            workers.TryRemove(pod.Uid(), out _);
        }
    }

    private static string QosClass(JsonObject pod)
    {
        var containers = pod.Items("spec", "containers").Concat(pod.Items("spec", "initContainers")).ToArray();
        var (limits, requests) = (containers.Select(entry => entry.Map("resources", "limits")).ToArray(), containers.Select(entry => entry.Map("resources", "requests")).ToArray());
        return limits.Concat(requests).All(map => map.Count == 0) ? "BestEffort"
            : limits.Zip(requests).All(pair => new[] { "cpu", "memory" }.All(name => pair.First.TryGetValue(name, out var limit) && (!pair.Second.TryGetValue(name, out var request) || request == limit))) ? "Guaranteed"
            : "Burstable";
    }

    private async Task WatchAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(WatchPeriod, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
            {
                try
                {
                    Look();
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException or ApiException)
                {
                    // The next look may see more.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The daemon ends.
        }
    }

    private void Look()
    {
        // What could not be started or written when it changed.
        foreach (var pod in store.List(ResourceKinds.Pod).Where(pod => !workers.ContainsKey(pod.Uid())))
        {
            Handle(pod);
        }

        var runners = workers.Values.SelectMany(entry => entry.Worker.Running).ToArray();
        var used = runners.Any(runner => runner.MemoryLimit is not null) ? ProcessTable.MemoryBySession() : [];
        foreach (var (worker, _) in workers.Values)
        {
            worker.PublishAgain();
        }

        foreach (var runner in runners)
        {
            LogLimit.Enforce(runner.LogFile);
            if (runner.MemoryLimit is { } limit && runner.Process is { } process && used.GetValueOrDefault(process.Pid) > limit)
            {
                runner.KillForMemory();
            }
        }
    }

    /// <summary>Removes what belongs to pods that are gone, processes first: a daemon that was killed in the middle of a
    /// deletion leaves such things.</summary>
    private void RemoveOrphans()
    {
        var known = store.List(ResourceKinds.Pod).Select(pod => pod.Uid()).ToHashSet();
        foreach (var folder in Directory.Exists(folders.Pods) ? Directory.GetDirectories(folders.Pods) : [])
        {
            var uid = Path.GetFileName(folder);
            if (known.Contains(uid))
            {
                continue;
            }

            var records = Path.Combine(folder, "containers");
            foreach (var file in Directory.Exists(records) ? Directory.GetFiles(records, "*.id") : [])
            {
                // NAME.RUN.id
                var container = Path.GetFileNameWithoutExtension(Path.GetFileNameWithoutExtension(file));
                ContainerProcess.Find(new RunFiles(file, ""))?.Kill($"{uid}/{container}");
            }

            PodFolders.Delete(folder);
        }
    }
}
