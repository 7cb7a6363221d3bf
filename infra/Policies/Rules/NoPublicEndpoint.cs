using static Reco.Policies.PolicyResource;

namespace Reco.Policies.Rules;

/// <summary>Nothing of a stack answers on the internet.</summary>
internal sealed class NoPublicEndpoint : ResourceRule
{
    private static readonly string[] EnvoyService = ["spec", "provider", "kubernetes", "envoyService"];

    private const string Internal = "service.beta.kubernetes.io/azure-load-balancer-internal";

    /// <inheritdoc/>
    public override string Name => "no-public-endpoint";

    /// <inheritdoc/>
    public override string Description => "Storage, registry and vault are reached through private endpoints; the cluster's API server is private or limited to address ranges; load balancers, those of gateways too, are internal. What people open and agents write to (Managed Grafana, Azure Monitor workspaces) is left out: it asks for a login of the tenant.";

    /// <inheritdoc/>
    public override IEnumerable<string> Check(PolicyResource resource, PolicyContext context) => resource.Type switch
    {
        "azure-native:storage:StorageAccount" => Disabled(resource, "publicNetworkAccess").Concat(NotTrue(resource, "allowBlobPublicAccess")),
        "azure-native:containerregistry:Registry" => Disabled(resource, "publicNetworkAccess").Concat(NotTrue(resource, "anonymousPullEnabled")),
        "azure-native:keyvault:Vault" => Disabled(resource, "properties", "publicNetworkAccess"),
        "azure-native:containerservice:ManagedCluster" => ApiServer(resource),
        "azure-native:containerservice:AgentPool" => NotTrue(resource, "enableNodePublicIP"),
        "kubernetes:core/v1:Service" => LoadBalancer(resource, ["spec", "type"], ["metadata", "annotations"], unset: "ClusterIP"),
        "kubernetes:gateway.envoyproxy.io/v1alpha1:EnvoyProxy" => LoadBalancer(resource, [.. EnvoyService, "type"], [.. EnvoyService, "annotations"], unset: "LoadBalancer"),
        _ => [],
    };

    private static IEnumerable<string> Disabled(PolicyResource resource, params string[] path)
    {
        var value = resource.At(path);
        if (!IsUnknown(value) && Text(value) is not "Disabled" and not "SecuredByPerimeter")
        {
            yield return $"{string.Join('.', path)} is {Text(value) ?? "not set"}: set it to Disabled and reach the resource through a private endpoint.";
        }
    }

    private static IEnumerable<string> NotTrue(PolicyResource resource, string property)
    {
        if (resource.At(property) is { BoolValue: true })
        {
            yield return $"{property} is true: set it to false.";
        }
    }

    private static IEnumerable<string> ApiServer(PolicyResource resource)
    {
        var profile = resource.At("apiServerAccessProfile");
        if (IsUnknown(profile) || IsTrue(At(profile, "enablePrivateCluster")))
        {
            yield break;
        }

        var ranges = Items(At(profile, "authorizedIPRanges")).ToList();
        if (ranges.Count == 0 && !IsUnknown(At(profile, "authorizedIPRanges")))
        {
            yield return "apiServerAccessProfile leaves the API server open to the internet: set enablePrivateCluster, or authorizedIPRanges.";
        }

        foreach (var range in ranges.Select(Text).Where(range => range is "0.0.0.0/0" or "::/0"))
        {
            yield return $"apiServerAccessProfile.authorizedIPRanges holds {range}, which is everybody: name the ranges that may come in.";
        }
    }

    /// <summary>A Service, or what makes one.</summary>
    private static IEnumerable<string> LoadBalancer(PolicyResource resource, string[] type, string[] annotations, string unset)
    {
        var isInternal = resource.At([.. annotations, Internal]);
        if ((Text(resource.At(type)) ?? unset) == "LoadBalancer" && !IsUnknown(resource.At(type)) && Text(isInternal) != "true" && !IsUnknown(isInternal))
        {
            yield return $"{string.Join('.', type)} is LoadBalancer with a public address: add annotation {Internal}: \"true\", or use ClusterIP behind a gateway.";
        }
    }
}
