using System.Text.Json.Nodes;
using Reco.Providers.Kubernetes.Cluster;
using Reco.Providers.Kubernetes.Objects;

namespace Reco.Providers.Kubernetes.Awaiting;

/// <summary>An Ingress is ready when it has an address, or when its cluster says that it never will have one.</summary>
internal sealed class IngressCheck(AwaitContext context) : IReadinessCheck
{
    private const string NotEnforced = "NotEnforcedLocally";

    /// <inheritdoc/>
    public async Task<ReadyReport> LookAsync(JsonObject live, CancellationToken cancellationToken)
    {
        if (live.Items("status", "loadBalancer", "ingress").Any())
        {
            return ReadyReport.Ready;
        }

        var events = await context.Client.ListAsync(ClusterClient.CorePath(live.Namespace(), "events"), null, $"involvedObject.name={live.Name()},reason={NotEnforced}", cancellationToken).ConfigureAwait(false);
        return events.Any(entry => entry.Text("involvedObject", "uid") == live.Text("metadata", "uid"))
            ? ReadyReport.Ready
            : ReadyReport.Waiting("waiting for an address", $"ingress {live.Name()} has no address: is an ingress controller for its class running?");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
