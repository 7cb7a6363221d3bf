namespace Reco.Providers.Kubernetes.Wire;

/// <summary>Pulumi's names of the few Kubernetes fields that have dashes (schema extensions of a CustomResourceDefinition).</summary>
internal static class DashedKeys
{
    private const string PulumiPrefix = "x_kubernetes_";
    private const string KubernetesPrefix = "x-kubernetes-";

    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string", "x-kubernetes-list-map-keys",
        "x-kubernetes-list-type", "x-kubernetes-map-type", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-validations",
    };

    /// <summary>The field's name in Kubernetes.</summary>
    public static string ToKubernetes(string key)
    {
        if (!key.StartsWith(PulumiPrefix, StringComparison.Ordinal))
        {
            return key;
        }

        var dashed = key.Replace('_', '-');
        return Known.Contains(dashed) ? dashed : key;
    }

    /// <summary>The field's name in Pulumi.</summary>
    public static string ToPulumi(string key) =>
        key.StartsWith(KubernetesPrefix, StringComparison.Ordinal) && Known.Contains(key) ? key.Replace('-', '_') : key;
}
