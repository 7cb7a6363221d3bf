using Pulumi;
using Pulumi.Kubernetes.ApiExtensions;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;

namespace Reco.Infra.CustomResources;

/// <summary>A deployment that Argo Rollouts moves traffic to in steps: https://argo-rollouts.readthedocs.io/en/stable/features/specification/.</summary>
internal sealed class RolloutArgs() : CustomResourceArgs("argoproj.io/v1alpha1", "Rollout")
{
    /// <summary>What runs, and how a change takes over.</summary>
    [Input("spec", required: true)]
    public required Input<RolloutSpecArgs> Spec { get; init; }
}

/// <summary>What runs, and how a change takes over.</summary>
internal sealed class RolloutSpecArgs : ResourceArgs
{
    /// <summary>Pods of the stable version.</summary>
    [Input("replicas", required: true)]
    public required Input<int> Replicas { get; init; }

    /// <summary>Old versions that are kept to go back to.</summary>
    [Input("revisionHistoryLimit")]
    public Input<int>? RevisionHistoryLimit { get; init; }

    /// <summary>A version that is not ready within this time has failed.</summary>
    [Input("progressDeadlineSeconds")]
    public Input<int>? ProgressDeadlineSeconds { get; init; }

    /// <summary>Goes back by itself when the deadline passes.</summary>
    [Input("progressDeadlineAbort")]
    public Input<bool>? ProgressDeadlineAbort { get; init; }

    /// <summary>Pods of the rollout.</summary>
    [Input("selector", required: true)]
    public required Input<LabelSelectorArgs> Selector { get; init; }

    /// <summary>The pod.</summary>
    [Input("template", required: true)]
    public required Input<PodTemplateSpecArgs> Template { get; init; }

    /// <summary>How a change takes over.</summary>
    [Input("strategy", required: true)]
    public required Input<RolloutStrategyArgs> Strategy { get; init; }
}

/// <summary>How a change takes over.</summary>
internal sealed class RolloutStrategyArgs : ResourceArgs
{
    /// <summary>In steps.</summary>
    [Input("canary", required: true)]
    public required Input<CanaryStrategyArgs> Canary { get; init; }
}

/// <summary>Steps by which a new version takes over.</summary>
internal sealed class CanaryStrategyArgs : ResourceArgs
{
    /// <summary>Service of the version that is trusted.</summary>
    [Input("stableService", required: true)]
    public required Input<string> StableService { get; init; }

    /// <summary>Service of the version that is tried.</summary>
    [Input("canaryService", required: true)]
    public required Input<string> CanaryService { get; init; }

    /// <summary>Pods beyond replicas.</summary>
    [Input("maxSurge")]
    public Input<int>? MaxSurge { get; init; }

    /// <summary>Pods that may be missing.</summary>
    [Input("maxUnavailable")]
    public Input<int>? MaxUnavailable { get; init; }

    /// <summary>Whether the stable version shrinks as traffic moves; false keeps it whole until the end.</summary>
    [Input("dynamicStableScale")]
    public Input<bool>? DynamicStableScale { get; init; }

    /// <summary>How long the old version stays after the last step.</summary>
    [Input("scaleDownDelaySeconds")]
    public Input<int>? ScaleDownDelaySeconds { get; init; }

    /// <summary>How long a refused version stays, for a look at it.</summary>
    [Input("abortScaleDownDelaySeconds")]
    public Input<int>? AbortScaleDownDelaySeconds { get; init; }

    /// <summary>Who moves the traffic.</summary>
    [Input("trafficRouting", required: true)]
    public required Input<TrafficRoutingArgs> TrafficRouting { get; init; }

    /// <summary>The steps, in order.</summary>
    [Input("steps", required: true)]
    public InputList<CanaryStepArgs> Steps { get; init; } = new();
}

/// <summary>Who moves the traffic.</summary>
internal sealed class TrafficRoutingArgs : ResourceArgs
{
    /// <summary>Traffic plugins by name; the one of the Gateway API is argoproj-labs/gatewayAPI.</summary>
    [Input("plugins", required: true)]
    public InputMap<GatewayPluginArgs> Plugins { get; init; } = new();
}

/// <summary>Settings of the Gateway API plugin.</summary>
internal sealed class GatewayPluginArgs : ResourceArgs
{
    /// <summary>Name of the HTTPRoute whose weights it sets.</summary>
    [Input("httpRoute", required: true)]
    public required Input<string> HttpRoute { get; init; }

    /// <summary>Namespace of the HTTPRoute.</summary>
    [Input("namespace", required: true)]
    public required Input<string> Namespace { get; init; }
}

/// <summary>One step: a share of the traffic, or a judgement.</summary>
internal sealed class CanaryStepArgs : ResourceArgs
{
    /// <summary>Per cent of the traffic.</summary>
    [Input("setWeight")]
    public Input<int>? SetWeight { get; init; }

    /// <summary>The judgement that the step waits for.</summary>
    [Input("analysis")]
    public Input<RolloutAnalysisArgs>? Analysis { get; init; }
}

/// <summary>A judgement.</summary>
internal sealed class RolloutAnalysisArgs : ResourceArgs
{
    /// <summary>How it is measured.</summary>
    [Input("templates", required: true)]
    public InputList<AnalysisTemplateReferenceArgs> Templates { get; init; } = new();

    /// <summary>Arguments of the templates.</summary>
    [Input("args")]
    public InputList<RolloutAnalysisArgumentArgs>? Args { get; init; }
}

/// <summary>An AnalysisTemplate of the same namespace.</summary>
internal sealed class AnalysisTemplateReferenceArgs : ResourceArgs
{
    /// <summary>Its name.</summary>
    [Input("templateName", required: true)]
    public required Input<string> TemplateName { get; init; }
}

/// <summary>An argument that the rollout fills in.</summary>
internal sealed class RolloutAnalysisArgumentArgs : ResourceArgs
{
    /// <summary>Its name.</summary>
    [Input("name", required: true)]
    public required Input<string> Name { get; init; }

    /// <summary>Its value.</summary>
    [Input("valueFrom")]
    public Input<RolloutArgumentSourceArgs>? ValueFrom { get; init; }
}

/// <summary>A value that the rollout knows.</summary>
internal sealed class RolloutArgumentSourceArgs : ResourceArgs
{
    /// <summary>Latest or Stable: the pod hash of the version that is tried or trusted.</summary>
    [Input("podTemplateHashValue")]
    public Input<string>? PodTemplateHashValue { get; init; }
}
