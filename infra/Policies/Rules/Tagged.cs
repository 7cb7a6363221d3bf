using static Reco.Policies.PolicyResource;

namespace Reco.Policies.Rules;

/// <summary>Every Azure resource says whose it is.</summary>
internal sealed class Tagged : ResourceRule
{
    /// <summary>Tags that every resource must carry.</summary>
    public static readonly IReadOnlyList<string> Required = ["owner", "cost-centre", "environment"];

    private static readonly HashSet<string> Taggable = new(StringComparer.Ordinal)
    {
        "azure-native:alertsmanagement:PrometheusRuleGroup", "azure-native:containerregistry:Registry", "azure-native:containerregistry:Replication",
        "azure-native:containerservice:AgentPool", "azure-native:containerservice:ManagedCluster", "azure-native:dashboard:Grafana", "azure-native:keyvault:Vault",
        "azure-native:managedidentity:UserAssignedIdentity", "azure-native:monitor:ActionGroup", "azure-native:monitor:AzureMonitorWorkspace",
        "azure-native:monitor:DataCollectionEndpoint", "azure-native:monitor:DataCollectionRule", "azure-native:network:NatGateway", "azure-native:network:NetworkSecurityGroup",
        "azure-native:network:PrivateEndpoint", "azure-native:network:PublicIPAddress", "azure-native:network:VirtualNetwork", "azure-native:operationalinsights:Workspace",
        "azure-native:privatedns:PrivateZone", "azure-native:resources:ResourceGroup", "azure-native:storage:StorageAccount",
    };

    /// <inheritdoc/>
    public override string Name => "tagged";

    /// <inheritdoc/>
    public override string Description => $"Azure resources carry the tags {string.Join(", ", Required)}; those of short-lived stacks also expires.";

    /// <inheritdoc/>
    public override IEnumerable<string> Check(PolicyResource resource, PolicyContext context)
    {
        var tags = resource.At("tags");
        if (!Taggable.Contains(resource.Type) || IsUnknown(tags))
        {
            yield break;
        }

        var required = context.Config.ContainsKey("reco:ttl") ? Required.Append("expires") : Required;
        var missing = required.Where(tag => At(tags, tag) is not { } value || (!IsUnknown(value) && string.IsNullOrEmpty(Text(value)))).ToList();
        if (missing.Count > 0)
        {
            yield return $"tags lacks {string.Join(", ", missing)}.";
        }
    }
}
