using Pulumi;
using Pulumi.Kubernetes.Core.V1;
using Pulumi.Kubernetes.Networking.V1;
using Pulumi.Kubernetes.Policy.V1;
using Pulumi.Kubernetes.Types.Inputs.Apps.V1;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Pulumi.Kubernetes.Types.Inputs.Networking.V1;
using Pulumi.Kubernetes.Types.Inputs.Policy.V1;
using Reco.Infra.Configuration;
using Deployment = Pulumi.Kubernetes.Apps.V1.Deployment;

namespace Reco.Infra.Components;

/// <summary>Arguments of <see cref="ScoringService"/>.</summary>
internal sealed class ScoringServiceArgs : ResourceArgs
{
    /// <summary>Namespace of the service.</summary>
    public required Input<string> Namespace { get; init; }

    /// <summary>Where the stack lives: decides how the service is reached.</summary>
    public required Target Target { get; init; }

    /// <summary>Image of the scoring service.</summary>
    public required string Image { get; init; }

    /// <summary>Replicas, precision, port.</summary>
    public required ScoringConfig Scoring { get; init; }

    /// <summary>Volume claim that holds the bundles.</summary>
    public required Input<string> StoreClaim { get; init; }

    /// <summary>Folder of the bundle to serve, relative to the store. A new one rolls the service over.</summary>
    public required Input<string> BundlePath { get; init; }

    /// <summary>Secret with the service's keys.</summary>
    public required Input<string> KeysSecret { get; init; }
}

/// <summary>The scoring service: a Deployment that never has fewer ready pods than replicas, and a Service before it.</summary>
internal sealed class ScoringService : ComponentResource
{
    private const string Component = "scoring";
    private const int ContainerPort = 8080;
    private const int ClusterPort = 80;

    /// <summary>Makes the deployment and what stands around it.</summary>
    public ScoringService(string name, ScoringServiceArgs args, ComponentResourceOptions? options = null)
        : base("reco:model:ScoringService", name, options)
    {
        var child = new CustomResourceOptions { Parent = this };
        var account = new ServiceAccount(name, new ServiceAccountArgs
        {
            Metadata = Metadata(name, args),
            AutomountServiceAccountToken = false,
        }, child);
        var deployment = new Deployment(name, new DeploymentArgs
        {
            Metadata = Metadata(name, args),
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
                Template = new PodTemplateSpecArgs
                {
                    Metadata = new ObjectMetaArgs { Labels = Labels.For(Component) },
                    Spec = PodSpec(args, account),
                },
            },
        }, child);
        var service = new Service(name, new ServiceArgs
        {
            Metadata = Metadata(name, args),
            Spec = new ServiceSpecArgs
            {
                Type = args.Target == Target.Local ? "NodePort" : "ClusterIP",
                Selector = Labels.Selector(Component),
                Ports = { ServicePort(args) },
            },
        }, new CustomResourceOptions { Parent = this, DependsOn = { deployment } });
        _ = new PodDisruptionBudget(name, new PodDisruptionBudgetArgs
        {
            Metadata = Metadata(name, args),
            Spec = new PodDisruptionBudgetSpecArgs
            {
                MaxUnavailable = 1,
                Selector = new LabelSelectorArgs { MatchLabels = Labels.Selector(Component) },
            },
        }, child);
        _ = new NetworkPolicy(name, new NetworkPolicyArgs
        {
            Metadata = Metadata(name, args),
            Spec = new NetworkPolicySpecArgs
            {
                PodSelector = new LabelSelectorArgs { MatchLabels = Labels.Selector(Component) },
                PolicyTypes = { "Ingress" },
                Ingress = { new NetworkPolicyIngressRuleArgs { Ports = { new NetworkPolicyPortArgs { Port = ContainerPort, Protocol = "TCP" } } } },
            },
        }, child);

