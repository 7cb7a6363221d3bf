using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Kubelet;

/// <summary>What is known of one container of a pod. Written by its runner, read by whoever publishes the pod's status.</summary>
internal sealed class ContainerStatus(string name, string image)
{
    private readonly Lock gate = new();
    private JsonObject state = Waiting("ContainerCreating", null);
    private JsonObject? last;
    private bool ready;
    private bool started;

    /// <summary>Restarts so far.</summary>
    public int Restarts { get; private set; }

    /// <summary>Name of the container.</summary>
    public string Name => name;

    /// <summary>Exit code where the container has ended and is not started again.</summary>
    public int? ExitCode
    {
        get
        {
            lock (gate)
            {
                return (int?)state.Number("terminated", "exitCode");
            }
        }
    }

    /// <summary>Whether it runs and its probes are content.</summary>
    public bool IsReady
    {
        get
        {
            lock (gate)
            {
                return ready;
            }
        }
    }

    /// <summary>Whether it runs and its startup probe is content.</summary>
    public bool IsStarted
    {
        get
        {
            lock (gate)
            {
                return started && state["running"] is not null;
            }
        }
    }

    /// <summary>Whether it runs.</summary>
    public bool IsRunning
    {
        get
        {
            lock (gate)
            {
                return state["running"] is not null;
            }
        }
    }

    /// <summary>It waits, with a reason as Kubernetes names it.</summary>
    public void SetWaiting(string reason, string? message)
    {
        lock (gate)
        {
            if (state["terminated"] is not null)
            {
                last = state;
            }

            (state, ready, started) = (Waiting(reason, message), false, false);
        }
    }

    /// <summary>It runs.</summary>
    public void SetRunning(DateTimeOffset since, int restarts)
    {
        lock (gate)
        {
            if (state["terminated"] is not null)
            {
                last = state;
            }

            Restarts = restarts;
            (state, ready, started) = (new JsonObject { ["running"] = new JsonObject { ["startedAt"] = since.Stamp() } }, false, false);
        }
    }

    /// <summary>What its probes say.</summary>
    public void SetProbed(bool isStarted, bool isReady)
    {
        lock (gate)
        {
            (started, ready) = (isStarted, isReady && state["running"] is not null);
        }
    }

    /// <summary>It has ended.</summary>
    public void SetTerminated(int exitCode, string reason, string? message, DateTimeOffset since, DateTimeOffset until)
    {
        lock (gate)
        {
            var ended = new JsonObject
            {
                ["exitCode"] = exitCode,
                ["reason"] = reason,
                ["startedAt"] = since.Stamp(),
                ["finishedAt"] = until.Stamp(),
            };
            if (!string.IsNullOrEmpty(message))
            {
                ended["message"] = message;
            }

            (state, ready, started) = (new JsonObject { ["terminated"] = ended }, false, false);
        }
    }

    /// <summary>The entry of <c>containerStatuses</c>.</summary>
    public JsonObject ToJson()
    {
        lock (gate)
        {
            return new JsonObject
            {
                ["name"] = name,
                ["image"] = image,
                ["imageID"] = image,
                ["ready"] = ready,
                ["started"] = started,
                ["restartCount"] = Restarts,
                ["state"] = state.DeepClone(),
                ["lastState"] = last?.DeepClone() ?? new JsonObject(),
            };
        }
    }

    private static JsonObject Waiting(string reason, string? message)
    {
        var waiting = new JsonObject { ["reason"] = reason };
        if (message is not null)
        {
            waiting["message"] = message;
        }

        return new JsonObject { ["waiting"] = waiting };
    }
}
