using Google.Protobuf.WellKnownTypes;
using static Reco.Policies.PolicyResource;

namespace Reco.Policies.Rules;

/// <summary>Nobody comes in from everywhere.</summary>
internal sealed class NoOpenIngress : ResourceRule
{
    /// <inheritdoc/>
    public override string Name => "no-open-ingress";

    /// <inheritdoc/>
    public override string Description => "Security groups, network policies and load balancers let nobody in from any address (0.0.0.0/0, ::/0, Internet): who may come in is named.";

    /// <inheritdoc/>
    public override IEnumerable<string> Check(PolicyResource resource, PolicyContext context) => resource.Type switch
    {
        "azure-native:network:NetworkSecurityGroup" => Items(resource.At("securityRules")).SelectMany((rule, index) => SecurityRule(rule, $"securityRules[{index}]")),
        "azure-native:network:SecurityRule" => SecurityRule(Value.ForStruct(resource.Properties), "the rule"),
        "kubernetes:networking.k8s.io/v1:NetworkPolicy" => NetworkPolicy(resource),
        "kubernetes:core/v1:Service" => Items(resource.At("spec", "loadBalancerSourceRanges")).Select(Text).Where(IsEverybody)
            .Select(range => $"spec.loadBalancerSourceRanges holds {range}, which is everybody: name the ranges that may come in."),
        _ => [],
    };

    private static IEnumerable<string> SecurityRule(Value rule, string where)
    {
        if (Text(At(rule, "direction")) != "Inbound" || Text(At(rule, "access")) != "Allow")
        {
            return [];
        }

        return Items(At(rule, "sourceAddressPrefixes")).Append(At(rule, "sourceAddressPrefix")).Select(Text).Where(IsEverybody)
            .Select(source => $"{where} lets {source} in, which is everybody: name a range or a service tag such as VirtualNetwork.");
    }

    private static IEnumerable<string> NetworkPolicy(PolicyResource resource)
    {
        var index = 0;
        foreach (var rule in Items(resource.At("spec", "ingress")))
        {
            if (Items(At(rule, "from")).Select(peer => Text(At(peer, "ipBlock", "cidr"))).FirstOrDefault(IsEverybody) is { } range)
            {
                yield return $"spec.ingress[{index}].from holds {range}, which is everybody: name namespaces, pods or ranges.";
            }

            index++;
        }
    }

    private static bool IsEverybody(string? source) => source is "*" or "0.0.0.0/0" or "::/0" or "Internet" or "Any";
}
