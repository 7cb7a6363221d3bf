using Pulumi;
using Pulumi.Kubernetes.Core.V1;
using Pulumi.Kubernetes.Networking.V1;
using Pulumi.Kubernetes.Rbac.V1;
using Pulumi.Kubernetes.Scheduling.V1;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Pulumi.Kubernetes.Types.Inputs.Networking.V1;
using Pulumi.Kubernetes.Types.Inputs.Rbac.V1;
using Pulumi.Kubernetes.Types.Inputs.Scheduling.V1;
using Reco.Infra.Configuration;

namespace Reco.Infra.Components;

/// <summary>What every training run of a stack shares, however it is started: an identity that may do one thing in the
/// cluster (tell the result), a network policy, and on clusters a priority, a volume for checkpoints and the Service by
/// which workers find each other.</summary>
internal sealed class TrainingIdentity : ComponentResource
{
    /// <summary>Size of the volume of checkpoints.</summary>
    public const string CheckpointSize = "20Gi";

    private const string Component = TrainingPod.Component;

    private readonly string name;
    private readonly TrainingArgs args;
    private readonly CustomResourceOptions child;

    /// <summary>Makes them.</summary>
    public TrainingIdentity(string name, TrainingArgs args, ComponentResourceOptions? options = null)
        : base("reco:model:TrainingIdentity", name, options)
    {
        (this.name, this.args, child) = (name, args, new CustomResourceOptions { Parent = this });
        AccountName = MakeAccount();
        MakeNetworkPolicy();
        PriorityClass = args.Target == Target.Local ? null : MakePriorityClass();
        CheckpointClaim = KeepsCheckpoints(args.Training) ? MakeCheckpoints() : null;
        WorkersService = args.Training.Workers > 1 ? MakeWorkersService() : null;
        RegisterOutputs(new Dictionary<string, object?> { ["serviceAccount"] = AccountName });
    }

    /// <summary>Name of the service account.</summary>
    public Output<string> AccountName { get; }

    /// <summary>Name of the priority class; null: the cluster's default.</summary>
    public Output<string>? PriorityClass { get; }

    /// <summary>Name of the volume claim of checkpoints; null: a run that ends begins anew.</summary>
    public Output<string>? CheckpointClaim { get; }

    /// <summary>Name of the headless Service of workers; null: there is one worker.</summary>
    public Output<string>? WorkersService { get; }

    /// <summary>Whether a run can be taken up again where it was stopped.</summary>
    public static bool KeepsCheckpoints(TrainingConfig training) => training.Spot || training.Workers > 1;

    private Output<string> MakeAccount()
    {
        var metadata = Metadata(name);
        if (args.ClientId is { } client)
        {
            metadata.Annotations.Add(Labels.ClientIdAnnotation, client);
        }

        var account = new ServiceAccount(name, new ServiceAccountArgs { Metadata = metadata, AutomountServiceAccountToken = false }, child);
        var role = new Role($"{name}-result", new RoleArgs
        {
            Metadata = Metadata($"{name}-result"),
            Rules =
            {
                new PolicyRuleArgs { ApiGroups = { "" }, Resources = { "configmaps" }, ResourceNames = { args.ResultConfigMap }, Verbs = { "get", "patch" } },
            },
        }, child);
        _ = new RoleBinding($"{name}-result", new RoleBindingArgs
        {
            Metadata = Metadata($"{name}-result"),
            RoleRef = new RoleRefArgs { ApiGroup = "rbac.authorization.k8s.io", Kind = "Role", Name = role.Metadata.Apply(meta => meta.Name) },
            Subjects =
            {
                new SubjectArgs { Kind = "ServiceAccount", Name = account.Metadata.Apply(meta => meta.Name), Namespace = args.Namespace },
            },
        }, child);
        return account.Metadata.Apply(meta => meta.Name);
    }

    /// <summary>Nobody calls a training pod but its fellow workers. It calls them, names, the cluster's API (for the result)
    /// and, over HTTPS, its data and identity.</summary>
    private void MakeNetworkPolicy()
    {
        var workers = NetworkRules.Component(Component);
        _ = new NetworkPolicy(name, new NetworkPolicyArgs
        {
            Metadata = Metadata(name),
            Spec = new NetworkPolicySpecArgs
            {
                PodSelector = new LabelSelectorArgs { MatchLabels = Labels.Selector(Component) },
                PolicyTypes = { "Ingress", "Egress" },
                Ingress = { new NetworkPolicyIngressRuleArgs { From = { workers } } },
                Egress =
                {
                    NetworkRules.Dns(),
                    new NetworkPolicyEgressRuleArgs { To = { workers } },
                    new NetworkPolicyEgressRuleArgs { Ports = { NetworkRules.Port(443), NetworkRules.Port(6443) } },
                },
            },
        }, child);
    }

    /// <summary>Training waits for room, and makes none by ending others.</summary>
    private Output<string> MakePriorityClass()
    {
        var className = $"reco-{Deployment.Instance.StackName}-{Component}";
        return new PriorityClass(name, new PriorityClassArgs
        {
            Metadata = new ObjectMetaArgs { Name = className, Labels = Labels.For(Component) },
            Value = 1_000,
            GlobalDefault = false,
            PreemptionPolicy = "Never",
            Description = "Trains models: gives way to what serves them.",
        }, child).Metadata.Apply(metadata => metadata.Name);
    }

    private Output<string> MakeCheckpoints() => VolumeClaim.Make($"{name}-checkpoints", new VolumeClaimSpec
    {
        Namespace = args.Namespace,
        Component = Component,
        AccessMode = args.Training.Workers > 1 || args.CheckpointVolume is not null ? "ReadWriteMany" : "ReadWriteOnce",
        Size = CheckpointSize,
        VolumeName = args.CheckpointVolume,
    }, child);

    /// <summary>Gives each worker a name; workers find each other before they are ready.</summary>
    private Output<string> MakeWorkersService()
    {
        var metadata = Metadata($"{name}-workers");
        metadata.Annotations.Add("pulumi.com/skipAwait", "true");
        return new Service($"{name}-workers", new ServiceArgs
        {
            Metadata = metadata,
            Spec = new ServiceSpecArgs
            {
                ClusterIP = "None",
                PublishNotReadyAddresses = true,
                Selector = Labels.Selector(Component),
                Ports = { new ServicePortArgs { Name = "rendezvous", Port = TrainingPod.RendezvousPort, TargetPort = "rendezvous", Protocol = "TCP" } },
            },
        }, child).Metadata.Apply(meta => meta.Name);
    }

    private ObjectMetaArgs Metadata(string objectName) =>
        new() { Name = objectName, Namespace = args.Namespace, Labels = Labels.For(Component) };
}
