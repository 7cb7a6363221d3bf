using System.Globalization;
using Pulumi;
using Pulumi.Kubernetes.Types.Inputs.Batch.V1;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Reco.Infra.Configuration;

namespace Reco.Infra.Components;

/// <summary>The job of one training run and its pod, the same however it is started.
/// <para>Several workers are an Indexed Job. Each finds in its environment what PyTorch's launchers set, too:
/// <c>RANK</c>, <c>WORLD_SIZE</c>, <c>LOCAL_RANK</c>, <c>MASTER_ADDR</c>, <c>MASTER_PORT</c>. Worker 0 leads and tells the
/// result. <c>RECO_CHECKPOINT_DIR</c> names the folder of checkpoints where there is one.</para></summary>
internal static class TrainingPod
{
    /// <summary>Name of the component, of its container and in its labels.</summary>
    public const string Component = "training";

    /// <summary>Port at which worker 0 gathers the others.</summary>
    public const int RendezvousPort = 29_500;

    private const string CheckpointMount = "/checkpoints";
    private const string ServiceAccountMount = "/var/run/secrets/reco";

    /// <summary>The tool's exit code for wrong usage: to try again is in vain.</summary>
    private const int WrongUsage = 2;

    /// <summary>The job.</summary>
    /// <param name="args">The run.</param>
    /// <param name="identity">What all runs share.</param>
    /// <param name="triggerQueue">Address of the queue whose message starts it; null: something else does.</param>
    public static JobSpecArgs Job(TrainingArgs args, TrainingIdentity identity, Output<string>? triggerQueue = null)
    {
        var training = args.Training;
        var spec = new JobSpecArgs
        {
            BackoffLimit = training.Retries * training.Workers,
            ActiveDeadlineSeconds = training.DeadlineHours * 60 * 60,
            Template = Template(args, identity, triggerQueue),
        };
        if (training.Workers > 1)
        {
            spec.CompletionMode = "Indexed";
            spec.Completions = training.Workers;
            spec.Parallelism = training.Workers;
        }

        if (args.Target != Target.Local)
        {
            spec.PodFailurePolicy = FailurePolicy();
        }

        return spec;
    }

    /// <summary>A pod that its node took with it (spot, drain, preemption) is not a failure of training: it is tried again
    /// without being counted. Wrong usage is: it fails at once.</summary>
    private static PodFailurePolicyArgs FailurePolicy() => new()
    {
        Rules =
        {
            new PodFailurePolicyRuleArgs
            {
                Action = "Ignore",
                OnPodConditions = { new PodFailurePolicyOnPodConditionsPatternArgs { Type = "DisruptionTarget", Status = "True" } },
            },
            new PodFailurePolicyRuleArgs
            {
                Action = "FailJob",
                OnExitCodes = new PodFailurePolicyOnExitCodesRequirementArgs { ContainerName = Component, Operator = "In", Values = { WrongUsage } },
            },
        },
    };

    private static PodTemplateSpecArgs Template(TrainingArgs args, TrainingIdentity identity, Output<string>? triggerQueue)
    {
        var labels = Labels.ForPod(Component, args.Image);
        if (args.ClientId is not null)
        {
            labels.Add("azure.workload.identity/use", "true");
        }

        return new PodTemplateSpecArgs
        {
            Metadata = new ObjectMetaArgs
            {
                Labels = labels,
                Annotations = { ["reco.dev/dataset-digest"] = args.Dataset.Digest },
            },
            Spec = Spec(args, identity, triggerQueue),
        };
    }

    private static PodSpecArgs Spec(TrainingArgs args, TrainingIdentity identity, Output<string>? triggerQueue)
    {
        var training = args.Training;
        var pod = new PodSpecArgs
        {
            RestartPolicy = "Never",
            ServiceAccountName = identity.AccountName,
            AutomountServiceAccountToken = false,
            EnableServiceLinks = false,
            PriorityClassName = identity.PriorityClass.OrNothing(),
            SecurityContext = PodDefaults.PodSecurity(),
            TerminationGracePeriodSeconds = 30,
            Tolerations = PodDefaults.Tolerations(training.Gpus, training.Spot),
            Affinity = PodDefaults.Affinity(training.Gpus, training.GpuType, training.Spot)!,
            Subdomain = identity.WorkersService.OrNothing(),
            Volumes =
            {
                new VolumeArgs { Name = "models", PersistentVolumeClaim = new PersistentVolumeClaimVolumeSourceArgs { ClaimName = args.StoreClaim } },
                new VolumeArgs { Name = "tmp", EmptyDir = new EmptyDirVolumeSourceArgs() },
                new VolumeArgs { Name = "identity", Projected = ClusterIdentity() },
            },
        };
        var container = Container(args);
        if (triggerQueue is not null)
        {
            container.Args.Add(Output.Format($"--trigger-queue={triggerQueue}"));
        }

        if (args.Dataset is { Volume: { } volume, Mount: { } mount })
        {
            pod.Volumes.Add(volume);
            container.VolumeMounts.Add(mount);
        }

        if (identity.CheckpointClaim is { } checkpoints)
        {
            pod.Volumes.Add(new VolumeArgs { Name = "checkpoints", PersistentVolumeClaim = new PersistentVolumeClaimVolumeSourceArgs { ClaimName = checkpoints } });
            container.VolumeMounts.Add(new VolumeMountArgs { Name = "checkpoints", MountPath = CheckpointMount });
            container.Env.Add(new EnvVarArgs { Name = "RECO_CHECKPOINT_DIR", Value = CheckpointMount });
        }

        if (identity.WorkersService is { } service)
        {
            container.Ports.Add(new ContainerPortArgs { Name = "rendezvous", ContainerPortValue = RendezvousPort });
            AddWorkerVariables(container, training.Workers, service);
        }

        if (training.Gpus > 0)
        {
            // Workers of one pod hand tensors to each other through shared memory, of which a container has 64 MiB.
            pod.Volumes.Add(new VolumeArgs { Name = "shm", EmptyDir = new EmptyDirVolumeSourceArgs { Medium = "Memory", SizeLimit = "2Gi" } });
            container.VolumeMounts.Add(new VolumeMountArgs { Name = "shm", MountPath = "/dev/shm" });
        }

        pod.Containers.Add(container);
        return pod;
    }

