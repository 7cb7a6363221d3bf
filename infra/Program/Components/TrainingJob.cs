using Pulumi;
using Pulumi.Kubernetes.Batch.V1;
using Pulumi.Kubernetes.Types.Inputs.Batch.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Pulumi.Utilities;

namespace Reco.Infra.Components;

/// <summary>Trains, evaluates, compresses and packages one model, as a Kubernetes Job of one pod or of several workers. A
/// changed parameter, image or data set replaces the job: the new one must succeed before the old one goes and before
/// anything that serves the model changes.
/// <para>It has no time to live: a job that the cluster removes by itself looks to the next refresh like one that was lost,
/// and would be run again. Jobs of a schedule or of an event do have one.</para></summary>
internal sealed class TrainingJob : ComponentResource
{
    /// <summary>Makes the job.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="args">The run.</param>
    /// <param name="identity">What all runs share.</param>
    /// <param name="queue">The queue that must be there first; null: none of the stack's own.</param>
    /// <param name="options">Resource options.</param>
    public TrainingJob(string name, TrainingArgs args, TrainingIdentity identity, TrainingQueue? queue = null, ComponentResourceOptions? options = null)
        : base("reco:model:TrainingJob", name, options)
    {
        var job = new Job(name, new JobArgs
        {
            Metadata = new ObjectMetaArgs
            {
                Namespace = args.Namespace,
                Labels = TrainingQueue.Label(args, Labels.For(TrainingPod.Component)),
                // A job that failed cannot be mended in place: the next update makes a new one.
                Annotations = { ["pulumi.com/replaceUnready"] = "true" },
            },
            Spec = TrainingPod.Job(args, identity),
        }, new CustomResourceOptions
        {
            Parent = this,
            DependsOn = Dependencies.On(queue),
            // In a queue the time before the start counts, too.
            CustomTimeouts = new CustomTimeouts { Create = TimeSpan.FromHours(args.Training.DeadlineHours * (args.Training.Queue.Name is null ? 1 : 2)) },
        });
        // A provider may tell the name in a preview already, before there is a result to read.
        JobName = Output.Tuple(job.Metadata, job.Status).Apply(parts => parts.Item2?.Succeeded > 0 || !Deployment.Instance.IsDryRun
            ? Output.Create(parts.Item1.Name)
            : OutputUtilities.CreateUnknown(parts.Item1.Name));
        RegisterOutputs(new Dictionary<string, object?> { ["jobName"] = JobName });
    }

    /// <summary>Name of the job, known once it has succeeded.</summary>
    public Output<string> JobName { get; }
}
