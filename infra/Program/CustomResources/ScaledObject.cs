using Pulumi;
using Pulumi.Kubernetes.ApiExtensions;

namespace Reco.Infra.CustomResources;

/// <summary>A workload that KEDA scales: https://keda.sh/docs/latest/reference/scaledobject-spec/.</summary>
internal sealed class ScaledObjectArgs() : CustomResourceArgs("keda.sh/v1alpha1", "ScaledObject")
{
    /// <summary>What is scaled, and by what.</summary>
    [Input("spec", required: true)]
    public required Input<ScaledObjectSpecArgs> Spec { get; init; }
}

/// <summary>What is scaled, and by what.</summary>
internal sealed class ScaledObjectSpecArgs : ResourceArgs
{
    /// <summary>What is scaled.</summary>
    [Input("scaleTargetRef", required: true)]
    public required Input<ScaleTargetArgs> ScaleTargetRef { get; init; }

    /// <summary>Fewest pods.</summary>
    [Input("minReplicaCount")]
    public Input<int>? MinReplicaCount { get; init; }

    /// <summary>Most pods.</summary>
    [Input("maxReplicaCount")]
    public Input<int>? MaxReplicaCount { get; init; }

    /// <summary>Seconds between two looks.</summary>
    [Input("pollingInterval")]
    public Input<int>? PollingInterval { get; init; }

    /// <summary>Seconds before the last pod goes.</summary>
    [Input("cooldownPeriod")]
    public Input<int>? CooldownPeriod { get; init; }

    /// <summary>What happens when it cannot be measured.</summary>
    [Input("fallback")]
    public Input<ScaledObjectFallbackArgs>? Fallback { get; init; }

    /// <summary>Behaviour of the HorizontalPodAutoscaler underneath.</summary>
    [Input("advanced")]
    public Input<ScaledObjectAdvancedArgs>? Advanced { get; init; }

    /// <summary>Measurements; the one that asks for the most pods counts.</summary>
    [Input("triggers", required: true)]
    public InputList<ScaleTriggerArgs> Triggers { get; init; } = new();
}

/// <summary>A workload.</summary>
internal sealed class ScaleTargetArgs : ResourceArgs
{
    /// <summary>Its API version.</summary>
    [Input("apiVersion")]
    public Input<string>? ApiVersion { get; init; }

    /// <summary>Its kind.</summary>
    [Input("kind")]
    public Input<string>? Kind { get; init; }

    /// <summary>Its name.</summary>
    [Input("name", required: true)]
    public required Input<string> Name { get; init; }
}

/// <summary>What happens when it cannot be measured.</summary>
internal sealed class ScaledObjectFallbackArgs : ResourceArgs
{
    /// <summary>Failures in a row.</summary>
    [Input("failureThreshold", required: true)]
    public required Input<int> FailureThreshold { get; init; }

    /// <summary>Pods from then on.</summary>
    [Input("replicas", required: true)]
    public required Input<int> Replicas { get; init; }

    /// <summary><c>static</c>, or <c>currentReplicasIfHigher</c>: never fewer than there are.</summary>
    [Input("behavior")]
    public Input<string>? Behavior { get; init; }
}

/// <summary>Behaviour of the HorizontalPodAutoscaler underneath.</summary>
internal sealed class ScaledObjectAdvancedArgs : ResourceArgs
{
    /// <summary>The autoscaler.</summary>
    [Input("horizontalPodAutoscalerConfig")]
    public Input<HpaConfigArgs>? HorizontalPodAutoscalerConfig { get; init; }
}

/// <summary>The autoscaler.</summary>
internal sealed class HpaConfigArgs : ResourceArgs
{
    /// <summary>How quickly it goes up and down.</summary>
    [Input("behavior")]
    public Input<Pulumi.Kubernetes.Types.Inputs.Autoscaling.V2.HorizontalPodAutoscalerBehaviorArgs>? Behavior { get; init; }
}

/// <summary>A measurement.</summary>
internal sealed class ScaleTriggerArgs : ResourceArgs
{
    /// <summary>Scaler, for example <c>prometheus</c>.</summary>
    [Input("type", required: true)]
    public required Input<string> Type { get; init; }

    /// <summary>Name of the trigger.</summary>
    [Input("name")]
    public Input<string>? Name { get; init; }

    /// <summary><c>AverageValue</c>: a pod; <c>Value</c>: in all.</summary>
    [Input("metricType")]
    public Input<string>? MetricType { get; init; }

    /// <summary>Settings of the scaler.</summary>
    [Input("metadata", required: true)]
    public InputMap<string> Metadata { get; init; } = new();

    /// <summary>Identity of the scaler.</summary>
    [Input("authenticationRef")]
    public Input<TriggerAuthenticationReferenceArgs>? AuthenticationRef { get; init; }
}

/// <summary>A TriggerAuthentication of the same namespace.</summary>
internal sealed class TriggerAuthenticationReferenceArgs : ResourceArgs
{
    /// <summary>Its name.</summary>
    [Input("name", required: true)]
    public required Input<string> Name { get; init; }
}
