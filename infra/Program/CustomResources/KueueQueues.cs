using Pulumi;
using Pulumi.Kubernetes.ApiExtensions;

namespace Reco.Infra.CustomResources;

/// <summary>A kind of nodes: https://kueue.sigs.k8s.io/docs/concepts/resource_flavor/.</summary>
internal sealed class ResourceFlavorArgs() : CustomResourceArgs("kueue.x-k8s.io/v1beta2", "ResourceFlavor")
{
    /// <summary>Labels, taints and tolerations of the nodes.</summary>
    [Input("spec", required: true)]
    public required Input<ResourceFlavorSpecArgs> Spec { get; init; }
}

/// <summary>Labels, taints and tolerations of the nodes.</summary>
internal sealed class ResourceFlavorSpecArgs : ResourceArgs
{
    /// <summary>Labels of the nodes.</summary>
    [Input("nodeLabels")]
    public InputMap<string>? NodeLabels { get; init; }

    /// <summary>Tolerations that admitted pods get.</summary>
    [Input("tolerations")]
    public InputList<Pulumi.Kubernetes.Types.Inputs.Core.V1.TolerationArgs>? Tolerations { get; init; }
}

/// <summary>Quota: https://kueue.sigs.k8s.io/docs/concepts/cluster_queue/.</summary>
internal sealed class ClusterQueueArgs() : CustomResourceArgs("kueue.x-k8s.io/v1beta2", "ClusterQueue")
{
    /// <summary>Who may use it, and how much there is.</summary>
    [Input("spec", required: true)]
    public required Input<ClusterQueueSpecArgs> Spec { get; init; }
}

/// <summary>Who may use it, and how much there is.</summary>
internal sealed class ClusterQueueSpecArgs : ResourceArgs
{
    /// <summary>Namespaces whose local queues may use it.</summary>
    [Input("namespaceSelector", required: true)]
    public required Input<Pulumi.Kubernetes.Types.Inputs.Meta.V1.LabelSelectorArgs> NamespaceSelector { get; init; }

    /// <summary><c>BestEffortFIFO</c> or <c>StrictFIFO</c>.</summary>
    [Input("queueingStrategy")]
    public Input<string>? QueueingStrategy { get; init; }

    /// <summary>How much there is.</summary>
    [Input("resourceGroups", required: true)]
    public InputList<ResourceGroupArgs> ResourceGroups { get; init; } = new();

    /// <summary>Who makes room for whom.</summary>
    [Input("preemption")]
    public Input<ClusterQueuePreemptionArgs>? Preemption { get; init; }
}

/// <summary>Resources that are counted together.</summary>
internal sealed class ResourceGroupArgs : ResourceArgs
{
    /// <summary>Names of the resources.</summary>
    [Input("coveredResources", required: true)]
    public InputList<string> CoveredResources { get; init; } = new();

    /// <summary>Quota by kind of nodes.</summary>
    [Input("flavors", required: true)]
    public InputList<FlavorQuotasArgs> Flavors { get; init; } = new();
}

/// <summary>Quota on one kind of nodes.</summary>
internal sealed class FlavorQuotasArgs : ResourceArgs
{
    /// <summary>Name of the ResourceFlavor.</summary>
    [Input("name", required: true)]
    public required Input<string> Name { get; init; }

    /// <summary>Quota by resource.</summary>
    [Input("resources", required: true)]
    public InputList<ResourceQuotaArgs> Resources { get; init; } = new();
}

/// <summary>Quota of one resource.</summary>
internal sealed class ResourceQuotaArgs : ResourceArgs
{
    /// <summary>Name of the resource.</summary>
    [Input("name", required: true)]
    public required Input<string> Name { get; init; }

    /// <summary>How much there is.</summary>
    [Input("nominalQuota", required: true)]
    public required Input<string> NominalQuota { get; init; }
}

/// <summary>Who makes room for whom.</summary>
internal sealed class ClusterQueuePreemptionArgs : ResourceArgs
{
    /// <summary><c>Never</c>, <c>LowerPriority</c> or <c>LowerOrNewerEqualPriority</c>.</summary>
    [Input("withinClusterQueue")]
    public Input<string>? WithinClusterQueue { get; init; }
}

/// <summary>The queue of a namespace: https://kueue.sigs.k8s.io/docs/concepts/local_queue/.</summary>
internal sealed class LocalQueueArgs() : CustomResourceArgs("kueue.x-k8s.io/v1beta2", "LocalQueue")
{
    /// <summary>Its quota.</summary>
    [Input("spec", required: true)]
    public required Input<LocalQueueSpecArgs> Spec { get; init; }
}

/// <summary>Quota of a queue.</summary>
internal sealed class LocalQueueSpecArgs : ResourceArgs
{
    /// <summary>Name of the ClusterQueue.</summary>
    [Input("clusterQueue", required: true)]
    public required Input<string> ClusterQueue { get; init; }
}
