using System.Text.Json.Nodes;
using Reco.Providers.Kubernetes.Objects;

namespace Reco.Providers.Kubernetes.Awaiting;

/// <summary>A Job is ready when it is complete. While it runs its log is shown; when it fails, the error carries the end of
/// the log.</summary>
internal sealed class JobCheck(AwaitContext context) : IReadinessCheck
{
    private readonly PodLogFollower follower = new(context.Client, context.Log);

    /// <summary>Whether a Job has succeeded.</summary>
    public static bool IsComplete(JsonObject live) => live.Condition("Complete").Text("status") == "True";

    /// <inheritdoc/>
    public async Task<ReadyReport> LookAsync(JsonObject live, CancellationToken cancellationToken)
    {
        if (IsComplete(live))
        {
            return ReadyReport.Ready;
        }

        var pods = await PodReport.OfAsync(context.Client, live, cancellationToken).ConfigureAwait(false);
        if (live.Condition("Failed") is { } failed && failed.Text("status") == "True")
        {
            return ReadyReport.Failed([$"job {live.Name()} failed: {failed.Text("reason")}: {failed.Text("message")}", .. await EndsAsync(pods, cancellationToken).ConfigureAwait(false)]);
        }

        var problems = PodReport.Problems(pods);
        if (!context.Once)
        {
            follower.Follow(pods);
        }

        var progress = problems.Count > 0 ? problems[0]
            : follower.LastLine ?? $"{live.Number("status", "active") ?? 0} active, {live.Number("status", "succeeded") ?? 0} succeeded, {live.Number("status", "failed") ?? 0} failed";
        return ReadyReport.Waiting(progress, [$"job {live.Name()} is not complete", .. problems]);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ExplainAsync(JsonObject live, CancellationToken cancellationToken)
    {
        foreach (var pod in (await PodReport.OfAsync(context.Client, live, cancellationToken).ConfigureAwait(false)).OrderByDescending(pod => pod.Text("metadata", "creationTimestamp"), StringComparer.Ordinal))
        {
            var failures = await PodReport.FailuresAsync(context.Client, pod, cancellationToken).ConfigureAwait(false);
            if (failures.Count > 0)
            {
                return failures;
            }
        }

        return [];
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => follower.DisposeAsync();

    private async Task<IReadOnlyList<string>> EndsAsync(IReadOnlyList<JsonObject> pods, CancellationToken cancellationToken)
    {
        // Every attempt usually ends alike: the newest tells it.
        var newest = pods.OrderByDescending(pod => pod.Text("metadata", "creationTimestamp"), StringComparer.Ordinal);
        foreach (var pod in newest)
        {
            var failures = await PodReport.FailuresAsync(context.Client, pod, cancellationToken).ConfigureAwait(false);
            if (failures.Count > 0)
            {
                return failures;
            }
        }

        return PodReport.Problems(pods);
    }
}
