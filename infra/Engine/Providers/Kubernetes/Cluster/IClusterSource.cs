namespace Reco.Providers.Kubernetes.Cluster;

/// <summary>How much an operation needs a cluster.</summary>
internal enum ClusterNeed
{
    /// <summary>Planning: use it if it runs, never change anything for it.</summary>
    IfRunning,

    /// <summary>Reading or deleting: what is there must be reached, what was never made is not.</summary>
    IfExists,

    /// <summary>Making or changing an object: there must be a cluster.</summary>
    Required,
}

/// <summary>Leads to the cluster that the provider is configured for.</summary>
internal interface IClusterSource : IAsyncDisposable
{
    /// <summary>Namespace of objects that name none.</summary>
    string DefaultNamespace { get; }

    /// <summary>A client of the cluster; null where there is no cluster and the operation can do without. The source
    /// owns the client.</summary>
    /// <exception cref="ClusterUnreachableException">There should be a cluster but none can be reached.</exception>
    Task<ClusterClient?> ConnectAsync(ClusterNeed need, CancellationToken cancellationToken);
}
