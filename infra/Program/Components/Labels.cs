using Pulumi;

namespace Reco.Infra.Components;

/// <summary>The recommended Kubernetes labels (https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/).</summary>
internal static class Labels
{
    /// <summary>Labels that select the pods of one component.</summary>
    public static InputMap<string> Selector(string component) => new()
    {
        ["app.kubernetes.io/name"] = $"reco-{component}",
        ["app.kubernetes.io/instance"] = Deployment.Instance.StackName,
    };

    /// <summary>Every label of an object of one component.</summary>
    public static InputMap<string> For(string component) => new()
    {
        ["app.kubernetes.io/name"] = $"reco-{component}",
        ["app.kubernetes.io/instance"] = Deployment.Instance.StackName,
        ["app.kubernetes.io/component"] = component,
        ["app.kubernetes.io/part-of"] = "reco",
        ["app.kubernetes.io/managed-by"] = "pulumi",
    };
}
