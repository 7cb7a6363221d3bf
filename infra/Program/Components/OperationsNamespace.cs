using Pulumi;
using Pulumi.Kubernetes.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;

namespace Reco.Infra.Components;

/// <summary>A namespace of what runs the cluster. What must see the node itself (exporters, device plugins) is privileged there and
/// nowhere else; controllers are as restricted as the stack's own pods.</summary>
internal static class OperationsNamespace
{
    /// <summary>Level for pods that must see the node.</summary>
    public const string Privileged = "privileged";

    /// <summary>Level for all others.</summary>
    public const string Restricted = "restricted";

    /// <summary>Makes the namespace.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="component">What it is for.</param>
    /// <param name="level">What its pods may do at most.</param>
    /// <param name="options">Resource options.</param>
    /// <returns>Its name, known once it exists.</returns>
    public static Output<string> Make(string name, string component, string level, CustomResourceOptions options) => new Namespace(name, new NamespaceArgs
    {
        Metadata = new ObjectMetaArgs
        {
            Name = name,
            Labels = InputMap<string>.Merge(Labels.For(component), new InputMap<string>
            {
                ["pod-security.kubernetes.io/enforce"] = level,
                // What could do with less is named in warnings and audit.
                ["pod-security.kubernetes.io/warn"] = level == Privileged ? "baseline" : level,
                ["pod-security.kubernetes.io/audit"] = level == Privileged ? "baseline" : level,
            }),
        },
    }, options).Metadata.Apply(metadata => metadata.Name);
}
