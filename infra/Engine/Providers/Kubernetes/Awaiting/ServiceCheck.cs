using System.Diagnostics;
using System.Text.Json.Nodes;
using Reco.Providers.Kubernetes.Cluster;
using Reco.Providers.Kubernetes.Objects;

namespace Reco.Providers.Kubernetes.Awaiting;

/// <summary>A Service is ready when it leads somewhere: every endpoint of its selector is ready. One that has no endpoint at
/// all for a while counts as ready too (its pods may come later), as with the official provider. A load balancer
/// also needs its address.</summary>
internal sealed class ServiceCheck(AwaitContext context) : IReadinessCheck
{
    private readonly Stopwatch settled = Stopwatch.StartNew();

    /// <inheritdoc/>
    public async Task<ReadyReport> LookAsync(JsonObject live, CancellationToken cancellationToken)
    {
        if (await PortConflictAsync(live, cancellationToken).ConfigureAwait(false) is { } conflict)
        {
            return ReadyReport.Failed(conflict);
        }

        if (PortConditions(live).Any(condition => condition.Text("status") == "Unknown"))
        {
            return ReadyReport.Waiting("waiting for the node ports", $"service {live.Name()}: its node ports are not opened yet");
        }

        if (live.Text("spec", "type") == "LoadBalancer" && !live.Items("status", "loadBalancer", "ingress").Any())
        {
            return ReadyReport.Waiting("waiting for the load balancer's address", $"service {live.Name()} has no address from a load balancer: does this cluster offer load balancers?");
        }

        var external = live.Text("spec", "type") == "ExternalName" || live.Text("spec", "clusterIP") == "None";
        if (external || live.At("spec", "selector") is not JsonObject { Count: > 0 })
        {
            return ReadyReport.Ready;
        }

        var (ready, pending) = await EndpointsAsync(live, cancellationToken).ConfigureAwait(false);
        if (pending == 0 && (ready > 0 || context.Once || settled.Elapsed >= context.SettleTime))
        {
            return ReadyReport.Ready;
        }

        return ReadyReport.Waiting(
            $"{ready} of {ready + pending} endpoints ready",
            $"service {live.Name()}: {ready} of {ready + pending} endpoints are ready. Look at the pods that its spec.selector matches.");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>A NodePort that the node cannot listen on shows as a condition and a Warning event on the Service.</summary>
    private async Task<string?> PortConflictAsync(JsonObject live, CancellationToken cancellationToken)
    {
        if (!live.Items("spec", "ports").Any(port => port.Number("nodePort") is not null))
        {
            return null;
        }

        foreach (var condition in live.Items("status", "conditions"))
        {
            if (IsPortReason(condition.Text("reason")) && IsBad(condition))
            {
                return $"service {live.Name()}: {condition.Text("message")}";
            }
        }

        // Without a condition that says how it is now, the event of this object does.
        if (PortConditions(live).Any())
        {
            return null;
        }

        var events = await context.Client.ListAsync(
            ClusterClient.CorePath(live.Namespace(), "events"), null, $"involvedObject.kind=Service,involvedObject.name={live.Name()}", cancellationToken).ConfigureAwait(false);
        var warning = events.FirstOrDefault(entry => entry.Text("type") == "Warning" && IsPortReason(entry.Text("reason"))
            && entry.Text("involvedObject", "name") == live.Name() && entry.Text("involvedObject", "uid") == live.Text("metadata", "uid"));
        return warning is null ? null : $"service {live.Name()}: {warning.Text("message")}";
    }

    private static IEnumerable<JsonObject> PortConditions(JsonObject live) =>
        live.Items("status", "conditions").Where(condition => condition.Text("type")?.Contains("Port", StringComparison.Ordinal) == true);

    private static bool IsPortReason(string? reason) =>
        reason is not null && reason.Contains("Port", StringComparison.Ordinal)
        && (reason.Contains("Conflict", StringComparison.Ordinal) || reason.Contains("InUse", StringComparison.Ordinal)
            || reason.Contains("AlreadyAllocated", StringComparison.Ordinal) || reason.Contains("Unavailable", StringComparison.Ordinal));

    /// <summary>Good conditions are true when all is well (…Ready, …Bound, …Listening); bad ones name the trouble.</summary>
    private static bool IsBad(JsonObject condition) =>
        condition.Text("type") is { } type && (type.Contains("Conflict", StringComparison.Ordinal) || type.Contains("InUse", StringComparison.Ordinal))
            ? condition.Text("status") == "True"
            : condition.Text("status") == "False";

    private async Task<(int Ready, int Pending)> EndpointsAsync(JsonObject live, CancellationToken cancellationToken)
    {
        var space = Uri.EscapeDataString(live.Namespace());
        var slices = await context.Client.ListAsync(
            $"apis/discovery.k8s.io/v1/namespaces/{space}/endpointslices", $"kubernetes.io/service-name={live.Name()}", null, cancellationToken).ConfigureAwait(false);
        if (slices.Count > 0)
        {
            var endpoints = slices.SelectMany(slice => slice.Items("endpoints")).ToList();
            // Kubernetes: a condition that is not given counts as ready. One that terminates is on its way out.
            var ready = endpoints.Count(endpoint => endpoint.At("conditions", "ready") is null || endpoint.Flag("conditions", "ready"));
            return (ready, endpoints.Count(endpoint => !endpoint.Flag("conditions", "terminating")) - ready);
        }

        var legacy = await context.Client.GetAsync($"{ClusterClient.CorePath(live.Namespace(), "endpoints")}/{live.Name()}", cancellationToken).ConfigureAwait(false);
        return (legacy.Items("subsets").Sum(subset => subset.Items("addresses").Count()), legacy.Items("subsets").Sum(subset => subset.Items("notReadyAddresses").Count()));
    }
}
