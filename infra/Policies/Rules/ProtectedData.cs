namespace Reco.Policies.Rules;

/// <summary>What cannot be made again is not deleted by a slip.</summary>
internal sealed class ProtectedData : ResourceRule
{
    private static readonly HashSet<string> Kept = new(StringComparer.Ordinal)
    {
        "azure-native:storage:StorageAccount", "azure-native:containerregistry:Registry", "azure-native:keyvault:Vault", "azure-native:containerservice:ManagedCluster",
    };

    /// <inheritdoc/>
    public override string Name => "protected-data";

    /// <inheritdoc/>
    public override string Description => "In production (reco:environment prod or production) storage accounts, registries, vaults and the cluster carry Pulumi's protect option.";

    /// <inheritdoc/>
    public override IEnumerable<string> Check(PolicyResource resource, PolicyContext context)
    {
        if (Kept.Contains(resource.Type) && !resource.IsProtected && ((context.Config.GetValueOrDefault("reco:environment") ?? context.Stack) is "prod" or "production"))
        {
            yield return "is not protected: give it Protect = true, so that a changed name or a destroy cannot delete it unasked.";
        }
    }
}