    private static ContainerArgs Container(TrainingArgs args) => new()
    {
        Name = Component,
        Image = args.Image,
        Args = Arguments(args),
        Env =
        {
            new EnvVarArgs { Name = "RECO_SERVICE_ACCOUNT_DIR", Value = ServiceAccountMount },
            new EnvVarArgs { Name = "TMPDIR", Value = "/tmp" },
        },
        Resources = Resources(args.Training),
        SecurityContext = PodDefaults.ContainerSecurity(),
        VolumeMounts =
        {
            new VolumeMountArgs { Name = "models", MountPath = ModelStore.MountPath },
            new VolumeMountArgs { Name = "tmp", MountPath = "/tmp" },
            new VolumeMountArgs { Name = "identity", MountPath = ServiceAccountMount, ReadOnly = true },
        },
    };

    /// <summary>Without GPUs, memory may grow; with them a pod has its share of the node, and nobody else's.</summary>
    private static ResourceRequirementsArgs Resources(TrainingConfig training)
    {
        var memory = $"{training.MemoryGi}Gi";
        return PodDefaults.Resources($"{training.Cpus}", memory, training.Gpus == 0 ? "4Gi" : memory, training.Gpus);
    }

    private static void AddWorkerVariables(ContainerArgs container, int workers, Output<string> service)
    {
        container.Env.Add(FromField("JOB_NAME", "metadata.labels['batch.kubernetes.io/job-name']"));
        container.Env.Add(FromField("RANK", "metadata.annotations['batch.kubernetes.io/job-completion-index']"));
        container.Env.Add(new EnvVarArgs { Name = "WORLD_SIZE", Value = $"{workers}" });
        container.Env.Add(new EnvVarArgs { Name = "LOCAL_RANK", Value = "0" });
        // The pods of an Indexed Job have the job's name and their index as host name.
        container.Env.Add(new EnvVarArgs { Name = "MASTER_ADDR", Value = Output.Format($"$(JOB_NAME)-0.{service}") });
        container.Env.Add(new EnvVarArgs { Name = "MASTER_PORT", Value = $"{RendezvousPort}" });
    }

    private static EnvVarArgs FromField(string name, string path) =>
        new() { Name = name, ValueFrom = new EnvVarSourceArgs { FieldRef = new ObjectFieldSelectorArgs { FieldPath = path } } };

    /// <summary>One argument a parameter, so that a diff names the parameter that changed.</summary>
    private static InputList<string> Arguments(TrainingArgs args)
    {
        var training = args.Training;
        return
        [
            "run",
            $"--data={args.Dataset.Argument}",
            $"--store={ModelStore.MountPath}",
            $"--name={args.ModelName}",
            $"--epochs={training.Epochs}",
            $"--batch-size={training.BatchSize}",
            string.Create(CultureInfo.InvariantCulture, $"--learning-rate={training.LearningRate}"),
            $"--history={training.History}",
            $"--holdout-days={training.HoldoutDays}",
            $"--seed={training.Seed}",
            $"--ranker={training.Ranker.ToString().ToLowerInvariant()}",
            $"--groups={training.UserGroups}",
            string.Create(CultureInfo.InvariantCulture, $"--gate-min-lift={training.GateMinLift}"),
            Output.Format($"--result-configmap={args.Namespace}/{args.ResultConfigMap}"),
        ];
    }

    private static ProjectedVolumeSourceArgs ClusterIdentity() => new()
    {
        Sources =
        {
            new VolumeProjectionArgs { ServiceAccountToken = new ServiceAccountTokenProjectionArgs { Path = "token", ExpirationSeconds = 3600 } },
            new VolumeProjectionArgs
            {
                ConfigMap = new ConfigMapProjectionArgs { Name = "kube-root-ca.crt", Items = { new KeyToPathArgs { Key = "ca.crt", Path = "ca.crt" } } },
            },
            new VolumeProjectionArgs
            {
                DownwardAPI = new DownwardAPIProjectionArgs
                {
                    Items = { new DownwardAPIVolumeFileArgs { Path = "namespace", FieldRef = new ObjectFieldSelectorArgs { FieldPath = "metadata.namespace" } } },
                },
            },
        },
    };
}
