using System.Collections.Immutable;
using Pulumi;
using Reco.Infra.Components;
using Reco.Infra.Components.Azure;
using Reco.Infra.Configuration;
using Reco.Infra.Contract;

namespace Reco.Infra;

/// <summary>One environment: from data to a model that serves traffic.</summary>
internal sealed class RecoStack : Stack
{
    /// <summary>Declares every resource of the stack.</summary>
    public RecoStack()
    {
        var root = ProjectDirectory.Find();
        var config = StackConfigReader.Read(root);
        var platform = config.Target == Target.Azure ? new AzurePlatform(config) : null;
        var options = ClusterConnection.Open(config, platform);

        var space = new ModelNamespace(config.Namespace, new ModelNamespaceArgs { Name = config.Namespace }, options);
        if (platform?.Signing is { } signing)
        {
            _ = new ImageVerification("image-verification", new ImageVerificationArgs
            {
                Namespace = space.Name,
                Signing = config.Azure.Signing,
                Access = signing,
                Images = [config.Training.Image!, config.Scoring.Image!],
            }, options);
        }

        var monitoring = MonitoringStack.IsWanted(config.Monitoring)
            ? new MonitoringStack("monitoring", new MonitoringStackArgs { Monitoring = config.Monitoring }, options)
            : null;
        var controllers = new ControllerArgs { Monitoring = config.Monitoring, Stack = monitoring };
        var volumes = platform?.Mount(config, options);
        var store = new ModelStore("models", new ModelStoreArgs
        {
            Namespace = space.Name,
            Size = config.Training.StoreSize,
            VolumeName = (volumes?.Bundles).OrNothing(),
            ReadVolumeName = (volumes?.ReadBundles).OrNothing(),
        }, options);
        var keys = new ScoringKeys("scoring-keys", new ScoringKeysArgs { Namespace = space.Name, ApiKey = config.ApiKey }, options);
        var release = new ModelRelease("model-release", new ModelReleaseArgs { Namespace = space.Name }, options);
        var run = new TrainingArgs
        {
            Namespace = space.Name,
            Target = config.Target,
            Image = config.Training.Image ?? LocalImages.Find(root, "training"),
            ModelName = config.ModelName,
            Training = config.Training,
            Dataset = TrainingDataset.From(config, root, volumes?.Data is null ? null : MakeDataClaim(config, space.Name, volumes.Data, options)),
            StoreClaim = store.ClaimName,
            CheckpointVolume = (volumes?.Checkpoints).OrNothing(),
            ResultConfigMap = release.ConfigMapName,
            ClientId = (platform?.Access.TrainingClientId).OrNothing() ?? (config.Training.ClientId is { } client ? (Input<string>)client : null),
            Queueing = config.Controllers.Has(ClusterController.Kueue) ? new QueueController("queueing", controllers, options) : null,
        };
        var training = MakeTraining(config, run, platform, options);
        release.ReadAfter(training);
        MakeOperations(config, space.Name, monitoring, options);
        var scoring = new ScoringService("scoring", new ScoringServiceArgs
        {
            Namespace = space.Name,
            Target = config.Target,
            Image = config.Scoring.Image ?? LocalImages.Find(root, "serving"),
            Scoring = config.Scoring,
            Monitoring = config.Monitoring,
            StoreClaim = store.ReadClaimName,
            ClientId = (platform?.Access.ScoringClientId).OrNothing(),
            ModelName = config.ModelName,
            BundlePath = release.BundlePath,
            KeysSecret = keys.SecretName,
            Rollouts = config.Controllers.Has(ClusterController.ArgoRollouts) ? new RolloutController("rollouts", controllers, options) : null,
            Gateway = config.Controllers.Has(ClusterController.EnvoyGateway) ? MakeGateway(config, space.Name, options) : null,
        }, options);

        ContractVersion = Output.Create(StackOutputs.Version);
        ScoringUrl = scoring.Url;
        GrpcUrl = scoring.GrpcUrl;
        MetricsUrl = Output.Format($"{scoring.Url}/metrics");
        ModelName = Output.Create(config.ModelName);
        ModelVersion = release.ModelVersion;
        Evaluation = release.Evaluation;
        ReportPath = Output.Tuple(release.ReportPath, store.ClaimName).Apply(parts => config.Target == Target.Local
            ? $".reco/clusters/{Deployment.Instance.StackName}/volumes/{config.Namespace}/{parts.Item2}/{parts.Item1}"
            : parts.Item1);
    }

