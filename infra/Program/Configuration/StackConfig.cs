namespace Reco.Infra.Configuration;

/// <summary>Where a stack lives.</summary>
internal enum Target
{
    /// <summary>This machine: the embedded engine's local cluster.</summary>
    Local,

    /// <summary>An existing cluster, by a context of the user's kubeconfig.</summary>
    Kubernetes,

    /// <summary>A cluster in Azure that the stack makes, with everything around it.</summary>
    Azure,
}

/// <summary>The configuration of a stack: every key under <c>reco:</c>, typed and with its default.
/// <see cref="StackConfigReader"/> binds it, <see cref="StackConfigValidator"/> checks it.</summary>
internal sealed record StackConfig
{
    /// <summary><c>reco:target</c>.</summary>
    public Target Target { get; init; } = Target.Local;

    /// <summary><c>reco:kubeContext</c>: context of the kubeconfig; for target kubernetes.</summary>
    public string? KubeContext { get; init; }

    /// <summary><c>reco:namespace</c>: namespace of everything the stack deploys.</summary>
    public string Namespace { get; init; } = "reco";

    /// <summary><c>reco:dataset</c>: <c>demo</c>, or a folder (relative to Pulumi.yaml) on target local,
    /// or <c>pvc:NAME</c> on a cluster.</summary>
    public string Dataset { get; init; } = DemoDataset;

    /// <summary><c>reco:modelName</c>.</summary>
    public string ModelName { get; init; } = "two-tower";

    /// <summary><c>reco:apiKey</c>, a secret: callers of the scoring service must send it. Null: an open service.</summary>
    public Pulumi.Output<string>? ApiKey { get; init; }

    /// <summary>Settings of training.</summary>
    public TrainingConfig Training { get; init; } = new();

    /// <summary>Settings of scoring.</summary>
    public ScoringConfig Scoring { get; init; } = new();

    /// <summary>Settings of monitoring.</summary>
    public MonitoringConfig Monitoring { get; init; } = new();

    /// <summary>What the stack installs on the cluster for itself.</summary>
    public ControllersConfig Controllers { get; init; } = new();

    /// <summary>How the cluster's GPUs are run.</summary>
    public GpuConfig Gpu { get; init; } = new();

    /// <summary>Settings of target azure.</summary>
    public AzureConfig Azure { get; init; } = new();

    /// <summary>The value of <c>reco:dataset</c> that means the project's own seeded demo shop.</summary>
    public const string DemoDataset = "demo";

    /// <summary>The value of <c>reco:dataset</c> that, on target azure, means the container of training data.</summary>
    public const string StoreDataset = "pvc:data";
}
