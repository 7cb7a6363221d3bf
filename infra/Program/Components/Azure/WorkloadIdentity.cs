using Pulumi;
using Pulumi.AzureNative.ManagedIdentity;

namespace Reco.Infra.Components.Azure;

/// <summary>Makes identities that workloads outside Azure's own services act as, with no secret: a token of the workload's issuer is
/// exchanged for one of Entra.</summary>
internal static class WorkloadIdentity
{
    private const string Audience = "api://AzureADTokenExchange";

    /// <summary>An identity for one subject.</summary>
    /// <param name="workload">Name of the workload.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="issuer">Who issues the workload's tokens.</param>
    /// <param name="subject">Whom they name.</param>
    /// <param name="parent">Component that it belongs to.</param>
    public static UserAssignedIdentity Make(string workload, AzureEnvironment environment, Input<string> issuer, string subject, ComponentResource parent)
    {
        var child = new CustomResourceOptions { Parent = parent };
        var identity = new UserAssignedIdentity(workload, new UserAssignedIdentityArgs
        {
            ResourceName = environment.NameOf($"id-{workload}"),
            ResourceGroupName = environment.Group,
            Location = environment.Location,
            Tags = environment.Tags,
        }, child);
        _ = new FederatedIdentityCredential($"{workload}-federation", new FederatedIdentityCredentialArgs
        {
            FederatedIdentityCredentialResourceName = subject.StartsWith("repo:", StringComparison.Ordinal) ? "github" : "kubernetes",
            ResourceName = identity.Name,
            ResourceGroupName = environment.Group,
            Issuer = issuer,
            Subject = subject,
            Audiences = { Audience },
        }, child);
        return identity;
    }

    /// <summary>The subject of a service account's tokens.</summary>
    public static string ServiceAccount(string space, string account) => $"system:serviceaccount:{space}:{account}";
}
