using Pulumi;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Reco.Infra.Configuration;

namespace Reco.Infra.Components;

/// <summary>The pod of the scoring service. On a cluster an init container copies the bundle onto the node's disk and
/// checks every checksum, so that a damaged or missing bundle never becomes a ready pod, and the store may go away while
/// the service runs.</summary>
internal static class ScoringPod
{
    /// <summary>Name of the component, of its container and in its labels.</summary>
    public const string Component = "scoring";

    /// <summary>Name of the container's and the Service's port.</summary>
    public const string PortName = "http";

    /// <summary>Port of the container.</summary>
    public const int Port = 8080;

    /// <summary>Name of the container's and the Service's port for gRPC.</summary>
    public const string GrpcPortName = "grpc";

    /// <summary>Port of the container and of the Service for gRPC: without TLS it cannot share the one of HTTP.</summary>
    public const int GrpcPort = 8081;

    /// <summary>Seconds between the pod's removal from its Services and SIGTERM: gateways and nodes hear of it in between.</summary>
    public const int PreStopSeconds = 5;

    /// <summary>Seconds that the service still takes requests after SIGTERM, already not ready.</summary>
    public const int DrainDelaySeconds = 3;

    /// <summary>Seconds that requests in progress get after that.</summary>
    public const int DrainSeconds = 20;

    private const string ModelImageMount = "/artifact";
    private const string StoreMount = "/store";

    /// <summary>The pod's template.</summary>
    /// <param name="args">Arguments of the service.</param>
    /// <param name="account">Its service account.</param>
    /// <param name="priorityClass">Its priority class; null: the cluster's default.</param>
    public static PodTemplateSpecArgs Template(ScoringServiceArgs args, Input<string> account, Input<string>? priorityClass) => new()
    {
        Metadata = new ObjectMetaArgs { Labels = Labels.ForPod(Component, args.Image) },
        Spec = Spec(args, account, priorityClass),
    };

    private static PodSpecArgs Spec(ScoringServiceArgs args, Input<string> account, Input<string>? priorityClass)
    {
        var isLocal = args.Target == Target.Local;
        var pod = new PodSpecArgs
        {
            ServiceAccountName = account,
            AutomountServiceAccountToken = false,
            // Not needed to find Services, and one variable a Service in the namespace.
            EnableServiceLinks = false,
            PriorityClassName = priorityClass,
            SecurityContext = PodDefaults.PodSecurity(),
            TerminationGracePeriodSeconds = PreStopSeconds + DrainDelaySeconds + DrainSeconds + 2,
            Tolerations = PodDefaults.Tolerations(args.Scoring.Gpus),
            Affinity = PodDefaults.Affinity(args.Scoring.Gpus, args.Scoring.GpuType)!,
            TopologySpreadConstraints = { Spread("topology.kubernetes.io/zone", args), Spread("kubernetes.io/hostname", args) },
            Volumes = { new VolumeArgs { Name = "tmp", EmptyDir = new EmptyDirVolumeSourceArgs { SizeLimit = "1Gi" } } },
            Containers = { Container(args) },
        };
        if (isLocal)
        {
            pod.Volumes.Add(Store("models", args));
            return pod;
        }

        pod.Volumes.Add(new VolumeArgs { Name = "models", EmptyDir = new EmptyDirVolumeSourceArgs { SizeLimit = "8Gi" } });
        pod.Volumes.Add(args.Scoring.ModelImage is { } image
            ? new VolumeArgs { Name = "source", Image = new ImageVolumeSourceArgs { Reference = image, PullPolicy = "IfNotPresent" } }
            : Store("source", args));
        pod.InitContainers.Add(Pull(args));
        return pod;
    }

    private static VolumeArgs Store(string name, ScoringServiceArgs args) => new()
    {
        Name = name,
        PersistentVolumeClaim = new PersistentVolumeClaimVolumeSourceArgs { ClaimName = args.StoreClaim, ReadOnly = true },
    };

    /// <summary>As even as can be, but a full zone is no reason to have fewer pods.</summary>
    private static TopologySpreadConstraintArgs Spread(string topology, ScoringServiceArgs args) => new()
    {
        MaxSkew = 1,
        TopologyKey = topology,
        WhenUnsatisfiable = "ScheduleAnyway",
        LabelSelector = new LabelSelectorArgs { MatchLabels = Labels.Selector(Component) },
        // Each version is spread by itself: during a rollout the old one would be counted, too.
        MatchLabelKeys = { args.Scoring.Rollout.Mode == RolloutMode.Canary ? "rollouts-pod-template-hash" : "pod-template-hash" },
    };

