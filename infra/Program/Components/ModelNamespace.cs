using Pulumi;
using Pulumi.Kubernetes.Core.V1;
using Pulumi.Kubernetes.Networking.V1;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Pulumi.Kubernetes.Types.Inputs.Networking.V1;

namespace Reco.Infra.Components;

/// <summary>Arguments of <see cref="ModelNamespace"/>.</summary>
internal sealed class ModelNamespaceArgs : ResourceArgs
{
    /// <summary>Name of the namespace.</summary>
    public required string Name { get; init; }
}

/// <summary>The namespace of everything that one stack deploys: restricted pods only, and no traffic that a component
/// does not allow.</summary>
internal sealed class ModelNamespace : ComponentResource
{
    /// <summary>Makes the namespace and its default network policy.</summary>
    public ModelNamespace(string name, ModelNamespaceArgs args, ComponentResourceOptions? options = null)
        : base("reco:model:Namespace", name, options)
    {
        var space = new Namespace(name, new NamespaceArgs
        {
            Metadata = new ObjectMetaArgs
            {
                Name = args.Name,
                Labels =
                {
                    ["app.kubernetes.io/part-of"] = "reco",
                    ["app.kubernetes.io/managed-by"] = "pulumi",
                    ["pod-security.kubernetes.io/enforce"] = "restricted",
                },
            },
        }, new CustomResourceOptions { Parent = this });
        Name = space.Metadata.Apply(metadata => metadata.Name);

        _ = new NetworkPolicy($"{name}-default-deny", new NetworkPolicyArgs
        {
            Metadata = new ObjectMetaArgs { Namespace = Name, Labels = Labels.For("namespace") },
            Spec = new NetworkPolicySpecArgs
            {
                PodSelector = new LabelSelectorArgs(),
                PolicyTypes = { "Ingress", "Egress" },
            },
        }, new CustomResourceOptions { Parent = this });
        RegisterOutputs(new Dictionary<string, object?> { ["name"] = Name });
    }

    /// <summary>Name of the namespace, known once it exists.</summary>
    public Output<string> Name { get; }
}
