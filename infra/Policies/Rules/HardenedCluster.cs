using static Reco.Policies.PolicyResource;

namespace Reco.Policies.Rules;

/// <summary>People and workloads come to the cluster with an identity of the directory.</summary>
internal sealed class HardenedCluster : ResourceRule
{
    private static readonly string[][] MustBeTrue =
    [
        ["disableLocalAccounts"], ["enableRBAC"], ["aadProfile", "managed"], ["aadProfile", "enableAzureRBAC"], ["oidcIssuerProfile", "enabled"],
        ["securityProfile", "workloadIdentity", "enabled"],
    ];

    /// <inheritdoc/>
    public override string Name => "hardened-cluster";

    /// <inheritdoc/>
    public override string Description => "AKS has no local accounts; Entra ID and Azure RBAC decide who may do what; workloads federate with the cluster's OIDC issuer; a network policy engine and automatic upgrades are on.";

    /// <inheritdoc/>
    public override IEnumerable<string> Check(PolicyResource resource, PolicyContext context)
    {
        if (resource.Type != "azure-native:containerservice:ManagedCluster")
        {
            yield break;
        }

        foreach (var path in MustBeTrue.Where(path => !IsTrue(resource.At(path))))
        {
            yield return $"{string.Join('.', path)} must be true.";
        }

        if (IsMissing(resource.At("networkProfile", "networkPolicy")) || Text(resource.At("networkProfile", "networkPolicy")) == "none")
        {
            yield return "networkProfile.networkPolicy must be set (cilium): without an engine, NetworkPolicy objects do nothing.";
        }

        if (IsMissing(resource.At("autoUpgradeProfile", "upgradeChannel")) || Text(resource.At("autoUpgradeProfile", "upgradeChannel")) == "none")
        {
            yield return "autoUpgradeProfile.upgradeChannel must be set (patch or stable).";
        }
    }
}
