namespace Reco.Infra.Configuration;

/// <summary>Where a stack lives.</summary>
internal enum Target
{
    /// <summary>This machine: the embedded engine's local cluster.</summary>
    Local,

    /// <summary>An existing cluster, by a context of the user's kubeconfig.</summary>
    Kubernetes,
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
    /// or <c>pvc:NAME</c> on target kubernetes.</summary>
    public string Dataset { get; init; } = DemoDataset;

    /// <summary><c>reco:modelName</c>.</summary>
    public string ModelName { get; init; } = "two-tower";

    /// <summary><c>reco:apiKey</c>, a secret: callers of the scoring service must send it. Null: an open service.</summary>
    public Pulumi.Output<string>? ApiKey { get; init; }

    /// <summary>Settings of training.</summary>
    public TrainingConfig Training { get; init; } = new();

    /// <summary>Settings of scoring.</summary>
    public ScoringConfig Scoring { get; init; } = new();

    /// <summary>The value of <c>reco:dataset</c> that means the project's own seeded demo shop.</summary>
    public const string DemoDataset = "demo";
}

/// <summary>Settings of training.</summary>
internal sealed record TrainingConfig
{
    /// <summary><c>reco:trainingImage</c>: image by digest; on target local the one that is built here.</summary>
    public string? Image { get; init; }

    /// <summary><c>reco:epochs</c>: most passes over the training interactions.</summary>
    public int Epochs { get; init; } = 30;

    /// <summary><c>reco:batchSize</c>: interactions in a batch.</summary>
    public int BatchSize { get; init; } = 1024;

    /// <summary><c>reco:learningRate</c>.</summary>
    public double LearningRate { get; init; } = 0.003;

    /// <summary><c>reco:history</c>: most recent items that describe a user.</summary>
    public int History { get; init; } = 50;

    /// <summary><c>reco:holdoutDays</c>: the last days of the data, kept for evaluation.</summary>
    public int HoldoutDays { get; init; } = 28;

    /// <summary><c>reco:seed</c>: seed of everything random.</summary>
    public int Seed { get; init; } = 42;

    /// <summary><c>reco:gateMinLift</c>: least relative gain in nDCG@10 over popularity for a model to be promoted.</summary>
    public double GateMinLift { get; init; }

    /// <summary><c>reco:storeSize</c>: size of the volume that holds model bundles.</summary>
    public string StoreSize { get; init; } = "10Gi";

    /// <summary><c>reco:trainingGpus</c>: GPUs of the training pod; 0 trains on CPUs.</summary>
    public int Gpus { get; init; }
}

/// <summary>Settings of scoring.</summary>
internal sealed record ScoringConfig
{
    /// <summary><c>reco:scoringImage</c>: image by digest; on target local the one that is built here.</summary>
    public string? Image { get; init; }

    /// <summary><c>reco:replicas</c>.</summary>
    public int Replicas { get; init; } = 2;

    /// <summary><c>reco:precision</c>: <c>auto</c> (what the bundle's gate chose), <c>fp32</c> or <c>int8</c>.</summary>
    public string Precision { get; init; } = "auto";

    /// <summary><c>reco:scoringPort</c>: loopback port of the service on target local.</summary>
    public int Port { get; init; } = 30080;

    /// <summary><c>reco:scoringGpus</c>: GPUs of each scoring pod; 0 scores on CPUs.</summary>
    public int Gpus { get; init; }
}
