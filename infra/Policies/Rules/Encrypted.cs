using static Reco.Policies.PolicyResource;

namespace Reco.Policies.Rules;

/// <summary>Data is encrypted at rest and on its way.</summary>
internal sealed class Encrypted : ResourceRule
{
    /// <inheritdoc/>
    public override string Name => "encrypted";

    /// <inheritdoc/>
    public override string Description => "Storage takes HTTPS with TLS 1.2 or newer and no shared keys, and is encrypted twice; nodes encrypt their disks at the host; vaults cannot be purged.";

    /// <inheritdoc/>
    public override IEnumerable<string> Check(PolicyResource resource, PolicyContext context) => resource.Type switch
    {
        "azure-native:storage:StorageAccount" =>
            True(resource, "enableHttpsTrafficOnly").Concat(True(resource, "encryption", "requireInfrastructureEncryption")).Concat(Tls(resource)).Concat(False(resource, "allowSharedKeyAccess")),
        "azure-native:containerregistry:Registry" => False(resource, "adminUserEnabled"),
        "azure-native:keyvault:Vault" => True(resource, "properties", "enablePurgeProtection").Concat(True(resource, "properties", "enableRbacAuthorization")),
        "azure-native:containerservice:AgentPool" => True(resource, "enableEncryptionAtHost"),
        "azure-native:containerservice:ManagedCluster" => Items(resource.At("agentPoolProfiles")).SelectMany((_, index) => True(resource, "agentPoolProfiles", $"{index}", "enableEncryptionAtHost")),
        _ => [],
    };

    private static IEnumerable<string> True(PolicyResource resource, params string[] path)
    {
        if (!IsTrue(resource.At(path)))
        {
            yield return $"{string.Join('.', path)} must be true.";
        }
    }

    private static IEnumerable<string> False(PolicyResource resource, string property)
    {
        var value = resource.At(property);
        if (!IsUnknown(value) && value is not { KindCase: Google.Protobuf.WellKnownTypes.Value.KindOneofCase.BoolValue, BoolValue: false })
        {
            yield return $"{property} must be false: callers come with an identity of their own.";
        }
    }

    private static IEnumerable<string> Tls(PolicyResource resource)
    {
        var value = resource.At("minimumTlsVersion");
        if (!IsUnknown(value) && Text(value) is not "TLS1_2" and not "TLS1_3")
        {
            yield return $"minimumTlsVersion is {Text(value) ?? "not set"}: set it to TLS1_2 or TLS1_3.";
        }
    }
}
