using Pulumi;
using Pulumi.Kubernetes.Batch.V1;
using Pulumi.Kubernetes.Types.Inputs.Batch.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;

namespace Reco.Infra.Components;

/// <summary>Trains the same model anew by the clock. A run publishes its bundle and tells its version to the ConfigMap of
/// <see cref="ModelRelease"/>, as the stack's own job does, if the gate lets it. What is served does not change behind the
/// stack's back: the next <c>up</c> reads the ConfigMap, shows the new version in its diff and rolls it out like any other
/// change, with a canary where there is one. A pipeline that runs <c>up</c> after the schedule makes the circle whole.</summary>
internal sealed class RetrainingSchedule : ComponentResource
{
    private const int WeekSeconds = 7 * 24 * 60 * 60;

    /// <summary>Makes the CronJob.</summary>
    public RetrainingSchedule(string name, TrainingArgs args, TrainingIdentity identity, ComponentResourceOptions? options = null)
        : base("reco:model:RetrainingSchedule", name, options)
    {
        var schedule = args.Training.RetrainSchedule ?? throw new ArgumentException("There is no schedule.", nameof(args));
        var spec = TrainingPod.Job(args, identity);
        spec.TtlSecondsAfterFinished = WeekSeconds;
        var job = new CronJob(name, new CronJobArgs
        {
            Metadata = new ObjectMetaArgs { Name = name, Namespace = args.Namespace, Labels = Labels.For(TrainingPod.Component) },
            Spec = new CronJobSpecArgs
            {
                Schedule = schedule,
                TimeZone = args.Training.RetrainTimeZone,
                // Two runs would fight for the node and for the ConfigMap.
                ConcurrencyPolicy = "Forbid",
                // Late is better than never, but a run that is more than an hour late waits for the next one.
                StartingDeadlineSeconds = 3600,
                SuccessfulJobsHistoryLimit = 3,
                FailedJobsHistoryLimit = 3,
                JobTemplate = new JobTemplateSpecArgs
                {
                    Metadata = new ObjectMetaArgs { Labels = TrainingQueue.Label(args, Labels.For(TrainingPod.Component)) },
                    Spec = spec,
                },
            },
        }, new CustomResourceOptions { Parent = this });
        RegisterOutputs(new Dictionary<string, object?> { ["cronJobName"] = job.Metadata.Apply(metadata => metadata.Name) });
    }
}
