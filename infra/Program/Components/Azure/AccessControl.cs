using Pulumi;
using Pulumi.AzureNative.ManagedIdentity;

namespace Reco.Infra.Components.Azure;

/// <summary>Arguments of <see cref="AccessControl"/>.</summary>
internal sealed class AccessControlArgs : ResourceArgs
{
    /// <summary>The environment.</summary>
    public required AzureEnvironment Environment { get; init; }

    /// <summary>The cluster, whose service accounts become identities.</summary>
    public required AzureCluster Cluster { get; init; }

    /// <summary>The model store.</summary>
    public required AzureModelStore Store { get; init; }

    /// <summary>Namespace of the service accounts.</summary>
    public required string Namespace { get; init; }
}

/// <summary>The identities of the workloads, each federated with one service account and with exactly the roles that it needs, on
/// single containers: training reads data and writes bundles and checkpoints; scoring reads bundles and can do nothing else. No
/// secret is involved: a pod's token is exchanged for one of Entra.</summary>
internal sealed class AccessControl : ComponentResource
{
    /// <summary>Makes the identities and their roles.</summary>
    public AccessControl(string name, AccessControlArgs args, ComponentResourceOptions? options = null)
        : base("reco:azure:AccessControl", name, options)
    {
        var training = MakeIdentity("training", args);
        var scoring = MakeIdentity("scoring", args);
        var containers = args.Store.ContainerIds;
        Roles.Assign("training-reads-data", Roles.StorageBlobDataReader, training.PrincipalId, containers[AzureModelStore.Data], this);
        Roles.Assign("training-writes-bundles", Roles.StorageBlobDataContributor, training.PrincipalId, containers[AzureModelStore.Bundles], this);
        Roles.Assign("training-keeps-checkpoints", Roles.StorageBlobDataContributor, training.PrincipalId, containers[AzureModelStore.Checkpoints], this);
        Roles.Assign("scoring-reads-bundles", Roles.StorageBlobDataReader, scoring.PrincipalId, containers[AzureModelStore.Bundles], this);
        TrainingClientId = training.ClientId;
        TrainingPrincipalId = training.PrincipalId;
        ScoringClientId = scoring.ClientId;
        RegisterOutputs(new Dictionary<string, object?> { ["trainingClientId"] = TrainingClientId, ["scoringClientId"] = ScoringClientId });
    }

    /// <summary>Client ID that training's service account names.</summary>
    public Output<string> TrainingClientId { get; }

    /// <summary>Object ID of training's identity.</summary>
    public Output<string> TrainingPrincipalId { get; }

    /// <summary>Client ID that scoring's service account names.</summary>
    public Output<string> ScoringClientId { get; }

    private UserAssignedIdentity MakeIdentity(string workload, AccessControlArgs args) =>
        WorkloadIdentity.Make(workload, args.Environment, args.Cluster.OidcIssuer, WorkloadIdentity.ServiceAccount(args.Namespace, workload), this);
}
