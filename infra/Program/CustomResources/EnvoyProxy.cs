using Pulumi;
using Pulumi.Kubernetes.ApiExtensions;

namespace Reco.Infra.CustomResources;

/// <summary>How Envoy Gateway runs the proxies of a class: https://gateway.envoyproxy.io/docs/api/extension_types/#envoyproxy.</summary>
internal sealed class EnvoyProxyArgs() : CustomResourceArgs("gateway.envoyproxy.io/v1alpha1", KindName)
{
    /// <summary>Name of the kind.</summary>
    public const string KindName = "EnvoyProxy";

    /// <summary>Where the proxies run.</summary>
    [Input("spec", required: true)]
    public required Input<EnvoyProxySpecArgs> Spec { get; init; }
}

/// <summary>Where the proxies run.</summary>
internal sealed class EnvoyProxySpecArgs : ResourceArgs
{
    /// <summary>Who runs them.</summary>
    [Input("provider", required: true)]
    public required Input<EnvoyProviderArgs> Provider { get; init; }
}

/// <summary>Who runs the proxies.</summary>
internal sealed class EnvoyProviderArgs : ResourceArgs
{
    /// <summary>Kind of provider.</summary>
    [Input("type", required: true)]
    public Input<string> Type { get; init; } = "Kubernetes";

    /// <summary>Settings of the provider Kubernetes.</summary>
    [Input("kubernetes")]
    public Input<EnvoyKubernetesArgs>? Kubernetes { get; init; }
}

/// <summary>The objects of the proxies.</summary>
internal sealed class EnvoyKubernetesArgs : ResourceArgs
{
    /// <summary>Their pods.</summary>
    [Input("envoyDeployment")]
    public Input<EnvoyDeploymentArgs>? EnvoyDeployment { get; init; }

    /// <summary>How many must stay.</summary>
    [Input("envoyPDB")]
    public Input<EnvoyBudgetArgs>? EnvoyPdb { get; init; }

    /// <summary>Their address.</summary>
    [Input("envoyService")]
    public Input<EnvoyServiceArgs>? EnvoyService { get; init; }
}

/// <summary>Pods of the proxies.</summary>
internal sealed class EnvoyDeploymentArgs : ResourceArgs
{
    /// <summary>Number of pods.</summary>
    [Input("replicas")]
    public Input<int>? Replicas { get; init; }
}

/// <summary>Disruption budget of the proxies.</summary>
internal sealed class EnvoyBudgetArgs : ResourceArgs
{
    /// <summary>Pods that must stay.</summary>
    [Input("minAvailable")]
    public Input<int>? MinAvailable { get; init; }
}

/// <summary>Service of the proxies.</summary>
internal sealed class EnvoyServiceArgs : ResourceArgs
{
    /// <summary>ClusterIP, LoadBalancer or NodePort.</summary>
    [Input("type")]
    public Input<string>? Type { get; init; }

    /// <summary>Annotations of the Service.</summary>
    [Input("annotations")]
    public InputMap<string> Annotations { get; init; } = new();
}
