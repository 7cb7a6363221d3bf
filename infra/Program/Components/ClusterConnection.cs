using Pulumi;
using Pulumi.Kubernetes;
using Reco.Infra.Components.Azure;
using Reco.Infra.Configuration;

namespace Reco.Infra.Components;

/// <summary>The Kubernetes provider of a stack.</summary>
internal static class ClusterConnection
{
    /// <summary>Context that the embedded engine's Kubernetes provider takes for the cluster that it runs on this machine.
    /// With the official engine a kubeconfig must have a context of this name.</summary>
    public const string LocalContext = "reco-local";

    private const string Name = "cluster";

    /// <summary>Where the stack's objects go: the local cluster, a context of the user's kubeconfig, or the stack's own
    /// cluster in Azure.</summary>
    /// <param name="config">The stack's settings.</param>
    /// <param name="platform">The stack's Azure part; null on other targets.</param>
    public static ComponentResourceOptions Open(StackConfig config, AzurePlatform? platform) => platform is null
        ? new ComponentResourceOptions
        {
            Provider = new Provider(Name, new ProviderArgs
            {
                Context = config.Target == Target.Local ? LocalContext : config.KubeContext!,
                EnableServerSideApply = true,
            }),
        }
        : new ComponentResourceOptions
        {
            Provider = new Provider(Name, new ProviderArgs
            {
                KubeConfig = platform.Cluster.Kubeconfig,
                // Decides by itself whether it is another cluster: a changed address or certificate is not.
                ClusterIdentifier = platform.Cluster.ClusterName,
                EnableServerSideApply = true,
                DeleteUnreachable = true,
            }),
            // What is in the cluster goes with it: a stack can be taken down when its cluster is gone already.
            DeletedWith = platform.Cluster.Resource,
        };
}