        Url = args.Target == Target.Local
            ? service.Spec.Apply(spec => $"http://127.0.0.1:{spec.Ports[0].NodePort}")
            : Output.Tuple(service.Metadata.Apply(metadata => metadata.Name), args.Namespace.ToOutput())
                .Apply(names => $"http://{names.Item1}.{names.Item2}.svc.cluster.local:{ClusterPort}");
        RegisterOutputs(new Dictionary<string, object?> { ["url"] = Url });
    }

    /// <summary>Where the service answers.</summary>
    public Output<string> Url { get; }

    private static ObjectMetaArgs Metadata(string name, ScoringServiceArgs args) =>
        new() { Name = name, Namespace = args.Namespace, Labels = Labels.For(Component) };

    private static ServicePortArgs ServicePort(ScoringServiceArgs args)
    {
        var port = new ServicePortArgs { Name = "http", Port = ClusterPort, TargetPort = "http", Protocol = "TCP" };
        if (args.Target == Target.Local)
        {
            port.NodePort = args.Scoring.Port;
        }

        return port;
    }

    private static PodSpecArgs PodSpec(ScoringServiceArgs args, ServiceAccount account) => new()
    {
        ServiceAccountName = account.Metadata.Apply(metadata => metadata.Name),
        AutomountServiceAccountToken = false,
        SecurityContext = PodDefaults.PodSecurity(),
        TerminationGracePeriodSeconds = 30,
        Tolerations = PodDefaults.Tolerations(args.Scoring.Gpus),
        TopologySpreadConstraints =
        {
            new TopologySpreadConstraintArgs
            {
                MaxSkew = 1,
                TopologyKey = "kubernetes.io/hostname",
                WhenUnsatisfiable = "ScheduleAnyway",
                LabelSelector = new LabelSelectorArgs { MatchLabels = Labels.Selector(Component) },
            },
        },
        Volumes =
        {
            new VolumeArgs { Name = "models", PersistentVolumeClaim = new PersistentVolumeClaimVolumeSourceArgs { ClaimName = args.StoreClaim, ReadOnly = true } },
            new VolumeArgs { Name = "tmp", EmptyDir = new EmptyDirVolumeSourceArgs() },
        },
        Containers = { Container(args) },
    };

    private static ContainerArgs Container(ScoringServiceArgs args) => new()
    {
        Name = Component,
        Image = args.Image,
        Ports = { new ContainerPortArgs { Name = "http", ContainerPortValue = ContainerPort } },
        Env =
        {
            new EnvVarArgs { Name = "POD_IP", ValueFrom = new EnvVarSourceArgs { FieldRef = new ObjectFieldSelectorArgs { FieldPath = "status.podIP" } } },
            new EnvVarArgs { Name = "ASPNETCORE_URLS", Value = $"http://$(POD_IP):{ContainerPort}" },
            new EnvVarArgs { Name = "RECO_STORE", Value = ModelStore.MountPath },
            new EnvVarArgs { Name = "RECO_MODEL", Value = args.BundlePath },
            new EnvVarArgs { Name = "RECO_PRECISION", Value = args.Scoring.Precision },
            Key("RECO_API_KEY", ScoringKeys.ApiKey, args),
            Key("RECO_PSEUDONYM_KEY", ScoringKeys.PseudonymKey, args),
            new EnvVarArgs { Name = "TMPDIR", Value = "/tmp" },
        },
        Resources = PodDefaults.Resources("250m", "256Mi", "2Gi", args.Scoring.Gpus),
        SecurityContext = PodDefaults.ContainerSecurity(),
        StartupProbe = Probe("/v2/health/ready", period: 1, failures: 120),
        ReadinessProbe = Probe("/v2/health/ready", period: 1, failures: 2),
        LivenessProbe = Probe("/v2/health/live", period: 5, failures: 3),
        VolumeMounts =
        {
            new VolumeMountArgs { Name = "models", MountPath = ModelStore.MountPath, ReadOnly = true },
            new VolumeMountArgs { Name = "tmp", MountPath = "/tmp" },
        },
    };

    /// <summary>An environment variable from the keys' secret; one that is not set there is not set here.</summary>
    private static EnvVarArgs Key(string variable, string key, ScoringServiceArgs args) => new()
    {
        Name = variable,
        ValueFrom = new EnvVarSourceArgs { SecretKeyRef = new SecretKeySelectorArgs { Name = args.KeysSecret, Key = key, Optional = true } },
    };

    private static ProbeArgs Probe(string path, int period, int failures) => new()
    {
        HttpGet = new HTTPGetActionArgs { Path = path, Port = "http" },
        PeriodSeconds = period,
        TimeoutSeconds = 1,
        FailureThreshold = failures,
    };
}
