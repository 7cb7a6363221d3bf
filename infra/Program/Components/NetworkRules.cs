using Pulumi;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Pulumi.Kubernetes.Types.Inputs.Networking.V1;

namespace Reco.Infra.Components;

/// <summary>Parts of network policies.</summary>
internal static class NetworkRules
{
    /// <summary>Names to addresses, by the cluster's DNS.</summary>
    public static NetworkPolicyEgressRuleArgs Dns() => new()
    {
        To = { Namespace("kube-system") },
        Ports = { Port(53, "UDP"), Port(53) },
    };

    /// <summary>Every pod of a namespace, by the label that Kubernetes gives each.</summary>
    public static NetworkPolicyPeerArgs Namespace(Input<string> name) => new()
    {
        NamespaceSelector = new LabelSelectorArgs { MatchLabels = { ["kubernetes.io/metadata.name"] = name } },
    };

    /// <summary>The pods of a component of this stack.</summary>
    public static NetworkPolicyPeerArgs Component(string component) => new()
    {
        PodSelector = new LabelSelectorArgs { MatchLabels = Labels.Selector(component) },
    };

    /// <summary>One port.</summary>
    public static NetworkPolicyPortArgs Port(int port, string protocol = "TCP") => new() { Port = port, Protocol = protocol };
}
