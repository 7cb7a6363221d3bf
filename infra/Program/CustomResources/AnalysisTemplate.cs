using Pulumi;
using Pulumi.Kubernetes.ApiExtensions;

namespace Reco.Infra.CustomResources;

/// <summary>How Argo Rollouts judges a version: https://argo-rollouts.readthedocs.io/en/stable/features/analysis/.</summary>
internal sealed class AnalysisTemplateArgs() : CustomResourceArgs("argoproj.io/v1alpha1", "AnalysisTemplate")
{
    /// <summary>Arguments and measurements.</summary>
    [Input("spec", required: true)]
    public required Input<AnalysisTemplateSpecArgs> Spec { get; init; }
}

/// <summary>Arguments and measurements.</summary>
internal sealed class AnalysisTemplateSpecArgs : ResourceArgs
{
    /// <summary>Arguments.</summary>
    [Input("args")]
    public InputList<AnalysisArgumentArgs>? Args { get; init; }

    /// <summary>Measurements; each must succeed.</summary>
    [Input("metrics", required: true)]
    public InputList<AnalysisMetricArgs> Metrics { get; init; } = new();
}

/// <summary>An argument.</summary>
internal sealed class AnalysisArgumentArgs : ResourceArgs
{
    /// <summary>Its name.</summary>
    [Input("name", required: true)]
    public required Input<string> Name { get; init; }
}

/// <summary>One measurement.</summary>
internal sealed class AnalysisMetricArgs : ResourceArgs
{
    /// <summary>Its name.</summary>
    [Input("name", required: true)]
    public required Input<string> Name { get; init; }

    /// <summary>Time between two measurements, for example <c>60s</c>.</summary>
    [Input("interval")]
    public Input<string>? Interval { get; init; }

    /// <summary>Time before the first.</summary>
    [Input("initialDelay")]
    public Input<string>? InitialDelay { get; init; }

    /// <summary>How many.</summary>
    [Input("count")]
    public Input<int>? Count { get; init; }

    /// <summary>When one is good.</summary>
    [Input("successCondition")]
    public Input<string>? SuccessCondition { get; init; }

    /// <summary>When one is bad; neither good nor bad is inconclusive.</summary>
    [Input("failureCondition")]
    public Input<string>? FailureCondition { get; init; }

    /// <summary>Bad ones that are put up with.</summary>
    [Input("failureLimit")]
    public Input<int>? FailureLimit { get; init; }

    /// <summary>Inconclusive ones that are put up with.</summary>
    [Input("inconclusiveLimit")]
    public Input<int>? InconclusiveLimit { get; init; }

    /// <summary>Times in a row that Prometheus may not answer.</summary>
    [Input("consecutiveErrorLimit")]
    public Input<int>? ConsecutiveErrorLimit { get; init; }

    /// <summary>Where it is measured.</summary>
    [Input("provider", required: true)]
    public required Input<AnalysisProviderArgs> Provider { get; init; }
}

/// <summary>Where something is measured.</summary>
internal sealed class AnalysisProviderArgs : ResourceArgs
{
    /// <summary>By a query of Prometheus.</summary>
    [Input("prometheus", required: true)]
    public required Input<PrometheusQueryArgs> Prometheus { get; init; }
}

/// <summary>A query of Prometheus.</summary>
internal sealed class PrometheusQueryArgs : ResourceArgs
{
    /// <summary>Address of Prometheus.</summary>
    [Input("address", required: true)]
    public required Input<string> Address { get; init; }

    /// <summary>The query.</summary>
    [Input("query", required: true)]
    public required Input<string> Query { get; init; }
}
