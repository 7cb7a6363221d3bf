using Pulumi;
using Pulumi.Kubernetes.ApiExtensions;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;

namespace Reco.Infra.CustomResources;

/// <summary>Pods that Prometheus reads: https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitor.</summary>
internal sealed class PodMonitorArgs() : CustomResourceArgs("monitoring.coreos.com/v1", "PodMonitor")
{
    /// <summary>Which pods and how.</summary>
    [Input("spec", required: true)]
    public required Input<PodMonitorSpecArgs> Spec { get; init; }
}

/// <summary>Which pods and how.</summary>
internal sealed class PodMonitorSpecArgs : ResourceArgs
{
    /// <summary>Labels of the pods.</summary>
    [Input("selector", required: true)]
    public required Input<LabelSelectorArgs> Selector { get; init; }

    /// <summary>Labels of the pods that become labels of the metrics.</summary>
    [Input("podTargetLabels")]
    public InputList<string>? PodTargetLabels { get; init; }

    /// <summary>Ports that are read.</summary>
    [Input("podMetricsEndpoints", required: true)]
    public InputList<PodMetricsEndpointArgs> PodMetricsEndpoints { get; init; } = new();

    /// <summary>Most samples of one read; a pod with more is refused.</summary>
    [Input("sampleLimit")]
    public Input<int>? SampleLimit { get; init; }
}

/// <summary>A port that is read.</summary>
internal sealed class PodMetricsEndpointArgs : ResourceArgs
{
    /// <summary>Name of the container port.</summary>
    [Input("port", required: true)]
    public required Input<string> Port { get; init; }

    /// <summary>HTTP path.</summary>
    [Input("path")]
    public Input<string>? Path { get; init; }

    /// <summary>Time between reads.</summary>
    [Input("interval")]
    public Input<string>? Interval { get; init; }

    /// <summary>Time limit of a read.</summary>
    [Input("scrapeTimeout")]
    public Input<string>? ScrapeTimeout { get; init; }
}
