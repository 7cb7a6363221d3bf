using Pulumi;
using Pulumi.Kubernetes.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;

namespace Reco.Infra.Components;

/// <summary>A namespace for what must see the node itself (exporters, device plugins): privileged pods are allowed there
/// and nowhere else.</summary>
internal static class OperationsNamespace
{
    /// <summary>Makes the namespace.</summary>
    /// <returns>Its name, known once it exists.</returns>
    public static Output<string> Make(string name, string component, CustomResourceOptions options) => new Namespace(name, new NamespaceArgs
    {
        Metadata = new ObjectMetaArgs
        {
            Name = name,
            Labels = InputMap<string>.Merge(Labels.For(component), new InputMap<string>
            {
                ["pod-security.kubernetes.io/enforce"] = "privileged",
                // What could do with less is named in warnings and audit.
                ["pod-security.kubernetes.io/warn"] = "baseline",
                ["pod-security.kubernetes.io/audit"] = "baseline",
            }),
        },
    }, options).Metadata.Apply(metadata => metadata.Name);
}
