using Pulumi;
using Pulumi.Kubernetes.ApiExtensions;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;

namespace Reco.Infra.CustomResources;

/// <summary>A Service whose pods Prometheus reads: https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ServiceMonitor.</summary>
internal sealed class ServiceMonitorArgs() : CustomResourceArgs("monitoring.coreos.com/v1", "ServiceMonitor")
{
    /// <summary>Which Services and how.</summary>
    [Input("spec", required: true)]
    public required Input<ServiceMonitorSpecArgs> Spec { get; init; }
}

/// <summary>Which Services and how.</summary>
internal sealed class ServiceMonitorSpecArgs : ResourceArgs
{
    /// <summary>Labels of the Services.</summary>
    [Input("selector", required: true)]
    public required Input<LabelSelectorArgs> Selector { get; init; }

    /// <summary>Ports that are read.</summary>
    [Input("endpoints", required: true)]
    public InputList<ServiceEndpointArgs> Endpoints { get; init; } = new();

    /// <summary>Most samples of one read; a pod with more is refused.</summary>
    [Input("sampleLimit")]
    public Input<int>? SampleLimit { get; init; }
}

/// <summary>A port that is read.</summary>
internal sealed class ServiceEndpointArgs : ResourceArgs
{
    /// <summary>Name of the Service's port.</summary>
    [Input("port", required: true)]
    public required Input<string> Port { get; init; }

    /// <summary>HTTP path.</summary>
    [Input("path")]
    public Input<string>? Path { get; init; }

    /// <summary>http or https.</summary>
    [Input("scheme")]
    public Input<string>? Scheme { get; init; }

    /// <summary>File with the token that is shown, in Prometheus' pod.</summary>
    [Input("bearerTokenFile")]
    public Input<string>? BearerTokenFile { get; init; }

    /// <summary>TLS.</summary>
    [Input("tlsConfig")]
    public Input<ServiceTlsArgs>? TlsConfig { get; init; }
}

/// <summary>TLS of a port that is read.</summary>
internal sealed class ServiceTlsArgs : ResourceArgs
{
    /// <summary>Takes any certificate.</summary>
    [Input("insecureSkipVerify")]
    public Input<bool>? InsecureSkipVerify { get; init; }
}
