using System.Text.Json.Nodes;

namespace Reco.LocalCluster.Kubelet;

/// <summary>Runs the probes of one run of a container: startup first, then liveness and readiness side by side.</summary>
internal sealed class ProbeLoop(Probe? startup, Probe? readiness, Probe? liveness, ContainerStatus status, Action changed, Action<string, string> report)
{
    private bool started;

    /// <summary>Makes the loop of a container.</summary>
    public static ProbeLoop Of(JsonObject container, ContainerStatus status, Func<string> address, Func<IReadOnlyList<string>, TimeSpan, CancellationToken, Task<string?>> execute, Action changed, Action<string, string> report)
    {
        Probe? Named(string name) => container[name] is JsonObject spec ? new Probe(spec, container, address, execute) : null;
        return new ProbeLoop(Named("startupProbe"), Named("readinessProbe"), Named("livenessProbe"), status, changed, report);
    }

    /// <summary>Probes until cancelled.</summary>
    /// <returns>Why the container must be restarted, and the time that the probe gives it to end; null for the pod's.</returns>
    public async Task<(string Why, TimeSpan? Grace)> RunAsync(CancellationToken cancellation)
    {
        if (startup is not null && await UntilAsync(startup, untilSuccess: true, "Startup", cancellation).ConfigureAwait(false) is { } failed)
        {
            return (failed, startup.Grace);
        }

        started = true;
        Publish(readiness is null);
        var ready = ReadinessAsync(cancellation);
        if (liveness is not null)
        {
            return (await UntilAsync(liveness, untilSuccess: false, "Liveness", cancellation).ConfigureAwait(false) ?? "", liveness.Grace);
        }

        await ready.ConfigureAwait(false);
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellation).ConfigureAwait(false);
        return ("", null);
    }

    private async Task ReadinessAsync(CancellationToken cancellation)
    {
        if (readiness is null)
        {
            return;
        }

        await Task.Delay(readiness.InitialDelay, cancellation).ConfigureAwait(false);
        var (good, bad) = (0, 0);
        while (true)
        {
            if (await readiness.CheckAsync(cancellation).ConfigureAwait(false) is { } problem)
            {
                (good, bad) = (0, bad + 1);
                report("Unhealthy", $"Readiness probe failed: {problem}");
                if (bad >= readiness.FailureThreshold)
                {
                    Publish(false);
                }
            }
            else
            {
                (good, bad) = (good + 1, 0);
                if (good >= readiness.SuccessThreshold)
                {
                    Publish(true);
                }
            }

            await Task.Delay(readiness.Period, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<string?> UntilAsync(Probe probe, bool untilSuccess, string name, CancellationToken cancellation)
    {
        await Task.Delay(probe.InitialDelay, cancellation).ConfigureAwait(false);
        var failures = 0;
        while (true)
        {
            if (await probe.CheckAsync(cancellation).ConfigureAwait(false) is { } problem)
            {
                report("Unhealthy", $"{name} probe failed: {problem}");
                if (++failures >= probe.FailureThreshold)
                {
                    return $"{name} probe failed {failures} times: {problem}";
                }
            }
            else if (untilSuccess)
            {
                return null;
            }
            else
            {
                failures = 0;
            }

            await Task.Delay(probe.Period, cancellation).ConfigureAwait(false);
        }
    }

    private void Publish(bool ready)
    {
        if (status.IsReady != ready || !started || ready)
        {
            status.SetProbed(started, ready);
            changed();
        }
    }
}
