using Pulumi;
using Pulumi.Kubernetes.Core.V1;
using Pulumi.Kubernetes.Networking.V1;
using Pulumi.Kubernetes.Policy.V1;
using Pulumi.Kubernetes.Scheduling.V1;
using Pulumi.Kubernetes.Types.Inputs.Apps.V1;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Pulumi.Kubernetes.Types.Inputs.Networking.V1;
using Pulumi.Kubernetes.Types.Inputs.Policy.V1;
using Pulumi.Kubernetes.Types.Inputs.Scheduling.V1;
using Reco.Infra.Configuration;
using Deployment = Pulumi.Kubernetes.Apps.V1.Deployment;

namespace Reco.Infra.Components;

/// <summary>The scoring service: a Deployment or a canary Rollout that never has fewer ready pods than replicas, and the
/// Services, budget, network policy and scaling around it.</summary>
internal sealed class ScoringService : ComponentResource
{
    private const string Component = ScoringPod.Component;
    private const int ClusterPort = 80;

    private readonly string name;
    private readonly ScoringServiceArgs args;
    private readonly CustomResourceOptions child;

    /// <summary>Makes the service and what stands around it.</summary>
    public ScoringService(string name, ScoringServiceArgs args, ComponentResourceOptions? options = null)
        : base("reco:model:ScoringService", name, options)
    {
        (this.name, this.args, child) = (name, args, new CustomResourceOptions { Parent = this });
        var template = ScoringPod.Template(args, MakeAccount(), args.Target == Target.Local ? null : (Input<string>)MakePriorityClass());
        var service = args.Scoring.Rollout.Mode == RolloutMode.Canary ? MakeCanary(template) : MakeDeployment(template);
        MakePolicies();

        Url = Address(service, 0, ClusterPort);
        GrpcUrl = Address(service, 1, ScoringPod.GrpcPort);
        RegisterOutputs(new Dictionary<string, object?> { ["url"] = Url, ["grpcUrl"] = GrpcUrl });
    }

    /// <summary>Where the service answers, inside the cluster or on this machine.</summary>
    public Output<string> Url { get; }

    /// <summary>Where it answers gRPC.</summary>
    public Output<string> GrpcUrl { get; }

    /// <summary>Address of one of the Service's ports; on this machine the cluster chooses the node port.</summary>
    private Output<string> Address(Service service, int port, int clusterPort) => args.Target == Target.Local
        ? service.Spec.Apply(spec => $"http://127.0.0.1:{spec.Ports[port].NodePort}")
        : Output.Tuple(service.Metadata.Apply(metadata => metadata.Name), args.Namespace.ToOutput())
            .Apply(names => $"http://{names.Item1}.{names.Item2}.svc.cluster.local:{clusterPort}");

    /// <summary>The account that its pods run as. It has no rights in the cluster, and no pod gets a token of it: where it is
    /// federated with an Azure identity, the volume's driver alone acts as that.</summary>
    private Output<string> MakeAccount()
    {
        var metadata = Metadata();
        if (args.ClientId is { } client)
        {
            metadata.Annotations.Add(Labels.ClientIdAnnotation, client);
        }

        return new ServiceAccount(name, new ServiceAccountArgs { Metadata = metadata, AutomountServiceAccountToken = false }, child)
            .Metadata.Apply(account => account.Name);
    }

    private Service MakeDeployment(PodTemplateSpecArgs template)
    {
        var deployment = new Deployment(name, new DeploymentArgs
        {
            Metadata = Metadata(),
            Spec = new DeploymentSpecArgs
            {
                Replicas = args.Scoring.Replicas,
                RevisionHistoryLimit = 3,
                ProgressDeadlineSeconds = 300,
                Strategy = new DeploymentStrategyArgs
                {
                    Type = "RollingUpdate",
                    RollingUpdate = new RollingUpdateDeploymentArgs { MaxSurge = 1, MaxUnavailable = 0 },
                },
                Selector = new LabelSelectorArgs { MatchLabels = Labels.Selector(Component) },
                Template = template,
            },
        }, CustomResourceOptions.Merge(child, ScoringScaling.LeaveReplicas(args.Scoring.Scaling)));
        var service = MakeService(name, deployment);
        ScoringScaling.Make(name, args, "apps/v1", "Deployment", new CustomResourceOptions { Parent = this, DependsOn = { deployment } });
        if (args.Scoring.Gateway.Reference is not null)
        {
            _ = ScoringRoute.Make(name, args, ClusterPort, [(name, 100)], RouteOptions());
        }

        return service;
    }

    /// <summary>Stable and canary Services, the route that divides traffic, how a version is judged, then the Rollout: it
    /// takes over pods and weights.</summary>
    private Service MakeCanary(PodTemplateSpecArgs template)
    {
        var stable = MakeService(name);
        var canary = MakeService(CanaryRollout.CanaryName(name));
        var route = ScoringRoute.Make(name, args, ClusterPort, [(name, 100), (CanaryRollout.CanaryName(name), 0)], RouteOptions());
        var rollout = CanaryRollout.Make(name, args, template, CustomResourceOptions.Merge(
            new CustomResourceOptions { Parent = this, DependsOn = { stable, canary, route } },
            ScoringScaling.LeaveReplicas(args.Scoring.Scaling)));
        ScoringScaling.Make(name, args, CanaryRollout.ApiVersion, CanaryRollout.Kind, new CustomResourceOptions { Parent = this, DependsOn = { rollout } });
        return stable;
    }

