namespace Reco.Infra.Configuration;

/// <summary>How a new version of the service or the model takes over.</summary>
internal enum RolloutMode
{
    /// <summary>A Deployment replaces pod by pod.</summary>
    Rolling,

    /// <summary>An Argo Rollout moves traffic in steps, each judged by measurements, and goes back by itself.</summary>
    Canary,
}

/// <summary>What the number of scoring pods follows.</summary>
internal enum Autoscaling
{
    /// <summary>Nothing: it is <c>reco:replicas</c>.</summary>
    None,

    /// <summary>CPU use, by a HorizontalPodAutoscaler.</summary>
    Cpu,

    /// <summary>Requests that wait and GPU use, by a KEDA ScaledObject.</summary>
    Load,
}

/// <summary>Settings of scoring.</summary>
internal sealed record ScoringConfig
{
    /// <summary><c>reco:scoringImage</c>: image by digest; on target local the one that is built here.</summary>
    public string? Image { get; init; }

    /// <summary><c>reco:replicas</c>: pods; with autoscaling the fewest.</summary>
    public int Replicas { get; init; } = 2;

    /// <summary><c>reco:precision</c>: <c>auto</c> (what the bundle's gate chose), <c>fp32</c>, <c>fp16</c>, <c>int8</c> or <c>int8-static</c>.</summary>
    public string Precision { get; init; } = "auto";

    /// <summary><c>reco:scoringPort</c>: loopback port of the service on target local.</summary>
    public int Port { get; init; } = 30080;

    /// <summary><c>reco:scoringGpus</c>: GPUs of each scoring pod; 0 scores on CPUs.</summary>
    public int Gpus { get; init; }

    /// <summary><c>reco:scoringGpuType</c>: kind of GPU that scoring wants.</summary>
    public GpuType GpuType { get; init; } = GpuType.Any;

    /// <summary><c>reco:modelImage</c>: OCI image by digest that holds the bundle under its root, instead of the model
    /// store; null: the store.</summary>
    public string? ModelImage { get; init; }

    /// <summary><c>reco:callerNamespaces</c>: namespaces, separated by commas, whose pods may call the service.</summary>
    public IReadOnlyList<string> CallerNamespaces { get; init; } = [];

    /// <summary>How a new version takes over.</summary>
    public RolloutConfig Rollout { get; init; } = new();

    /// <summary>The number of pods.</summary>
    public ScalingConfig Scaling { get; init; } = new();

    /// <summary>Traffic from outside.</summary>
    public GatewayConfig Gateway { get; init; } = new();
}

/// <summary>How a new version takes over.</summary>
internal sealed record RolloutConfig
{
    /// <summary><c>reco:rollout</c>.</summary>
    public RolloutMode Mode { get; init; } = RolloutMode.Rolling;

    /// <summary><c>reco:canaryWeights</c>: per cent of the traffic in each step, rising, separated by commas.</summary>
    public IReadOnlyList<int> Weights { get; init; } = [5, 25, 50];

    /// <summary><c>reco:canaryPauseSeconds</c>: length of a step.</summary>
    public int PauseSeconds { get; init; } = 300;

    /// <summary><c>reco:minSuccessRate</c>: least share of requests answered without a fault of the service; alerts and
    /// canaries go by it.</summary>
    public double MinSuccessRate { get; init; } = 0.999;

    /// <summary><c>reco:maxP99Ms</c>: largest 99th percentile of a request's time; alerts and canaries go by it.</summary>
    public int MaxP99Ms { get; init; } = 100;
}

/// <summary>The number of scoring pods.</summary>
internal sealed record ScalingConfig
{
    /// <summary><c>reco:autoscaling</c>.</summary>
    public Autoscaling Mode { get; init; } = Autoscaling.None;

    /// <summary><c>reco:maxReplicas</c>: most pods.</summary>
    public int MaxReplicas { get; init; } = 10;

    /// <summary><c>reco:scaleQueueDepth</c>: waiting requests a pod that are one pod's share.</summary>
    public int QueueDepth { get; init; } = 8;

    /// <summary><c>reco:scaleGpuPercent</c>: GPU use that is one pod's share.</summary>
    public int GpuPercent { get; init; } = 70;

    /// <summary><c>reco:scaleCpuPercent</c>: CPU use, of what is requested, that is one pod's share.</summary>
    public int CpuPercent { get; init; } = 70;
}

/// <summary>Traffic from outside the cluster, through a Gateway that the cluster's operators own.</summary>
internal sealed record GatewayConfig
{
    /// <summary><c>reco:gateway</c>: <c>NAMESPACE/NAME</c> of the Gateway; null: no traffic from outside.</summary>
    public string? Reference { get; init; }

    /// <summary><c>reco:gatewayHost</c>: host name of the service.</summary>
    public string? Host { get; init; }

    /// <summary>Namespace of the Gateway.</summary>
    public string? Namespace => Reference?.Split('/')[0];

    /// <summary>Name of the Gateway.</summary>
    public string? Name => Reference?.Split('/')[^1];
}
