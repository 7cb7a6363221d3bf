using Pulumi;
using Pulumi.Kubernetes.ApiExtensions;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;

namespace Reco.Infra.CustomResources;

/// <summary>Who runs Gateways of a class, and with what settings: https://gateway-api.sigs.k8s.io/api-types/gatewayclass/.</summary>
internal sealed class GatewayClassArgs() : CustomResourceArgs("gateway.networking.k8s.io/v1", "GatewayClass")
{
    /// <summary>Controller and settings.</summary>
    [Input("spec", required: true)]
    public required Input<GatewayClassSpecArgs> Spec { get; init; }
}

/// <summary>Controller and settings.</summary>
internal sealed class GatewayClassSpecArgs : ResourceArgs
{
    /// <summary>Name of the controller.</summary>
    [Input("controllerName", required: true)]
    public required Input<string> ControllerName { get; init; }

    /// <summary>The object with its settings.</summary>
    [Input("parametersRef")]
    public Input<ObjectReferenceArgs>? ParametersRef { get; init; }
}

/// <summary>Where traffic comes in: https://gateway-api.sigs.k8s.io/api-types/gateway/.</summary>
internal sealed class GatewayArgs() : CustomResourceArgs("gateway.networking.k8s.io/v1", "Gateway")
{
    /// <summary>Class and listeners.</summary>
    [Input("spec", required: true)]
    public required Input<GatewaySpecArgs> Spec { get; init; }
}

/// <summary>Class and listeners.</summary>
internal sealed class GatewaySpecArgs : ResourceArgs
{
    /// <summary>Name of the class.</summary>
    [Input("gatewayClassName", required: true)]
    public required Input<string> GatewayClassName { get; init; }

    /// <summary>Ports and protocols.</summary>
    [Input("listeners", required: true)]
    public InputList<GatewayListenerArgs> Listeners { get; init; } = new();
}

/// <summary>A port and its protocol.</summary>
internal sealed class GatewayListenerArgs : ResourceArgs
{
    /// <summary>Name of the listener.</summary>
    [Input("name", required: true)]
    public required Input<string> Name { get; init; }

    /// <summary>The port.</summary>
    [Input("port", required: true)]
    public required Input<int> Port { get; init; }

    /// <summary>HTTP, HTTPS, TLS, TCP or UDP.</summary>
    [Input("protocol", required: true)]
    public required Input<string> Protocol { get; init; }

    /// <summary>Host name; every one where there is none.</summary>
    [Input("hostname")]
    public Input<string>? Hostname { get; init; }

    /// <summary>Certificates.</summary>
    [Input("tls")]
    public Input<GatewayTlsArgs>? Tls { get; init; }

    /// <summary>Who may attach routes.</summary>
    [Input("allowedRoutes")]
    public Input<AllowedRoutesArgs>? AllowedRoutes { get; init; }
}

/// <summary>How a listener speaks TLS.</summary>
internal sealed class GatewayTlsArgs : ResourceArgs
{
    /// <summary>Terminate or Passthrough.</summary>
    [Input("mode")]
    public Input<string>? Mode { get; init; }

    /// <summary>Secrets with certificate and key.</summary>
    [Input("certificateRefs")]
    public InputList<SecretReferenceArgs> CertificateRefs { get; init; } = new();
}

/// <summary>A secret in the Gateway's namespace.</summary>
internal sealed class SecretReferenceArgs : ResourceArgs
{
    /// <summary>Its name.</summary>
    [Input("name", required: true)]
    public required Input<string> Name { get; init; }
}

/// <summary>Who may attach routes.</summary>
internal sealed class AllowedRoutesArgs : ResourceArgs
{
    /// <summary>Namespaces.</summary>
    [Input("namespaces")]
    public Input<RouteNamespacesArgs>? Namespaces { get; init; }
}

/// <summary>Namespaces whose routes are taken.</summary>
internal sealed class RouteNamespacesArgs : ResourceArgs
{
    /// <summary>All, Same or Selector.</summary>
    [Input("from")]
    public Input<string>? From { get; init; }

    /// <summary>Labels of the namespaces.</summary>
    [Input("selector")]
    public Input<LabelSelectorArgs>? Selector { get; init; }
}
