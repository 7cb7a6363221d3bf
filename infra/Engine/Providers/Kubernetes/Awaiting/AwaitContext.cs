using Reco.Providers.Kubernetes.Cluster;
using Reco.Providers.Kubernetes.Operations;

namespace Reco.Providers.Kubernetes.Awaiting;

/// <summary>What a wait works with.</summary>
internal sealed record AwaitContext
{
    /// <summary>The cluster.</summary>
    public required ClusterClient Client { get; init; }

    /// <summary>Where progress is shown.</summary>
    public required ProgressLog Log { get; init; }

    /// <summary>How often to look when the cluster tells no news.</summary>
    public required TimeSpan PollInterval { get; init; }

    /// <summary>How long a Service without any endpoint is watched before it counts as ready.</summary>
    public required TimeSpan SettleTime { get; init; }

    /// <summary>Whether this is one look (refresh) and not a wait.</summary>
    public bool Once { get; init; }
}
