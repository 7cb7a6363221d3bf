using Reco.Infra.Components;

namespace Reco.Infra.Configuration;

/// <summary>Binds the settings of what runs on the cluster.</summary>
internal sealed partial class StackConfigReader
{
    private TrainingConfig BindTraining(TrainingConfig defaults) => new()
    {
        Image = Text("trainingImage"),
        Epochs = Integer("epochs", defaults.Epochs),
        BatchSize = Integer("batchSize", defaults.BatchSize),
        LearningRate = Number("learningRate", defaults.LearningRate),
        History = Integer("history", defaults.History),
        HoldoutDays = Integer("holdoutDays", defaults.HoldoutDays),
        UserGroups = Integer("userGroups", defaults.UserGroups),
        Ranker = Enumeration("ranker", defaults.Ranker),
        Seed = Integer("seed", defaults.Seed),
        GateMinLift = Number("gateMinLift", defaults.GateMinLift),
        StoreSize = Text("storeSize") ?? defaults.StoreSize,
        Gpus = Integer("trainingGpus", defaults.Gpus),
        GpuType = Enumeration("trainingGpuType", defaults.GpuType),
        Workers = Integer("trainingWorkers", defaults.Workers),
        Spot = Flag("trainingSpot", defaults.Spot),
        DeadlineHours = Integer("trainingDeadlineHours", defaults.DeadlineHours),
        Retries = Integer("trainingRetries", defaults.Retries),
        ClientId = Text("trainingClientId"),
        RetrainSchedule = Text("retrainSchedule"),
        RetrainTimeZone = Text("retrainTimeZone") ?? defaults.RetrainTimeZone,
        Queue = new TrainingQueueConfig
        {
            Name = Text("trainingQueue"),
            QuotaCpus = Integer("trainingQuotaCpus", defaults.Queue.QuotaCpus),
            QuotaMemory = Text("trainingQuotaMemory") ?? defaults.Queue.QuotaMemory,
            QuotaGpus = Integer("trainingQuotaGpus", defaults.Queue.QuotaGpus),
        },
        Trigger = new TrainingTriggerConfig { Queue = Text("trainingTriggerQueue"), Account = Text("trainingTriggerAccount") },
    };

    private ScoringConfig BindScoring(ScoringConfig defaults, ControllersConfig controllers) => new()
    {
        Image = Text("scoringImage"),
        Replicas = Integer("replicas", defaults.Replicas),
        Precision = Text("precision") ?? defaults.Precision,
        Port = Integer("scoringPort", defaults.Port),
        Gpus = Integer("scoringGpus", defaults.Gpus),
        GpuType = Enumeration("scoringGpuType", defaults.GpuType),
        ModelImage = Text("modelImage"),
        CallerNamespaces = List("callerNamespaces"),
        Rollout = new RolloutConfig
        {
            Mode = Enumeration("rollout", defaults.Rollout.Mode),
            Weights = Integers("canaryWeights", defaults.Rollout.Weights),
            PauseSeconds = Integer("canaryPauseSeconds", defaults.Rollout.PauseSeconds),
            MinSuccessRate = Number("minSuccessRate", defaults.Rollout.MinSuccessRate),
            MaxP99Ms = Integer("maxP99Ms", defaults.Rollout.MaxP99Ms),
        },
        Scaling = new ScalingConfig
        {
            Mode = Enumeration("autoscaling", defaults.Scaling.Mode),
            MaxReplicas = Integer("maxReplicas", defaults.Scaling.MaxReplicas),
            QueueDepth = Integer("scaleQueueDepth", defaults.Scaling.QueueDepth),
            GpuPercent = Integer("scaleGpuPercent", defaults.Scaling.GpuPercent),
            CpuPercent = Integer("scaleCpuPercent", defaults.Scaling.CpuPercent),
        },
        Gateway = new GatewayConfig { Reference = Text("gateway") ?? (controllers.Has(ClusterController.EnvoyGateway) ? GatewayController.Reference : null), Host = Text("gatewayHost") },
    };

    private MonitoringConfig BindMonitoring(MonitoringConfig defaults) => new()
    {
        Mode = Enumeration("monitoring", defaults.Mode),
        Namespace = Text("monitoringNamespace") ?? defaults.Namespace,
        Release = Text("prometheusRelease") ?? defaults.Release,
        RetentionDays = Integer("metricsDays", defaults.RetentionDays),
        Logs = Enumeration("logs", defaults.Logs),
        Traces = Flag("traces", defaults.Traces),
        TracesEndpoint = Text("tracesEndpoint"),
        RemoteWriteUrl = Text("remoteWriteUrl"),
        RemoteWriteClientId = Text("remoteWriteClientId"),
        AlertWebhook = Secret("alertWebhook", "an https:// address", StackConfigValidator.IsHttpsUrl),
        MaxModelAgeDays = Integer("maxModelAgeDays", defaults.MaxModelAgeDays),
        MaxDriftPsi = Number("maxDriftPsi", defaults.MaxDriftPsi),
    };

    private ControllersConfig BindControllers() => new()
    {
        Installed = Enumerations<ClusterController>("controllers"),
        GatewayCertificate = Text("gatewayCertificate"),
    };

    private GpuConfig BindGpu(GpuConfig defaults) => new()
    {
        // The stack's own cluster has nobody else who would make GPUs known to Kubernetes.
        Operations = Enumeration("gpuOperations", Text("gpuSku") is not null && Text("target")?.ToLowerInvariant() == "azure" ? GpuOperationsMode.Operator : defaults.Operations),
        InstallDriver = Flag("gpuDriver", defaults.InstallDriver),
        Sharing = Enumeration("gpuSharing", defaults.Sharing),
        Slices = Integer("gpuSlices", defaults.Slices),
        MigProfile = Text("migProfile") ?? defaults.MigProfile,
    };
}
