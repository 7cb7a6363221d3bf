using Pulumi;
using Pulumi.AzureNative.Storage;

namespace Reco.Infra.Components.Azure;

/// <summary>Arguments of <see cref="AzureTriggerQueue"/>.</summary>
internal sealed class AzureTriggerQueueArgs : ResourceArgs
{
    /// <summary>The environment.</summary>
    public required AzureEnvironment Environment { get; init; }

    /// <summary>The network from which the queue is reached.</summary>
    public required AzureNetwork Network { get; init; }

    /// <summary>The cluster that waits for messages.</summary>
    public required AzureCluster Cluster { get; init; }

    /// <summary>The account that holds the queue.</summary>
    public required AzureModelStore Store { get; init; }

    /// <summary>Identities of the workloads.</summary>
    public required AccessControl Access { get; init; }

    /// <summary>Name of the queue.</summary>
    public required string Queue { get; init; }
}

/// <summary>The queue whose messages start training, in the store's own account. KEDA sees how many there are; training takes them
/// out; who may put some in, its owner grants.</summary>
internal sealed class AzureTriggerQueue : ComponentResource
{
    /// <summary>Service account of AKS's KEDA add-on.</summary>
    private static readonly string Operator = WorkloadIdentity.ServiceAccount("kube-system", "keda-operator");

    /// <summary>Makes the queue, its private endpoint, KEDA's identity and the roles.</summary>
    public AzureTriggerQueue(string name, AzureTriggerQueueArgs args, ComponentResourceOptions? options = null)
        : base("reco:azure:TriggerQueue", name, options)
    {
        var environment = args.Environment;
        var queue = new Queue(name, new QueueArgs
        {
            QueueName = args.Queue,
            ResourceGroupName = environment.Group,
            AccountName = args.Store.AccountName,
        }, new CustomResourceOptions { Parent = this });
        _ = new PrivateLink($"{name}-link", new PrivateLinkArgs
        {
            Environment = environment,
            Network = args.Network,
            ResourceId = args.Store.AccountId,
            Part = "queue",
            Zone = "privatelink.queue.core.windows.net",
        }, new ComponentResourceOptions { Parent = this });
        var scaler = WorkloadIdentity.Make("scaler", environment, args.Cluster.OidcIssuer, Operator, this);
        Roles.Assign("scaler-counts-messages", Roles.StorageQueueDataReader, scaler.PrincipalId, queue.Id, this);
        Roles.Assign("training-takes-messages", Roles.StorageQueueDataMessageProcessor, args.Access.TrainingPrincipalId, queue.Id, this);
        ScalerClientId = scaler.ClientId;
        RegisterOutputs(new Dictionary<string, object?> { ["queueName"] = queue.Name });
    }

    /// <summary>Client ID of the identity by which KEDA reads the queue's length.</summary>
    public Output<string> ScalerClientId { get; }
}
