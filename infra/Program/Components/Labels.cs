using Pulumi;

namespace Reco.Infra.Components;

/// <summary>The recommended Kubernetes labels (https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/).</summary>
internal static class Labels
{
    /// <summary>Annotation of a service account: client ID of the Azure identity that it is federated with.</summary>
    public const string ClientIdAnnotation = "azure.workload.identity/client-id";

    private const string Name = "app.kubernetes.io/name";
    private const string Instance = "app.kubernetes.io/instance";

    /// <summary>Labels that select the pods of one component.</summary>
    public static InputMap<string> Selector(string component) => new()
    {
        [Name] = $"reco-{component}",
        [Instance] = Deployment.Instance.StackName,
    };

    /// <summary>Every label of an object of one component.</summary>
    public static InputMap<string> For(string component) => new()
    {
        [Name] = $"reco-{component}",
        [Instance] = Deployment.Instance.StackName,
        ["app.kubernetes.io/component"] = component,
        ["app.kubernetes.io/part-of"] = "reco",
        ["app.kubernetes.io/managed-by"] = "pulumi",
    };

    /// <summary>Every label of a pod of one component, its image's version among them.</summary>
    public static InputMap<string> ForPod(string component, string image)
    {
        var labels = For(component);
        labels.Add("app.kubernetes.io/version", VersionOf(image));
        return labels;
    }

    /// <summary>Tag of an image, or the beginning of its digest: a label's value has at most 63 characters.</summary>
    private static string VersionOf(string image)
    {
        var digest = image.IndexOf("@sha256:", StringComparison.Ordinal);
        var version = digest >= 0 ? image[(digest + "@sha256:".Length)..] : image[(image.LastIndexOf(':') + 1)..];
        return version[..Math.Min(version.Length, 12)];
    }
}
