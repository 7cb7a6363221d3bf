using Pulumi;
using Pulumi.Kubernetes.ApiExtensions;

namespace Reco.Infra.CustomResources;

/// <summary>Recording and alert rules: https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule.</summary>
internal sealed class PrometheusRuleArgs() : CustomResourceArgs("monitoring.coreos.com/v1", "PrometheusRule")
{
    /// <summary>The groups.</summary>
    [Input("spec", required: true)]
    public required Input<PrometheusRuleSpecArgs> Spec { get; init; }
}

/// <summary>Groups of rules.</summary>
internal sealed class PrometheusRuleSpecArgs : ResourceArgs
{
    /// <summary>The groups.</summary>
    [Input("groups", required: true)]
    public InputList<RuleGroupArgs> Groups { get; init; } = new();
}

/// <summary>Rules that are computed one after the other.</summary>
internal sealed class RuleGroupArgs : ResourceArgs
{
    /// <summary>Its name.</summary>
    [Input("name", required: true)]
    public required Input<string> Name { get; init; }

    /// <summary>Time between two computations.</summary>
    [Input("interval")]
    public Input<string>? Interval { get; init; }

    /// <summary>The rules.</summary>
    [Input("rules", required: true)]
    public InputList<RuleArgs> Rules { get; init; } = new();
}

/// <summary>An alert rule, or a recording rule.</summary>
internal sealed class RuleArgs : ResourceArgs
{
    /// <summary>Name of the alert.</summary>
    [Input("alert")]
    public Input<string>? Alert { get; init; }

    /// <summary>Name of the recorded series.</summary>
    [Input("record")]
    public Input<string>? Record { get; init; }

    /// <summary>The query.</summary>
    [Input("expr", required: true)]
    public required Input<string> Expr { get; init; }

    /// <summary>How long it must hold.</summary>
    [Input("for")]
    public Input<string>? For { get; init; }

    /// <summary>Labels of the alert.</summary>
    [Input("labels")]
    public InputMap<string>? Labels { get; init; }

    /// <summary>What a person reads.</summary>
    [Input("annotations")]
    public InputMap<string>? Annotations { get; init; }
}
