using Pulumi;
using Pulumi.AzureNative.Network;
using Pulumi.AzureNative.Network.Inputs;
using Pulumi.AzureNative.PrivateDns;
using PrivateEndpointArgs = Pulumi.AzureNative.Network.PrivateEndpointArgs;
using SubnetReferenceArgs = Pulumi.AzureNative.Network.Inputs.SubnetArgs;

namespace Reco.Infra.Components.Azure;

/// <summary>Arguments of <see cref="PrivateLink"/>.</summary>
internal sealed class PrivateLinkArgs : ResourceArgs
{
    /// <summary>The environment.</summary>
    public required AzureEnvironment Environment { get; init; }

    /// <summary>The network.</summary>
    public required AzureNetwork Network { get; init; }

    /// <summary>ID of the resource that is to be reached.</summary>
    public required Input<string> ResourceId { get; init; }

    /// <summary>Part of the resource, for example <c>blob</c>
    /// (https://learn.microsoft.com/azure/private-link/private-endpoint-overview#private-link-resource).</summary>
    public required string Part { get; init; }

    /// <summary>DNS zone under which clients look for it, for example <c>privatelink.blob.core.windows.net</c>.</summary>
    public required string Zone { get; init; }
}

/// <summary>A private endpoint to one resource, and the private DNS zone that leads there.</summary>
internal sealed class PrivateLink : ComponentResource
{
    private const string Global = "Global";

    /// <summary>Makes the endpoint and the zone.</summary>
    public PrivateLink(string name, PrivateLinkArgs args, ComponentResourceOptions? options = null)
        : base("reco:azure:PrivateLink", name, options)
    {
        var environment = args.Environment;
        var child = new CustomResourceOptions { Parent = this };
        var zone = new PrivateZone($"{name}-zone", new PrivateZoneArgs
        {
            PrivateZoneName = args.Zone,
            ResourceGroupName = environment.Group,
            Location = Global,
            Tags = environment.Tags,
        }, child);
        _ = new VirtualNetworkLink($"{name}-zone-link", new VirtualNetworkLinkArgs
        {
            VirtualNetworkLinkName = "network",
            PrivateZoneName = zone.Name,
            ResourceGroupName = environment.Group,
            Location = Global,
            RegistrationEnabled = false,
            VirtualNetwork = new Pulumi.AzureNative.PrivateDns.Inputs.SubResourceArgs { Id = args.Network.NetworkId },
        }, child);
        var endpoint = new PrivateEndpoint(name, new PrivateEndpointArgs
        {
            PrivateEndpointName = environment.NameOf($"pe-{args.Part}"),
            ResourceGroupName = environment.Group,
            Location = environment.Location,
            Subnet = new SubnetReferenceArgs { Id = args.Network.EndpointsSubnetId },
            PrivateLinkServiceConnections = { new PrivateLinkServiceConnectionArgs { Name = args.Part, PrivateLinkServiceId = args.ResourceId, GroupIds = { args.Part } } },
            Tags = environment.Tags,
        }, child);
        _ = new PrivateDnsZoneGroup($"{name}-names", new PrivateDnsZoneGroupArgs
        {
            PrivateDnsZoneGroupName = "default",
            PrivateEndpointName = endpoint.Name,
            ResourceGroupName = environment.Group,
            PrivateDnsZoneConfigs = { new PrivateDnsZoneConfigArgs { Name = args.Part, PrivateDnsZoneId = zone.Id } },
        }, child);
        RegisterOutputs();
    }
}
