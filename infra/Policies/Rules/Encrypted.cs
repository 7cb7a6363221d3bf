using static Reco.Policies.PolicyResource;

namespace Reco.Policies.Rules;

/// <summary>Data is encrypted at rest and on its way.</summary>
internal sealed class Encrypted : ResourceRule
{
    /// <inheritdoc/>
    public override string Name => "encrypted";

    /// <inheritdoc/>
    public override string Description => "Storage takes HTTPS with TLS 1.2 or newer and no shared keys, and is encrypted twice; other services and ingresses take TLS 1.2 or newer; nodes encrypt their disks at the host; vaults cannot be purged.";

    /// <inheritdoc/>
    public override IEnumerable<string> Check(PolicyResource resource, PolicyContext context) => resource.Type switch
    {
        "azure-native:storage:StorageAccount" =>
            True(resource, "enableHttpsTrafficOnly").Concat(True(resource, "encryption", "requireInfrastructureEncryption")).Concat(Tls(resource)).Concat(False(resource, "allowSharedKeyAccess")),
        "azure-native:containerregistry:Registry" => False(resource, "adminUserEnabled"),
        "azure-native:keyvault:Vault" => True(resource, "properties", "enablePurgeProtection").Concat(True(resource, "properties", "enableRbacAuthorization")),
        "azure-native:containerservice:AgentPool" => True(resource, "enableEncryptionAtHost"),
        "azure-native:containerservice:ManagedCluster" => Items(resource.At("agentPoolProfiles")).SelectMany((_, index) => True(resource, "agentPoolProfiles", $"{index}", "enableEncryptionAtHost")),
        "kubernetes:networking.k8s.io/v1:Ingress" => Ingress(resource),
        _ => resource.Type.StartsWith("azure-native:", StringComparison.Ordinal) ? AnyTls(resource) : [],
    };

    private static IEnumerable<string> Ingress(PolicyResource resource)
    {
        if (IsMissing(resource.At("spec", "tls")))
        {
            yield return "spec.tls is missing: an Ingress ends TLS with a certificate of its own.";
        }
    }

    /// <summary>Most services of Azure have the least version under one of these names; where none is given, the service's default is 1.2.</summary>
    private static IEnumerable<string> AnyTls(PolicyResource resource)
    {
        foreach (var path in new string[][] { ["minimumTlsVersion"], ["minimalTlsVersion"], ["minTlsVersion"], ["siteConfig", "minTlsVersion"], ["properties", "minimalTlsVersion"] })
        {
            if (Text(resource.At(path)) is { } version && version.Replace("TLS", "", StringComparison.OrdinalIgnoreCase).Replace('_', '.') is not "1.2" and not "1.3")
            {
                yield return $"{string.Join('.', path)} is {version}: set it to TLS 1.2 or 1.3.";
            }
        }
    }

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
