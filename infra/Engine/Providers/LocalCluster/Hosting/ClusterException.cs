namespace Reco.LocalCluster.Hosting;

/// <summary>Why the cluster cannot run, in words for whoever started it.</summary>
internal sealed class ClusterException(string message) : Exception(message);
