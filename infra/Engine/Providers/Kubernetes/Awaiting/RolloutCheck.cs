using System.Text.Json.Nodes;
using Reco.Providers.Kubernetes.Objects;

namespace Reco.Providers.Kubernetes.Awaiting;

/// <summary>A Deployment, StatefulSet, DaemonSet or ReplicaSet is ready when its controller has seen the newest spec, every
/// replica runs it and is available, and no replica of an older spec is left.</summary>
internal sealed class RolloutCheck(AwaitContext context) : IReadinessCheck
{
    /// <inheritdoc/>
    public async Task<ReadyReport> LookAsync(JsonObject live, CancellationToken cancellationToken)
    {
        var kind = live.Kind();
        if (live.Number("status", "observedGeneration") is { } seen && seen < (live.Number("metadata", "generation") ?? 0))
        {
            return ReadyReport.Waiting("the controller has not seen the change yet", $"the controller of {kind} {live.Name()} has not seen the change yet");
        }

        if (live.Flag("spec", "paused"))
        {
            // Whoever paused it wants no rollout: there is none to wait for.
            return ReadyReport.Ready;
        }

        if (live.Condition("Progressing") is { } progressing && progressing.Text("status") == "False")
        {
            return ReadyReport.Failed([$"{kind} {live.Name()} does not progress: {progressing.Text("reason")}: {progressing.Text("message")}",
                .. await ReasonsAsync(live, withLogs: true, cancellationToken).ConfigureAwait(false)]);
        }

        var (wanted, updated, available, total) = Counts(live);
        var isSeen = live.At("status", "observedGeneration") is not null || kind == "ReplicaSet";
        if (isSeen && updated >= wanted && available >= wanted && total <= Math.Max(wanted, updated))
        {
            return ReadyReport.Ready;
        }

        var reasons = await ReasonsAsync(live, withLogs: context.Once, cancellationToken).ConfigureAwait(false);
        var old = total - updated;
        var progress = $"{available}/{wanted} replicas ready"
            + (updated < wanted ? $", {updated} of the new version" : old > 0 ? $", {old} of the old version stopping" : "")
            + (reasons.Count > 0 ? $"; {reasons[0].Split('\n')[0]}" : "");
        return ReadyReport.Waiting(progress, [$"{kind} {live.Name()}: {available} of {wanted} replicas are ready", .. reasons]);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ExplainAsync(JsonObject live, CancellationToken cancellationToken) =>
        await FirstFailureAsync(await PodReport.OfAsync(context.Client, live, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static (long Wanted, long Updated, long Available, long Total) Counts(JsonObject live)
    {
        if (live.Kind() == "DaemonSet")
        {
            var nodes = live.Number("status", "desiredNumberScheduled") ?? 0;
            return (nodes, live.Number("status", "updatedNumberScheduled") ?? 0, live.Number("status", "numberAvailable") ?? 0, nodes);
        }

        var wanted = live.Number("spec", "replicas") ?? 1;
        var total = live.Number("status", "replicas") ?? 0;
        var available = live.Number("status", "availableReplicas") ?? live.Number("status", "readyReplicas") ?? 0;
        // A ReplicaSet has one version; a StatefulSet says how many are updated only while it rolls.
        var updated = live.Kind() == "ReplicaSet" ? total : live.Number("status", "updatedReplicas") ?? 0;
        if (live.Kind() == "StatefulSet" && live.Text("status", "currentRevision") is { } current && current == live.Text("status", "updateRevision"))
        {
            updated = total;
        }

        return (wanted, updated, available, total);
    }

    private async Task<IReadOnlyList<string>> ReasonsAsync(JsonObject live, bool withLogs, CancellationToken cancellationToken)
    {
        var pods = await PodReport.OfAsync(context.Client, live, cancellationToken).ConfigureAwait(false);
        var reasons = new List<string>(PodReport.Problems(pods));
        if (withLogs)
        {
            reasons.AddRange(await FirstFailureAsync(pods, cancellationToken).ConfigureAwait(false));
        }

        return reasons;
    }

    /// <summary>One pod's log is enough: they run the same.</summary>
    private async Task<IReadOnlyList<string>> FirstFailureAsync(IReadOnlyList<JsonObject> pods, CancellationToken cancellationToken)
    {
        foreach (var pod in pods)
        {
            var failures = await PodReport.FailuresAsync(context.Client, pod, cancellationToken).ConfigureAwait(false);
            if (failures.Count > 0)
            {
                return failures;
            }
        }

        return [];
    }
}
