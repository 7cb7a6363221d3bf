using Pulumi;
using Pulumi.AzureNative.Authorization;

namespace Reco.Infra.Components.Azure;

/// <summary>Built-in roles of Azure that the stack assigns
/// (https://learn.microsoft.com/azure/role-based-access-control/built-in-roles).</summary>
internal static class Roles
{
    /// <summary>Pulls images.</summary>
    public const string AcrPull = "7f951dda-4ed3-4680-a7ca-43fe172d538d";

    /// <summary>Pulls and pushes images and their signatures.</summary>
    public const string AcrPush = "8311e382-0749-4cb8-b61a-304f252e45ec";

    /// <summary>Reads the content of secrets: of a certificate whose key cannot be exported, the chain.</summary>
    public const string KeyVaultSecretsUser = "4633458b-17de-408a-b874-0445c86b69e6";

    /// <summary>Uses keys, for example to sign; does not see them.</summary>
    public const string KeyVaultCryptoUser = "12338af0-0e69-4776-bea7-57ae8d297424";

    /// <summary>Reads certificates.</summary>
    public const string KeyVaultCertificateUser = "db79e9a7-68ee-4b58-9aeb-b90e7c24fcba";

    /// <summary>Lets a cluster hand an identity to its nodes.</summary>
    public const string ManagedIdentityOperator = "f1a07417-d97a-45cb-824c-7a7467783830";

    /// <summary>Lets a cluster join nodes and load balancers to a subnet.</summary>
    public const string NetworkContributor = "4d97b98b-1d4f-4787-a291-c67834d212e7";

    /// <summary>Reads blobs.</summary>
    public const string StorageBlobDataReader = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";

    /// <summary>Reads, writes and deletes blobs.</summary>
    public const string StorageBlobDataContributor = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";

    /// <summary>Reads queues and looks at messages.</summary>
    public const string StorageQueueDataReader = "19e7f393-937e-4f77-808e-94535e297925";

    /// <summary>Takes messages out of queues.</summary>
    public const string StorageQueueDataMessageProcessor = "8a0f0c08-91a1-4084-bc3d-661d67233fed";

    /// <summary>Reads the metrics in an Azure Monitor workspace; Monitoring Reader sees the workspace only.</summary>
    public const string MonitoringDataReader = "b0d8363b-8ddd-447d-831f-62ca05bff136";

    /// <summary>Assigns a role to an identity of a workload.</summary>
    /// <param name="name">Name of the resource.</param>
    /// <param name="role">GUID of the role.</param>
    /// <param name="principalId">Object ID of the identity.</param>
    /// <param name="scope">ID of the resource, the narrowest that does.</param>
    /// <param name="parent">Component that it belongs to.</param>
    public static RoleAssignment Assign(string name, string role, Input<string> principalId, Input<string> scope, ComponentResource parent) => new(name, new RoleAssignmentArgs
    {
        RoleDefinitionId = $"/providers/Microsoft.Authorization/roleDefinitions/{role}",
        PrincipalId = principalId,
        // Said here because a new identity takes a while to be known everywhere.
        PrincipalType = PrincipalType.ServicePrincipal,
        Scope = scope,
    }, new CustomResourceOptions { Parent = parent });
}
