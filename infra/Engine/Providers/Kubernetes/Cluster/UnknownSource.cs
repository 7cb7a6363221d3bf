namespace Reco.Providers.Kubernetes.Cluster;

/// <summary>A cluster that is made in the same update: until then nothing is asked, and least of all another cluster that
/// happens to be the ambient one.</summary>
internal sealed class UnknownSource(string? space) : IClusterSource
{
    /// <inheritdoc/>
    public string DefaultNamespace => space ?? "default";

    /// <inheritdoc/>
    public Task<ClusterClient?> ConnectAsync(ClusterNeed need, CancellationToken cancellationToken) => need == ClusterNeed.IfRunning
        ? Task.FromResult<ClusterClient?>(null)
        : throw new ClusterUnreachableException("its kubeconfig is not known yet.");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
