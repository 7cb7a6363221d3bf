using System.Text;
using k8s;
using k8s.Exceptions;
using k8s.KubeConfigModels;
using YamlDotNet.Core;

namespace Reco.Providers.Kubernetes.Cluster;

/// <summary>Reads a kubeconfig and picks a context of it.</summary>
internal static class KubeconfigFile
{
    /// <summary>Reads a kubeconfig.</summary>
    /// <param name="pathOrContent">A path (~ is the home folder), or YAML or JSON; null for the ambient one
    /// (<c>KUBECONFIG</c>, else <c>~/.kube/config</c>).</param>
    /// <exception cref="ClusterUnreachableException">There is none, or it cannot be read.</exception>
    public static K8SConfiguration Load(string? pathOrContent)
    {
        try
        {
            if (pathOrContent is null)
            {
                return LoadAmbient();
            }

            var path = ExpandHome(pathOrContent);
            return LooksLikePath(path) && File.Exists(path)
                ? KubernetesClientConfiguration.LoadKubeConfig(new FileInfo(path), useRelativePaths: true)
                : KubernetesClientConfiguration.LoadKubeConfig(new MemoryStream(Encoding.UTF8.GetBytes(pathOrContent)));
        }
        catch (Exception error) when (error is KubeConfigException or YamlException or IOException or UnauthorizedAccessException or InvalidCastException or ArgumentNullException)
        {
            throw new ClusterUnreachableException(
                $"the kubeconfig cannot be read: {error.Message.Split('\n')[0]} Give the provider's \"kubeconfig\" a path or the content of a kubeconfig, or set KUBECONFIG.");
        }
    }

    /// <summary>The client configuration of a context.</summary>
    /// <exception cref="ClusterUnreachableException">The context or what it names is missing.</exception>
    public static KubernetesClientConfiguration Select(K8SConfiguration kubeconfig, string? context, string? cluster)
    {
        var name = context ?? kubeconfig.CurrentContext;
        var chosen = kubeconfig.Contexts?.FirstOrDefault(entry => entry.Name == name);
        if (chosen is null)
        {
            var known = string.Join(", ", kubeconfig.Contexts?.Select(entry => entry.Name) ?? []);
            throw new ClusterUnreachableException(
                $"context \"{name}\" is not in the kubeconfig; it has: {(known.Length > 0 ? known : "none")}. Set the provider's \"context\" to one of them.");
        }

        if (cluster is not null)
        {
            chosen.ContextDetails.Cluster = cluster;
        }

        try
        {
            return KubernetesClientConfiguration.BuildConfigFromConfigObject(kubeconfig, name);
        }
        catch (Exception error) when (error is KubeConfigException or IOException or UnauthorizedAccessException or FormatException)
        {
            throw new ClusterUnreachableException($"context \"{name}\" of the kubeconfig cannot be used: {error.Message}");
        }
    }

    /// <summary>The cluster that a context means, as text that changes when the cluster does; null where it means none.</summary>
    public static string? ActiveCluster(K8SConfiguration kubeconfig, string? context, string? cluster)
    {
        var details = kubeconfig.Contexts?.FirstOrDefault(entry => entry.Name == (context ?? kubeconfig.CurrentContext))?.ContextDetails;
        var name = details is null ? null : cluster ?? details.Cluster;
        var endpoint = kubeconfig.Clusters?.FirstOrDefault(entry => entry.Name == name)?.ClusterEndpoint;
        return endpoint is null ? null : string.Join('\n',
            endpoint.Server, endpoint.CertificateAuthority, endpoint.CertificateAuthorityData, endpoint.TlsServerName, endpoint.SkipTlsVerify);
    }

    private static K8SConfiguration LoadAmbient()
    {
        var variable = Environment.GetEnvironmentVariable("KUBECONFIG");
        var files = string.IsNullOrEmpty(variable)
            ? [KubernetesClientConfiguration.KubeConfigDefaultLocation]
            : variable.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var present = files.Where(File.Exists).ToList();
        return present.Count switch
        {
            0 => throw new ClusterUnreachableException($"there is no kubeconfig ({string.Join(", ", files)}). Set KUBECONFIG or the provider's \"kubeconfig\"."),
            _ => present.Select(file => KubernetesClientConfiguration.LoadKubeConfig(new FileInfo(file), useRelativePaths: true)).Aggregate(Merge),
        };
    }

    /// <summary>As kubectl merges the files of <c>KUBECONFIG</c>: the first to set a value wins.</summary>
    private static K8SConfiguration Merge(K8SConfiguration first, K8SConfiguration second)
    {
        first.CurrentContext = string.IsNullOrEmpty(first.CurrentContext) ? second.CurrentContext : first.CurrentContext;
        first.Contexts = [.. first.Contexts ?? [], .. (second.Contexts ?? []).Where(entry => first.Contexts?.Any(other => other.Name == entry.Name) != true)];
        first.Clusters = [.. first.Clusters ?? [], .. (second.Clusters ?? []).Where(entry => first.Clusters?.Any(other => other.Name == entry.Name) != true)];
        first.Users = [.. first.Users ?? [], .. (second.Users ?? []).Where(entry => first.Users?.Any(other => other.Name == entry.Name) != true)];
        return first;
    }

    private static string ExpandHome(string path) =>
        path == "~" || path.StartsWith("~/", StringComparison.Ordinal)
            ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..]
            : path;

    private static bool LooksLikePath(string text) => !text.Contains('\n', StringComparison.Ordinal) && !text.StartsWith('{');
}
