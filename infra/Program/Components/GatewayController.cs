using Pulumi;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Reco.Infra.Configuration;
using Reco.Infra.CustomResources;
using static Reco.Infra.Components.HelmValues;
using CustomResource = Pulumi.Kubernetes.ApiExtensions.CustomResource;

namespace Reco.Infra.Components;

/// <summary>Arguments of <see cref="GatewayController"/>.</summary>
internal sealed class GatewayControllerArgs : ResourceArgs
{
    /// <summary>Where the stack lives.</summary>
    public required Target Target { get; init; }

    /// <summary>Namespace whose routes may use the Gateway.</summary>
    public required Input<string> Namespace { get; init; }

    /// <summary>Host name that it answers for; null: every name.</summary>
    public string? Host { get; init; }

    /// <summary>TLS secret in <see cref="GatewayController.NamespaceName"/>.</summary>
    public required string Certificate { get; init; }
}

/// <summary>Envoy Gateway and one Gateway: TLS, limits on time and connections, and an address inside the network alone. Its proxies
/// run in the Gateway's namespace, which is what the service's network policy lets in.</summary>
internal sealed class GatewayController : ComponentResource
{
    /// <summary>The namespace of controller, Gateway and proxies.</summary>
    public const string NamespaceName = "envoy-gateway-system";

    /// <summary>The Gateway, as routes name it.</summary>
    public const string Reference = $"{NamespaceName}/{GatewayName}";

    private const string GatewayName = "reco";
    private const string Component = "gateway";
    private const string EnvoyGroup = "gateway.envoyproxy.io";
    private const int Proxies = 2;

    /// <summary>Connections of one proxy, far above what the service behind it answers.</summary>
    private const int ConnectionsOfAProxy = 20_000;

    /// <summary>Installs the controller and makes the Gateway.</summary>
    public GatewayController(string name, GatewayControllerArgs args, ComponentResourceOptions? options = null)
        : base("reco:cluster:GatewayController", name, options)
    {
        var child = new CustomResourceOptions { Parent = this };
        var space = OperationsNamespace.Make(NamespaceName, Component, OperationsNamespace.Restricted, child);
        var release = HelmCharts.Install("envoy-gateway", HelmCharts.EnvoyGateway, space, Values(), child);
        var proxy = new CustomResource($"{GatewayName}-proxy", new EnvoyProxyArgs { Metadata = Metadata($"{GatewayName}-proxy", space), Spec = Proxy(args.Target) }, After(release));
        var gatewayClass = new CustomResource($"{GatewayName}-class", new GatewayClassArgs
        {
            // Classes belong to no namespace.
            Metadata = new ObjectMetaArgs { Name = $"reco-{Deployment.Instance.StackName}", Labels = Labels.For(Component) },
            Spec = new GatewayClassSpecArgs
            {
                ControllerName = $"{EnvoyGroup}/gatewayclass-controller",
                ParametersRef = new ObjectReferenceArgs { Group = EnvoyGroup, Kind = EnvoyProxyArgs.KindName, Name = $"{GatewayName}-proxy", Namespace = space },
            },
        }, After(proxy));
        var gateway = new CustomResource($"{GatewayName}-gateway", new GatewayArgs
        {
            Metadata = Metadata(GatewayName, space),
            Spec = new GatewaySpecArgs { GatewayClassName = $"reco-{Deployment.Instance.StackName}", Listeners = { Listener(args) } },
        }, After(gatewayClass));
        _ = new CustomResource($"{GatewayName}-limits", new ClientTrafficPolicyArgs { Metadata = Metadata($"{GatewayName}-limits", space), Spec = Limits() }, After(gateway));
        RegisterOutputs(new Dictionary<string, object?> { ["gateway"] = Reference, ["version"] = release.Version });
    }

    private static ObjectMetaArgs Metadata(string name, Output<string> space) => new() { Name = name, Namespace = space, Labels = Labels.For(Component) };

    private CustomResourceOptions After(Resource other) => new() { Parent = this, DependsOn = { other } };

    /// <summary>Values of the chart.</summary>
    private static InputMap<object> Values() => new Dictionary<string, object>
    {
        ["deployment"] = Map(
            ("replicas", 2),
            ("envoyGateway", Map(("resources", Resources("100m", "256Mi", "1Gi"))))),
        ["podDisruptionBudget"] = Map(("minAvailable", 1)),
    };

    /// <summary>The proxies. In Azure their address is one of the network; elsewhere it is the cluster's, and what brings traffic
    /// there from outside is the affair of its operators.</summary>
    private static EnvoyProxySpecArgs Proxy(Target target) => new()
    {
        Provider = new EnvoyProviderArgs
        {
            Kubernetes = new EnvoyKubernetesArgs
            {
                EnvoyDeployment = new EnvoyDeploymentArgs { Replicas = Proxies },
                EnvoyPdb = new EnvoyBudgetArgs { MinAvailable = Proxies - 1 },
                EnvoyService = target == Target.Azure
                    ? new EnvoyServiceArgs { Type = "LoadBalancer", Annotations = { ["service.beta.kubernetes.io/azure-load-balancer-internal"] = "true" } }
                    : new EnvoyServiceArgs { Type = "ClusterIP" },
            },
        },
    };

    private static GatewayListenerArgs Listener(GatewayControllerArgs args) => new()
    {
        Name = "https",
        Port = 443,
        Protocol = "HTTPS",
        Hostname = args.Host is { } host ? (Input<string>)host : null,
        Tls = new GatewayTlsArgs { Mode = "Terminate", CertificateRefs = { new SecretReferenceArgs { Name = args.Certificate } } },
        AllowedRoutes = new AllowedRoutesArgs
        {
            Namespaces = new RouteNamespacesArgs
            {
                From = "Selector",
                Selector = new LabelSelectorArgs { MatchLabels = { ["kubernetes.io/metadata.name"] = args.Namespace } },
            },
        },
    };

    /// <summary>A client that is slow, idle or one of too many is let go; the size of a body is limited by the service.</summary>
    private static ClientTrafficPolicySpecArgs Limits() => new()
    {
        TargetRefs = { new ObjectReferenceArgs { Group = "gateway.networking.k8s.io", Kind = "Gateway", Name = GatewayName } },
        Tls = new ClientTlsArgs { MinVersion = "1.2" },
        Timeout = new ClientTimeoutArgs
        {
            Http = new HttpClientTimeoutArgs { RequestReceivedTimeout = "10s", RequestHeadersReceivedTimeout = "5s", IdleTimeout = "300s", StreamIdleTimeout = "30s" },
        },
        Connection = new ClientConnectionArgs { ConnectionLimit = new ConnectionLimitArgs { Value = ConnectionsOfAProxy } },
    };
}
