using System.Text.Json.Nodes;
using k8s.KubeConfigModels;
using Reco.Protocol;
using Reco.Providers.Kubernetes.Cluster;
using Reco.Providers.Kubernetes.Objects;
using Reco.Providers.Kubernetes.Wire;

namespace Reco.Providers.Kubernetes.Configuration;

/// <summary>Answers DiffConfig: whether changed provider arguments mean another cluster, and so all resources anew.</summary>
internal static class ProviderDiff
{
    private const string Identifier = "clusterIdentifier";
    private static readonly string[] ClusterKeys = ["kubeconfig", "context", "cluster"];

    /// <summary>The difference of two provider configurations.</summary>
    public static DiffResponse Diff(DiffRequest request)
    {
        var before = WireReader.Read(request.Olds);
        var after = WireReader.Read(request.News);
        var changed = before.Select(member => member.Key).Union(after.Select(member => member.Key), StringComparer.Ordinal)
            .Where(key => !Json.Same(before[key], after[key])).ToList();
        var response = new DiffResponse { Changes = DiffResponse.Types.DiffChanges.DiffNone };
        if (changed.Count == 0)
        {
            return response;
        }

        response.Changes = DiffResponse.Types.DiffChanges.DiffSome;
        response.Diffs.AddRange(changed);

        // An identifier that someone chose decides alone, once both sides have one.
        if (before[Identifier] is not null && after[Identifier] is not null)
        {
            if (changed.Contains(Identifier))
            {
                response.Replaces.Add(Identifier);
            }
            else
            {
                return response;
            }
        }

        // What is not known yet may be another cluster.
        if (ClusterKeys.FirstOrDefault(key => WireReader.IsUnknown(after[key])) is { } unknown)
        {
            response.Replaces.Add(unknown);
            return response;
        }

        if (changed.Contains("renderYamlToDirectory"))
        {
            response.Replaces.Add("renderYamlToDirectory");
        }

        if (IsAnotherCluster(before, after))
        {
            response.Replaces.AddRange(ClusterKeys.Where(changed.Contains));
        }

        return response;
    }

    private static bool IsAnotherCluster(JsonObject before, JsonObject after)
    {
        if (IsLocal(before) != IsLocal(after))
        {
            return true;
        }

        var (old, now) = (ActiveCluster(before), ActiveCluster(after));
        return old is not null && now is not null && old != now;
    }

    private static bool IsLocal(JsonObject settings) =>
        string.IsNullOrEmpty(settings.Text("kubeconfig")) && settings.Text("context") == KubernetesProviderOptions.LocalContext;

    private static string? ActiveCluster(JsonObject settings)
    {
        // A kubeconfig may be given as text or as an object; an ambient one is not in the settings.
        var text = settings["kubeconfig"] is JsonObject inline ? inline.ToJsonString() : settings.Text("kubeconfig");
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        try
        {
            K8SConfiguration kubeconfig = KubeconfigFile.Load(text);
            return KubeconfigFile.ActiveCluster(kubeconfig, settings.Text("context"), settings.Text("cluster"));
        }
        catch (ClusterUnreachableException)
        {
            return null;
        }
    }
}
