using System.Text.Json.Nodes;
using Reco.Providers.Kubernetes.Objects;

namespace Reco.Providers.Kubernetes.Awaiting;

/// <summary>A Pod is ready when its containers are, or when it has succeeded.</summary>
internal sealed class PodCheck(AwaitContext context) : IReadinessCheck
{
    /// <inheritdoc/>
    public async Task<ReadyReport> LookAsync(JsonObject live, CancellationToken cancellationToken)
    {
        var phase = live.Text("status", "phase") ?? "Pending";
        if (phase == "Succeeded" || live.Condition("Ready").Text("status") == "True")
        {
            return ReadyReport.Ready;
        }

        if (phase == "Failed")
        {
            var failures = await PodReport.FailuresAsync(context.Client, live, cancellationToken).ConfigureAwait(false);
            return ReadyReport.Failed([$"pod {live.Name()} failed{(live.Text("status", "message") is { } message ? $": {message}" : "")}", .. failures]);
        }

        var problems = PodReport.Problems([live]);
        return ReadyReport.Waiting(problems.Count > 0 ? problems[0] : $"pod is {phase}", [$"pod {live.Name()} is not ready ({phase})", .. problems]);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ExplainAsync(JsonObject live, CancellationToken cancellationToken) => PodReport.FailuresAsync(context.Client, live, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
