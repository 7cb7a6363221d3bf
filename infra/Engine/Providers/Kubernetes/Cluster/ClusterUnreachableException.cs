namespace Reco.Providers.Kubernetes.Cluster;

/// <summary>There is no way to the cluster: no usable kubeconfig, or nobody answers. The message says why.</summary>
internal sealed class ClusterUnreachableException(string message) : Exception(message);