    private CustomResourceOptions RouteOptions() => new() { Parent = this, DependsOn = Dependencies.On(args.Gateway) };

    private Service MakeService(string serviceName, params Resource[] after)
    {
        var port = new ServicePortArgs { Name = ScoringPod.PortName, Port = ClusterPort, TargetPort = ScoringPod.PortName, Protocol = "TCP" };
        if (args.Target == Target.Local)
        {
            port.NodePort = args.Scoring.Port;
        }

        var metadata = Metadata(serviceName);
        var options = new CustomResourceOptions { Parent = this, DependsOn = after.ToList() };
        if (args.Scoring.Rollout.Mode == RolloutMode.Canary)
        {
            // There are no pods behind it until the Rollout is there, and Argo Rollouts narrows the selector.
            metadata.Annotations.Add("pulumi.com/skipAwait", "true");
            options.IgnoreChanges.Add("spec.selector");
        }

        return new Service(serviceName, new ServiceArgs
        {
            Metadata = metadata,
            Spec = new ServiceSpecArgs
            {
                Type = args.Target == Target.Local ? "NodePort" : "ClusterIP",
                Selector = Labels.Selector(Component),
                Ports =
                {
                    port,
                    new ServicePortArgs
                    {
                        Name = ScoringPod.GrpcPortName,
                        Port = ScoringPod.GrpcPort,
                        TargetPort = ScoringPod.GrpcPortName,
                        Protocol = "TCP",
                        // HTTP/2 without TLS: proxies and meshes must not speak HTTP/1.1 to it.
                        AppProtocol = "kubernetes.io/h2c",
                    },
                },
            },
        }, options);
    }

    /// <summary>Scoring goes before training where a node is short of room.</summary>
    private Output<string> MakePriorityClass()
    {
        var className = $"reco-{Pulumi.Deployment.Instance.StackName}-{Component}";
        return new PriorityClass(name, new PriorityClassArgs
        {
            Metadata = new ObjectMetaArgs { Name = className, Labels = Labels.For(Component) },
            Value = 100_000,
            GlobalDefault = false,
            Description = "Answers shop visitors: may take the place of training.",
        }, child).Metadata.Apply(metadata => metadata.Name);
    }

    private void MakePolicies()
    {
        _ = new PodDisruptionBudget(name, new PodDisruptionBudgetArgs
        {
            Metadata = Metadata(),
            Spec = new PodDisruptionBudgetSpecArgs
            {
                MaxUnavailable = 1,
                // A pod that never became ready does not keep a node from being drained.
                UnhealthyPodEvictionPolicy = "AlwaysAllow",
                Selector = new LabelSelectorArgs { MatchLabels = Labels.Selector(Component) },
            },
        }, child);
        _ = new NetworkPolicy(name, new NetworkPolicyArgs
        {
            Metadata = Metadata(),
            Spec = new NetworkPolicySpecArgs
            {
                PodSelector = new LabelSelectorArgs { MatchLabels = Labels.Selector(Component) },
                PolicyTypes = { "Ingress", "Egress" },
                Ingress = { Callers() },
                Egress = Peers(),
            },
        }, child);
    }

    /// <summary>Who may call: on this machine anybody (it listens on loopback only), on a cluster the gateway, Prometheus,
    /// and the namespaces that the configuration names.</summary>
    private NetworkPolicyIngressRuleArgs Callers()
    {
        var rule = new NetworkPolicyIngressRuleArgs { Ports = { NetworkRules.Port(ScoringPod.Port), NetworkRules.Port(ScoringPod.GrpcPort) } };
        if (args.Target == Target.Local)
        {
            return rule;
        }

        var spaces = args.Scoring.CallerNamespaces
            .Append(args.Scoring.Gateway.Namespace)
            .Append(args.Monitoring.Mode == MonitoringMode.None ? null : args.Monitoring.Namespace)
            .OfType<string>()
            .Distinct(StringComparer.Ordinal);
        foreach (var space in spaces)
        {
            rule.From.Add(NetworkRules.Namespace(space));
        }

        rule.From.Add(NetworkRules.Namespace(args.Namespace));
        return rule;
    }

    /// <summary>What the pods may call: names, and the collector of traces. The bundle comes by a volume.</summary>
    private InputList<NetworkPolicyEgressRuleArgs> Peers()
    {
        var rules = new InputList<NetworkPolicyEgressRuleArgs> { NetworkRules.Dns() };
        if (args.Monitoring.Traces)
        {
            rules.Add(new NetworkPolicyEgressRuleArgs
            {
                To = { NetworkRules.Namespace(args.Monitoring.Namespace) },
                Ports = { NetworkRules.Port(MonitoringStack.CollectorPort) },
            });
        }

        return rules;
    }

    private ObjectMetaArgs Metadata(string? objectName = null) =>
        new() { Name = objectName ?? name, Namespace = args.Namespace, Labels = Labels.For(Component) };
}
