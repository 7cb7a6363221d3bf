using Reco.Infra.Configuration;

namespace Reco.Infra.Components;

/// <summary>The Kubernetes provider of a stack.</summary>
internal static class ClusterConnection
{
    /// <summary>Context that the embedded engine's Kubernetes provider takes for the cluster that it runs on this machine.
    /// With the official engine a kubeconfig must have a context of this name.</summary>
    public const string LocalContext = "reco-local";

    /// <summary>Makes the provider: of the local cluster, or of a context of the user's kubeconfig.</summary>
    public static Pulumi.Kubernetes.Provider Open(StackConfig config) => new("cluster", new Pulumi.Kubernetes.ProviderArgs
    {
        Context = config.Target == Target.Local ? LocalContext : config.KubeContext!,
        EnableServerSideApply = true,
    });
}