    /// <summary>Version of <see cref="StackOutputs"/> that the outputs follow.</summary>
    [Output(StackOutputs.Names.ContractVersion)]
    public Output<int> ContractVersion { get; private set; }

    /// <summary>Where the scoring service answers.</summary>
    [Output(StackOutputs.Names.ScoringUrl)]
    public Output<string> ScoringUrl { get; private set; }

    /// <summary>Where it answers gRPC.</summary>
    [Output(StackOutputs.Names.GrpcUrl)]
    public Output<string> GrpcUrl { get; private set; }

    /// <summary>Its metrics in Prometheus text.</summary>
    [Output(StackOutputs.Names.MetricsUrl)]
    public Output<string> MetricsUrl { get; private set; }

    /// <summary>Name of the model that it serves.</summary>
    [Output(StackOutputs.Names.ModelName)]
    public Output<string> ModelName { get; private set; }

    /// <summary>Version of the model that it serves.</summary>
    [Output(StackOutputs.Names.ModelVersion)]
    public Output<string> ModelVersion { get; private set; }

    /// <summary>The evaluation report: on target local relative to Pulumi.yaml, else relative to the model store.</summary>
    [Output(StackOutputs.Names.ReportPath)]
    public Output<string> ReportPath { get; private set; }

    /// <summary>Headline metrics of the evaluation on held-out data.</summary>
    [Output(StackOutputs.Names.Evaluation)]
    public Output<ImmutableDictionary<string, object?>> Evaluation { get; private set; }

    /// <summary>The claim by which training reads the store's own container of data.</summary>
    private static Output<string> MakeDataClaim(StackConfig config, Output<string> space, Output<string> volume, ComponentResourceOptions options) => VolumeClaim.Make("data", new VolumeClaimSpec
    {
        Namespace = space,
        Component = TrainingPod.Component,
        AccessMode = "ReadOnlyMany",
        Size = config.Training.StoreSize,
        VolumeName = volume,
    }, new CustomResourceOptions { Provider = options.Provider, DeletedWith = options.DeletedWith });

    /// <summary>Training now, by the clock and on demand.</summary>
    private static TrainingJob MakeTraining(StackConfig config, TrainingArgs run, AzurePlatform? platform, ComponentResourceOptions options)
    {
        var identity = new TrainingIdentity("training", run, options);
        var queue = config.Training.Queue.IsOwn ? new TrainingQueue("training-queue", run, options) : null;
        if (config.Training.RetrainSchedule is not null)
        {
            _ = new RetrainingSchedule("retraining", run, identity, options);
        }

        if (config.Training.Trigger is { Queue: { } trigger, Account: var account })
        {
            _ = new TrainingTrigger("training-trigger", new TrainingTriggerArgs
            {
                Training = run,
                Queue = trigger,
                Account = (platform?.Store.AccountName).OrNothing() ?? account!,
                ScalerClientId = (platform?.Trigger?.ScalerClientId).OrNothing(),
            }, identity, options);
        }

        return new TrainingJob("training", run, identity, queue, options);
    }

    private static GatewayController MakeGateway(StackConfig config, Output<string> space, ComponentResourceOptions options) => new("gateway", new GatewayControllerArgs
    {
        Target = config.Target,
        Namespace = space,
        Host = config.Scoring.Gateway.Host,
        Certificate = config.Controllers.GatewayCertificate!,
    }, options);

    /// <summary>What the cluster's operators want: GPUs that are known, measurements, alerts, dashboards.</summary>
    private static void MakeOperations(StackConfig config, Output<string> space, MonitoringStack? stack, ComponentResourceOptions options)
    {
        if (config.Gpu.Operations == GpuOperationsMode.Operator)
        {
            _ = new GpuOperations("gpu-operations", new GpuOperationsArgs { Gpu = config.Gpu, Target = config.Target, GpusOfAPod = Math.Max(config.Training.Gpus, config.Scoring.Gpus), Monitoring = config.Monitoring, Stack = stack }, options);
        }

        if (config.Monitoring.Mode != MonitoringMode.None)
        {
            _ = new ModelMonitoring("model-monitoring", new ModelMonitoringArgs { Namespace = space, Config = config, Stack = stack }, options);
        }
    }
}
