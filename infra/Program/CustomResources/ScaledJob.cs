using Pulumi;
using Pulumi.Kubernetes.ApiExtensions;
using Pulumi.Kubernetes.Types.Inputs.Batch.V1;

namespace Reco.Infra.CustomResources;

/// <summary>Jobs that KEDA starts by events: https://keda.sh/docs/latest/reference/scaledjob-spec/.</summary>
internal sealed class ScaledJobArgs() : CustomResourceArgs("keda.sh/v1alpha1", "ScaledJob")
{
    /// <summary>The job, and what starts it.</summary>
    [Input("spec", required: true)]
    public required Input<ScaledJobSpecArgs> Spec { get; init; }
}

/// <summary>The job, and what starts it.</summary>
internal sealed class ScaledJobSpecArgs : ResourceArgs
{
    /// <summary>The job.</summary>
    [Input("jobTargetRef", required: true)]
    public required Input<JobSpecArgs> JobTargetRef { get; init; }

    /// <summary>Seconds between two looks.</summary>
    [Input("pollingInterval")]
    public Input<int>? PollingInterval { get; init; }

    /// <summary>Most jobs at a time.</summary>
    [Input("maxReplicaCount")]
    public Input<int>? MaxReplicaCount { get; init; }

    /// <summary>Finished jobs that are kept.</summary>
    [Input("successfulJobsHistoryLimit")]
    public Input<int>? SuccessfulJobsHistoryLimit { get; init; }

    /// <summary>Failed jobs that are kept.</summary>
    [Input("failedJobsHistoryLimit")]
    public Input<int>? FailedJobsHistoryLimit { get; init; }

    /// <summary>What becomes of running jobs when this changes.</summary>
    [Input("rollout")]
    public Input<ScaledJobRolloutArgs>? Rollout { get; init; }

    /// <summary>What starts it.</summary>
    [Input("triggers", required: true)]
    public InputList<ScaleTriggerArgs> Triggers { get; init; } = new();
}

/// <summary>What becomes of running jobs when the definition changes.</summary>
internal sealed class ScaledJobRolloutArgs : ResourceArgs
{
    /// <summary><c>gradual</c>: they run on; <c>immediate</c>: they are ended.</summary>
    [Input("strategy")]
    public Input<string>? Strategy { get; init; }
}
