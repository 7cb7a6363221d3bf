using System.Globalization;
using Pulumi;
using Pulumi.Kubernetes.Batch.V1;
using Pulumi.Kubernetes.Core.V1;
using Pulumi.Kubernetes.Rbac.V1;
using Pulumi.Kubernetes.Types.Inputs.Batch.V1;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Pulumi.Kubernetes.Types.Inputs.Rbac.V1;
using Pulumi.Utilities;
using Reco.Infra.Configuration;

namespace Reco.Infra.Components;

/// <summary>Arguments of <see cref="TrainingJob"/>.</summary>
internal sealed class TrainingJobArgs : ResourceArgs
{
    /// <summary>Namespace of the job.</summary>
    public required Input<string> Namespace { get; init; }

    /// <summary>Image of the training tool.</summary>
    public required string Image { get; init; }

    /// <summary>Name of the model that it trains.</summary>
    public required string ModelName { get; init; }

    /// <summary>Hyper-parameters and limits.</summary>
    public required TrainingConfig Training { get; init; }

    /// <summary>What it reads.</summary>
    public required TrainingDataset Dataset { get; init; }

    /// <summary>Volume claim that it writes the bundle to.</summary>
    public required Input<string> StoreClaim { get; init; }

    /// <summary>ConfigMap that it tells the result.</summary>
    public required Input<string> ResultConfigMap { get; init; }
}

/// <summary>Trains, evaluates, compresses and packages one model, as a Kubernetes Job. A changed parameter, image or
/// data set replaces the job: the new one must succeed before the old one goes and before anything that serves
/// the model changes.</summary>
internal sealed class TrainingJob : ComponentResource
{
    private const string Component = "training";
    private const string ServiceAccountMount = "/var/run/secrets/reco";

    /// <summary>Makes the job, and an identity that may do one thing: tell the result.</summary>
    public TrainingJob(string name, TrainingJobArgs args, ComponentResourceOptions? options = null)
        : base("reco:model:TrainingJob", name, options)
    {
        var account = MakeIdentity(name, args);
        var job = new Job(name, new JobArgs
        {
            Metadata = new ObjectMetaArgs
            {
                Namespace = args.Namespace,
                Labels = Labels.For(Component),
                // A job that failed cannot be mended in place: the next update makes a new one.
                Annotations = { ["pulumi.com/replaceUnready"] = "true" },
            },
            Spec = new JobSpecArgs
            {
                BackoffLimit = 1,
                ActiveDeadlineSeconds = 24 * 60 * 60,
                Template = new PodTemplateSpecArgs
                {
                    Metadata = new ObjectMetaArgs
                    {
                        Labels = Labels.For(Component),
                        Annotations = { ["reco.dev/dataset-digest"] = args.Dataset.Digest },
                    },
                    Spec = PodSpec(args, account),
                },
            },
        }, new CustomResourceOptions
        {
            Parent = this,
            CustomTimeouts = new CustomTimeouts { Create = TimeSpan.FromHours(24) },
        });
        // A provider may tell the name in a preview already, before there is a result to read.
        JobName = Output.Tuple(job.Metadata, job.Status).Apply(parts => parts.Item2?.Succeeded > 0 || !Deployment.Instance.IsDryRun
            ? Output.Create(parts.Item1.Name)
            : OutputUtilities.CreateUnknown(parts.Item1.Name));
        RegisterOutputs(new Dictionary<string, object?> { ["jobName"] = JobName });
    }

    /// <summary>Name of the job, known once it has succeeded.</summary>
    public Output<string> JobName { get; }

    private ServiceAccount MakeIdentity(string name, TrainingJobArgs args)
    {
        var child = new CustomResourceOptions { Parent = this };
        var account = new ServiceAccount(name, new ServiceAccountArgs
        {
            Metadata = new ObjectMetaArgs { Name = name, Namespace = args.Namespace, Labels = Labels.For(Component) },
            AutomountServiceAccountToken = false,
        }, child);
        var role = new Role($"{name}-result", new RoleArgs
        {
            Metadata = new ObjectMetaArgs { Name = $"{name}-result", Namespace = args.Namespace, Labels = Labels.For(Component) },
            Rules =
            {
                new PolicyRuleArgs { ApiGroups = { "" }, Resources = { "configmaps" }, ResourceNames = { args.ResultConfigMap }, Verbs = { "get", "patch" } },
            },
        }, child);
        _ = new RoleBinding($"{name}-result", new RoleBindingArgs
        {
            Metadata = new ObjectMetaArgs { Name = $"{name}-result", Namespace = args.Namespace, Labels = Labels.For(Component) },
            RoleRef = new RoleRefArgs { ApiGroup = "rbac.authorization.k8s.io", Kind = "Role", Name = role.Metadata.Apply(metadata => metadata.Name) },
            Subjects =
            {
                new SubjectArgs { Kind = "ServiceAccount", Name = account.Metadata.Apply(metadata => metadata.Name), Namespace = args.Namespace },
            },
        }, child);
        return account;
    }

    private static PodSpecArgs PodSpec(TrainingJobArgs args, ServiceAccount account)
    {
        var pod = new PodSpecArgs
        {
            RestartPolicy = "Never",
            ServiceAccountName = account.Metadata.Apply(metadata => metadata.Name),
            AutomountServiceAccountToken = false,
            SecurityContext = PodDefaults.PodSecurity(),
            TerminationGracePeriodSeconds = 30,
            Tolerations = PodDefaults.Tolerations(args.Training.Gpus),
            Volumes =
            {
                new VolumeArgs { Name = "models", PersistentVolumeClaim = new PersistentVolumeClaimVolumeSourceArgs { ClaimName = args.StoreClaim } },
                new VolumeArgs { Name = "tmp", EmptyDir = new EmptyDirVolumeSourceArgs() },
                new VolumeArgs { Name = "identity", Projected = Identity() },
            },
        };
        var container = new ContainerArgs
        {
            Name = Component,
            Image = args.Image,
            Args = Arguments(args),
            Env =
            {
                new EnvVarArgs { Name = "RECO_SERVICE_ACCOUNT_DIR", Value = ServiceAccountMount },
                new EnvVarArgs { Name = "TMPDIR", Value = "/tmp" },
            },
            Resources = PodDefaults.Resources("1", "1Gi", "4Gi", args.Training.Gpus),
            SecurityContext = PodDefaults.ContainerSecurity(),
            VolumeMounts =
            {
                new VolumeMountArgs { Name = "models", MountPath = ModelStore.MountPath },
                new VolumeMountArgs { Name = "tmp", MountPath = "/tmp" },
                new VolumeMountArgs { Name = "identity", MountPath = ServiceAccountMount, ReadOnly = true },
            },
        };
        if (args.Dataset is { Volume: { } volume, Mount: { } mount })
        {
            pod.Volumes.Add(volume);
            container.VolumeMounts.Add(mount);
        }

        pod.Containers.Add(container);
        return pod;
    }

    /// <summary>One argument a parameter, so that a diff names the parameter that changed.</summary>
    private static InputList<string> Arguments(TrainingJobArgs args)
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
            string.Create(CultureInfo.InvariantCulture, $"--gate-min-lift={training.GateMinLift}"),
            Output.Format($"--result-configmap={args.Namespace}/{args.ResultConfigMap}"),
        ];
    }

    private static ProjectedVolumeSourceArgs Identity() => new()
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
