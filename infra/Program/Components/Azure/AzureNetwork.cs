using System.Net;
using Pulumi;
using Pulumi.AzureNative.Network;
using Pulumi.AzureNative.Network.Inputs;
using Reco.Infra.Configuration;
using NatGatewayArgs = Pulumi.AzureNative.Network.NatGatewayArgs;
using NetworkSecurityGroupArgs = Pulumi.AzureNative.Network.NetworkSecurityGroupArgs;
using PublicIPAddressArgs = Pulumi.AzureNative.Network.PublicIPAddressArgs;
using SubnetArgs = Pulumi.AzureNative.Network.SubnetArgs;

namespace Reco.Infra.Components.Azure;

/// <summary>Arguments of <see cref="AzureNetwork"/>.</summary>
internal sealed class AzureNetworkArgs : ResourceArgs
{
    /// <summary>The environment.</summary>
    public required AzureEnvironment Environment { get; init; }

    /// <summary>Addresses.</summary>
    public required NetworkConfig Network { get; init; }
}

/// <summary>The network: one subnet for nodes that go out through a NAT gateway, one for private endpoints, and private DNS for
/// what is behind these.</summary>
internal sealed class AzureNetwork : ComponentResource
{
    private const string HttpsPort = "443";

    /// <summary>Makes the network.</summary>
    public AzureNetwork(string name, AzureNetworkArgs args, ComponentResourceOptions? options = null)
        : base("reco:azure:Network", name, options)
    {
        var environment = args.Environment;
        var child = new CustomResourceOptions { Parent = this };
        var addresses = IPNetwork.Parse(args.Network.AddressSpace);
        var network = new VirtualNetwork("network", new VirtualNetworkArgs
        {
            VirtualNetworkName = environment.NameOf("vnet"),
            ResourceGroupName = environment.Group,
            Location = environment.Location,
            AddressSpace = new AddressSpaceArgs { AddressPrefixes = { args.Network.AddressSpace } },
            Tags = environment.Tags,
        }, child);
        NetworkId = network.Id;

        var address = new PublicIPAddress("egress-address", new PublicIPAddressArgs
        {
            PublicIpAddressName = environment.NameOf("pip"),
            ResourceGroupName = environment.Group,
            Location = environment.Location,
            PublicIPAllocationMethod = IPAllocationMethod.Static,
            Sku = new PublicIPAddressSkuArgs { Name = PublicIPAddressSkuName.Standard },
            Tags = environment.Tags,
        }, child);
        EgressAddress = address.IpAddress;
        var egress = new NatGateway("egress", new NatGatewayArgs
        {
            NatGatewayName = environment.NameOf("ng"),
            ResourceGroupName = environment.Group,
            Location = environment.Location,
            Sku = new NatGatewaySkuArgs { Name = NatGatewaySkuName.Standard },
            PublicIpAddresses = { new SubResourceArgs { Id = address.Id } },
            IdleTimeoutInMinutes = 4,
            Tags = environment.Tags,
        }, child);

        var nodes = new Subnet("nodes", new SubnetArgs
        {
            SubnetName = "nodes",
            ResourceGroupName = environment.Group,
            VirtualNetworkName = network.Name,
            AddressPrefix = Part(addresses, 0, 18),
            NatGateway = new SubResourceArgs { Id = egress.Id },
            NetworkSecurityGroup = Reference(Guard("nodes", environment, child, inboundPort: null)),
            DefaultOutboundAccess = false,
        }, child);
        NodesSubnetId = nodes.Id;

        // Azure changes the subnets of a network one after the other.
        var endpoints = new Subnet("endpoints", new SubnetArgs
        {
            SubnetName = "endpoints",
            ResourceGroupName = environment.Group,
            VirtualNetworkName = network.Name,
            AddressPrefix = Part(addresses, 1 << 14, 24),
            NetworkSecurityGroup = Reference(Guard("endpoints", environment, child, HttpsPort)),
            PrivateEndpointNetworkPolicies = VirtualNetworkPrivateEndpointNetworkPolicies.Enabled,
            DefaultOutboundAccess = false,
        }, new CustomResourceOptions { Parent = this, DependsOn = { nodes } });
        EndpointsSubnetId = endpoints.Id;
        RegisterOutputs(new Dictionary<string, object?> { ["networkId"] = NetworkId });
    }

    /// <summary>ID of the network.</summary>
    public Output<string> NetworkId { get; }

    /// <summary>The address under which what is in the network is seen outside.</summary>
    public Output<string?> EgressAddress { get; }

    /// <summary>ID of the nodes' subnet.</summary>
    public Output<string> NodesSubnetId { get; }

    /// <summary>ID of the private endpoints' subnet.</summary>
    public Output<string> EndpointsSubnetId { get; }

    /// <summary>A security group: in from the network alone, on one port or, for nodes, on all.</summary>
    private static NetworkSecurityGroup Guard(string name, AzureEnvironment environment, CustomResourceOptions child, string? inboundPort) => new($"{name}-guard", new NetworkSecurityGroupArgs
    {
        NetworkSecurityGroupName = environment.NameOf($"nsg-{name}"),
        ResourceGroupName = environment.Group,
        Location = environment.Location,
        SecurityRules =
        {
            Rule("allow-network", 100, SecurityRuleAccess.Allow, "VirtualNetwork", inboundPort ?? "*"),
            Rule("allow-load-balancer", 110, SecurityRuleAccess.Allow, "AzureLoadBalancer", inboundPort ?? "*"),
            Rule("deny-inbound", 4096, SecurityRuleAccess.Deny, "*", "*"),
        },
        Tags = environment.Tags,
    }, child);

    private static SecurityRuleArgs Rule(string name, int priority, SecurityRuleAccess access, string source, string port) => new()
    {
        Name = name,
        Priority = priority,
        Direction = SecurityRuleDirection.Inbound,
        Access = access,
        Protocol = SecurityRuleProtocol.Asterisk,
        SourceAddressPrefix = source,
        SourcePortRange = "*",
        DestinationAddressPrefix = "*",
        DestinationPortRange = port,
    };

    private static Pulumi.AzureNative.Network.Inputs.NetworkSecurityGroupArgs Reference(NetworkSecurityGroup guard) => new() { Id = guard.Id };

    /// <summary>The part of a /16 that starts at an address of it.</summary>
    private static string Part(IPNetwork network, int offset, int length)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        bytes[2] = (byte)(offset >> 8);
        bytes[3] = (byte)offset;
        return $"{new IPAddress(bytes)}/{length}";
    }
}