    /// <summary>Copies the bundle to the pod and checks it. From an image, the kubelet has pulled it by digest with the
    /// node's own identity: the pod holds no registry credentials.</summary>
    private static ContainerArgs Pull(ScoringServiceArgs args)
    {
        var source = args.Scoring.ModelImage is null ? StoreMount : ModelImageMount;
        return new ContainerArgs
        {
            Name = "model",
            Image = args.Image,
            Args = { "pull", $"--from={source}", $"--to={ModelStore.MountPath}", Output.Format($"--bundle={Bundle(args)}") },
            Env = { new EnvVarArgs { Name = "TMPDIR", Value = "/tmp" } },
            Resources = PodDefaults.Resources("250m", "256Mi", "512Mi", gpus: 0),
            SecurityContext = PodDefaults.ContainerSecurity(),
            VolumeMounts =
            {
                new VolumeMountArgs { Name = "source", MountPath = source, ReadOnly = true },
                new VolumeMountArgs { Name = "models", MountPath = ModelStore.MountPath },
                new VolumeMountArgs { Name = "tmp", MountPath = "/tmp" },
            },
        };
    }

    /// <summary>The bundle: of the store, the one that training told; of an image, the only one of the model's name.</summary>
    private static Output<string> Bundle(ScoringServiceArgs args) =>
        args.Scoring.ModelImage is null ? args.BundlePath.ToOutput() : Output.Create(args.ModelName);

    private static ContainerArgs Container(ScoringServiceArgs args)
    {
        var container = new ContainerArgs
        {
            Name = Component,
            Image = args.Image,
            Ports =
            {
                new ContainerPortArgs { Name = PortName, ContainerPortValue = Port },
                new ContainerPortArgs { Name = GrpcPortName, ContainerPortValue = GrpcPort },
            },
            Env =
            {
                new EnvVarArgs { Name = "POD_IP", ValueFrom = new EnvVarSourceArgs { FieldRef = new ObjectFieldSelectorArgs { FieldPath = "status.podIP" } } },
                new EnvVarArgs { Name = "ASPNETCORE_URLS", Value = $"http://$(POD_IP):{Port}" },
                new EnvVarArgs { Name = "RECO_GRPCURL", Value = $"http://$(POD_IP):{GrpcPort}" },
                new EnvVarArgs { Name = "RECO_STORE", Value = ModelStore.MountPath },
                new EnvVarArgs { Name = "RECO_MODEL", Value = Bundle(args) },
                new EnvVarArgs { Name = "RECO_PRECISION", Value = args.Scoring.Precision },
                Key("RECO_API_KEY", ScoringKeys.ApiKey, args),
                Key("RECO_PSEUDONYM_KEY", ScoringKeys.PseudonymKey, args),
                new EnvVarArgs { Name = "TMPDIR", Value = "/tmp" },
            },
            Resources = Resources(args.Scoring.Gpus),
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
        if (args.Target != Target.Local)
        {
            container.Env.Add(new EnvVarArgs { Name = "RECO_DRAIN__DELAY", Value = $"00:00:{DrainDelaySeconds:00}" });
            container.Env.Add(new EnvVarArgs { Name = "RECO_DRAIN__TIMEOUT", Value = $"00:00:{DrainSeconds:00}" });
            container.Lifecycle = new LifecycleArgs { PreStop = new LifecycleHandlerArgs { Sleep = new SleepActionArgs { Seconds = PreStopSeconds } } };
        }

        if (args.Monitoring.Traces)
        {
            container.Env.Add(new EnvVarArgs { Name = "OTEL_EXPORTER_OTLP_ENDPOINT", Value = MonitoringStack.CollectorUrl(args.Monitoring) });
            container.Env.Add(new EnvVarArgs { Name = "OTEL_SERVICE_NAME", Value = $"reco-{Component}" });
        }

        return container;
    }

    private static ResourceRequirementsArgs Resources(int gpus) =>
        gpus > 0 ? PodDefaults.Resources("2", "4Gi", "8Gi", gpus) : PodDefaults.Resources("250m", "256Mi", "2Gi", gpus);

    /// <summary>An environment variable from the keys' secret; one that is not set there is not set here.</summary>
    private static EnvVarArgs Key(string variable, string key, ScoringServiceArgs args) => new()
    {
        Name = variable,
        ValueFrom = new EnvVarSourceArgs { SecretKeyRef = new SecretKeySelectorArgs { Name = args.KeysSecret, Key = key, Optional = true } },
    };

    private static ProbeArgs Probe(string path, int period, int failures) => new()
    {
        HttpGet = new HTTPGetActionArgs { Path = path, Port = PortName },
        PeriodSeconds = period,
        TimeoutSeconds = 1,
        FailureThreshold = failures,
    };
}
