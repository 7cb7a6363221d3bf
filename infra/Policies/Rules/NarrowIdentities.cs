using static Reco.Policies.PolicyResource;

namespace Reco.Policies.Rules;

/// <summary>An identity acts for one workload, on what that needs.</summary>
internal sealed class NarrowIdentities : ResourceRule
{
    private const string Audience = "api://AzureADTokenExchange";

    /// <summary>Built-in roles on the content of storage accounts. Their place is one container or queue.</summary>
    private static readonly Dictionary<string, string> DataRoles = new(StringComparer.OrdinalIgnoreCase)
    {
        ["b7e6dc6d-f1e8-4753-8033-0f276bb0955b"] = "Storage Blob Data Owner",
        ["ba92f5b4-2d11-453d-a403-e96b0029c9fe"] = "Storage Blob Data Contributor",
        ["2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"] = "Storage Blob Data Reader",
        ["974c5e8b-45b9-4653-ba55-5f855dd0fb88"] = "Storage Queue Data Contributor",
        ["19e7f393-937e-4f77-808e-94535e297925"] = "Storage Queue Data Reader",
        ["8a0f0c08-91a1-4084-bc3d-661d67233fed"] = "Storage Queue Data Message Processor",
    };

    /// <summary>Built-in roles that hand out the keys of storage accounts: with a key everything may be done, by nobody in particular.</summary>
    private static readonly Dictionary<string, string> KeyRoles = new(StringComparer.OrdinalIgnoreCase)
    {
        ["17d1049b-9a84-46fb-8f53-869881c3d3ab"] = "Storage Account Contributor",
        ["81a9662b-bebf-436f-a333-f67b29880f12"] = "Storage Account Key Operator Service Role",
    };

    /// <inheritdoc/>
    public override string Name => "narrow-identities";

    /// <inheritdoc/>
    public override string Description => "A federated identity acts for one named service account and takes tokens made for the exchange alone; roles on stored data are assigned on a container or queue; no role gives the keys of a storage account.";

    /// <inheritdoc/>
    public override IEnumerable<string> Check(PolicyResource resource, PolicyContext context) => resource.Type switch
    {
        "azure-native:managedidentity:FederatedIdentityCredential" => Federation(resource),
        "azure-native:authorization:RoleAssignment" => Assignment(resource),
        _ => [],
    };

    private static IEnumerable<string> Federation(PolicyResource resource)
    {
        if (Text(resource.At("subject")) is { } subject && (subject.Contains('*', StringComparison.Ordinal) || subject.EndsWith(":default", StringComparison.Ordinal)))
        {
            yield return $"subject is {subject}: name one service account, and not the default one, which pods have that ask for none.";
        }

        var audiences = resource.At("audiences");
        if (!IsUnknown(audiences) && Items(audiences).Select(Text).FirstOrDefault(audience => audience is not null && audience != Audience) is { } other)
        {
            yield return $"audiences holds {other}: take {Audience} alone, so that a token made for another service cannot be traded in.";
        }
    }

    private static IEnumerable<string> Assignment(PolicyResource resource)
    {
        if (Text(resource.At("roleDefinitionId")) is not { } definition)
        {
            yield break;
        }

        var role = definition[(definition.LastIndexOf('/') + 1)..];
        if (KeyRoles.TryGetValue(role, out var keys))
        {
            yield return $"roleDefinitionId is {keys}, which reads the account's keys: assign a role on the data.";
        }

        if (DataRoles.TryGetValue(role, out var name) && Text(resource.At("scope")) is { } scope
            && !scope.Contains("/containers/", StringComparison.OrdinalIgnoreCase) && !scope.Contains("/queues/", StringComparison.OrdinalIgnoreCase))
        {
            yield return $"scope of {name} is {scope}: assign it on the container or the queue, not on all of them.";
        }
    }
}
