using Pulumi;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Reco.Infra.CustomResources;
using CustomResource = Pulumi.Kubernetes.ApiExtensions.CustomResource;

namespace Reco.Infra.Components;

/// <summary>Arguments of <see cref="TrainingTrigger"/>.</summary>
internal sealed class TrainingTriggerArgs : ResourceArgs
{
    /// <summary>The run that a message starts.</summary>
    public required TrainingArgs Training { get; init; }

    /// <summary>Name of the storage queue.</summary>
    public required Input<string> Queue { get; init; }

    /// <summary>Storage account of the queue.</summary>
    public required Input<string> Account { get; init; }

    /// <summary>Client ID of the identity by which KEDA reads the queue's length; null: that of training.</summary>
    public Input<string>? ScalerClientId { get; init; }
}

/// <summary>Training on demand: a message in a storage queue (new data has come, drift was seen) starts one run. By a KEDA
/// ScaledJob rather than an Argo Events Sensor: scoring's autoscaler needs KEDA anyway, the queue outlives the cluster, and
/// there is no event bus to run. The run takes the message out of the queue, and tells its result as a scheduled one does.</summary>
internal sealed class TrainingTrigger : ComponentResource
{
    private const int DaySeconds = 24 * 60 * 60;

    /// <summary>Makes the ScaledJob and the identity by which KEDA reads the queue's length.</summary>
    public TrainingTrigger(string name, TrainingTriggerArgs args, TrainingIdentity identity, ComponentResourceOptions? options = null)
        : base("reco:model:TrainingTrigger", name, options)
    {
        var training = args.Training;
        var labels = Labels.For(TrainingPod.Component);
        var authentication = new CustomResource($"{name}-identity", new TriggerAuthenticationArgs
        {
            Metadata = new ObjectMetaArgs { Name = name, Namespace = training.Namespace, Labels = labels },
            Spec = new TriggerAuthenticationSpecArgs { PodIdentity = new PodIdentityArgs { Provider = "azure-workload", IdentityId = args.ScalerClientId ?? training.ClientId } },
        }, new CustomResourceOptions { Parent = this });
        var job = TrainingPod.Job(training, identity, Output.Format($"https://{args.Account}.queue.core.windows.net/{args.Queue}"));
        job.TtlSecondsAfterFinished = DaySeconds;
        _ = new CustomResource(name, new ScaledJobArgs
        {
            Metadata = new ObjectMetaArgs { Name = name, Namespace = training.Namespace, Labels = TrainingQueue.Label(training, labels) },
            Spec = new ScaledJobSpecArgs
            {
                JobTargetRef = job,
                PollingInterval = 30,
                // Messages that come while a run is on are answered by the next.
                MaxReplicaCount = 1,
                SuccessfulJobsHistoryLimit = 3,
                FailedJobsHistoryLimit = 3,
                Rollout = new ScaledJobRolloutArgs { Strategy = "gradual" },
                Triggers =
                {
                    new ScaleTriggerArgs
                    {
                        Type = "azure-queue",
                        Metadata = { ["queueName"] = args.Queue, ["accountName"] = args.Account, ["queueLength"] = "1" },
                        AuthenticationRef = new TriggerAuthenticationReferenceArgs { Name = name },
                    },
                },
            },
        }, new CustomResourceOptions { Parent = this, DependsOn = { authentication } });
        RegisterOutputs();
    }
}
