using Pulumi;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Reco.Infra.CustomResources;
using CustomResource = Pulumi.Kubernetes.ApiExtensions.CustomResource;

namespace Reco.Infra.Components;

/// <summary>The Kueue queue of a stack's training: a job starts when there is quota for all of its pods, so that half of a
/// distributed run never holds GPUs while it waits for the other half.</summary>
internal sealed class TrainingQueue : ComponentResource
{
    private const string QueueLabel = "kueue.x-k8s.io/queue-name";

    /// <summary>Makes flavour, quota and queue.</summary>
    public TrainingQueue(string name, TrainingArgs args, ComponentResourceOptions? options = null)
        : base("reco:model:TrainingQueue", name, options)
    {
        var queue = args.Training.Queue;
        // Flavours and cluster queues belong to no namespace.
        var clusterName = $"reco-{Deployment.Instance.StackName}-training";
        var labels = Labels.For(TrainingPod.Component);
        var child = new CustomResourceOptions { Parent = this, DependsOn = Dependencies.On(args.Queueing) };
        var flavour = new CustomResource($"{name}-flavor", new ResourceFlavorArgs
        {
            Metadata = new ObjectMetaArgs { Name = clusterName, Labels = labels },
            Spec = new ResourceFlavorSpecArgs { Tolerations = PodDefaults.Tolerations(args.Training.Gpus, args.Training.Spot) },
        }, child);
        var quotas = new List<ResourceQuotaArgs>
        {
            new() { Name = "cpu", NominalQuota = $"{queue.QuotaCpus}" },
            new() { Name = "memory", NominalQuota = queue.QuotaMemory },
        };
        if (queue.QuotaGpus > 0)
        {
            quotas.Add(new() { Name = "nvidia.com/gpu", NominalQuota = $"{queue.QuotaGpus}" });
        }

        var cluster = new CustomResource($"{name}-quota", new ClusterQueueArgs
        {
            Metadata = new ObjectMetaArgs { Name = clusterName, Labels = labels },
            Spec = new ClusterQueueSpecArgs
            {
                NamespaceSelector = new LabelSelectorArgs { MatchLabels = { ["kubernetes.io/metadata.name"] = args.Namespace } },
                QueueingStrategy = "BestEffortFIFO",
                ResourceGroups =
                {
                    new ResourceGroupArgs
                    {
                        CoveredResources = queue.QuotaGpus > 0 ? ["cpu", "memory", "nvidia.com/gpu"] : ["cpu", "memory"],
                        Flavors = { new FlavorQuotasArgs { Name = clusterName, Resources = quotas } },
                    },
                },
                Preemption = new ClusterQueuePreemptionArgs { WithinClusterQueue = "LowerPriority" },
            },
        }, new CustomResourceOptions { Parent = this, DependsOn = { flavour } });
        _ = new CustomResource(name, new LocalQueueArgs
        {
            Metadata = new ObjectMetaArgs { Name = queue.Name!, Namespace = args.Namespace, Labels = labels },
            Spec = new LocalQueueSpecArgs { ClusterQueue = clusterName },
        }, new CustomResourceOptions { Parent = this, DependsOn = { cluster } });
        RegisterOutputs();
    }

    /// <summary>A job's labels, with the queue that it waits in.</summary>
    public static InputMap<string> Label(TrainingArgs args, InputMap<string> labels)
    {
        if (args.Training.Queue.Name is { } queue)
        {
            labels.Add(QueueLabel, queue);
        }

        return labels;
    }
}
