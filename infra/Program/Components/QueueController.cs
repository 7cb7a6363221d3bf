using Pulumi;
using Pulumi.Kubernetes.Rbac.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Pulumi.Kubernetes.Types.Inputs.Rbac.V1;
using Reco.Infra.Configuration;
using Reco.Infra.CustomResources;
using static Reco.Infra.Components.HelmValues;
using CustomResource = Pulumi.Kubernetes.ApiExtensions.CustomResource;

namespace Reco.Infra.Components;

/// <summary>Kueue, which starts a training job when there is quota for all of it: what a training queue needs.</summary>
internal sealed class QueueController : ComponentResource
{
    /// <summary>The namespace.</summary>
    public const string NamespaceName = "kueue-system";

    private const string Component = "queueing";

    /// <summary>The release's name, which the names of the chart's objects begin with.</summary>
    private const string Release = "kueue";

    /// <summary>Kueue looks after jobs that name a queue and after nothing else: no pod, Deployment or other kind of the cluster
    /// passes through it. A finished workload's record stays for a week.</summary>
    private const string Settings = """
        apiVersion: config.kueue.x-k8s.io/v1beta2
        kind: Configuration
        health:
          healthProbeBindAddress: :8081
        metrics:
          bindAddress: :8443
          enableClusterQueueResources: true
        webhook:
          port: 9443
        leaderElection:
          leaderElect: true
          resourceName: c1f6bfd2.kueue.x-k8s.io
        manageJobsWithoutQueueName: false
        integrations:
          frameworks:
            - batch/job
        objectRetentionPolicies:
          workloads:
            afterFinished: 168h

        """;

    /// <summary>Installs the controller.</summary>
    public QueueController(string name, ControllerArgs args, ComponentResourceOptions? options = null)
        : base("reco:cluster:QueueController", name, options)
    {
        var child = new CustomResourceOptions { Parent = this };
        var space = OperationsNamespace.Make(NamespaceName, Component, OperationsNamespace.Restricted, child);
        var release = HelmCharts.Install(Release, HelmCharts.Kueue, space, Values(), child);
        if (args.Monitoring.Mode != MonitoringMode.None)
        {
            MakeMonitor(args, space, release);
        }

        RegisterOutputs(new Dictionary<string, object?> { ["namespace"] = space, ["version"] = release.Version });
    }

    /// <summary>Values of the chart.</summary>
    private static InputMap<object> Values() => new Dictionary<string, object>
    {
        ["controllerManager"] = Map(
            // While none is ready, no job of the cluster can be made.
            ("replicas", 2),
            ("podDisruptionBudget", Map(("enabled", true), ("minAvailable", 1))),
            ("manager", Map(("resources", Resources("100m", "256Mi", "512Mi"))))),
        ["managerConfig"] = Map(("controllerManagerConfigYaml", Settings)),
    };

    /// <summary>Lets Prometheus read the metrics, which are behind the API server's own rights. The chart's monitor cannot carry
    /// the label that Prometheus selects.</summary>
    private void MakeMonitor(ControllerArgs args, Output<string> space, Resource release)
    {
        var labels = Labels.For(Component);
        var after = new CustomResourceOptions { Parent = this, DependsOn = Dependencies.On(args.Stack, release) };
        var binding = new ClusterRoleBinding($"{Release}-metrics", new ClusterRoleBindingArgs
        {
            Metadata = new ObjectMetaArgs { Name = $"reco-{Pulumi.Deployment.Instance.StackName}-{Release}-metrics", Labels = labels },
            RoleRef = new RoleRefArgs { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = $"{Release}-metrics-reader" },
            // The role reads /metrics and nothing else; which account Prometheus has is the affair of who installed it.
            Subjects = { new SubjectArgs { ApiGroup = "rbac.authorization.k8s.io", Kind = "Group", Name = $"system:serviceaccounts:{args.Monitoring.Namespace}" } },
        }, after);
        _ = new CustomResource($"{Release}-metrics", new ServiceMonitorArgs
        {
            Metadata = new ObjectMetaArgs
            {
                Name = $"{Release}-metrics",
                Namespace = space,
                Labels = InputMap<string>.Merge(labels, new InputMap<string> { [ModelMonitoring.SelectorLabel] = args.Monitoring.Release }),
            },
            Spec = new ServiceMonitorSpecArgs
            {
                Selector = new LabelSelectorArgs
                {
                    MatchLabels = { ["app.kubernetes.io/instance"] = Release, ["app.kubernetes.io/component"] = "metrics-service" },
                },
                Endpoints =
                {
                    new ServiceEndpointArgs
                    {
                        Port = "https",
                        Path = "/metrics",
                        Scheme = "https",
                        BearerTokenFile = "/var/run/secrets/kubernetes.io/serviceaccount/token",
                        // Kueue signs its certificate itself.
                        TlsConfig = new ServiceTlsArgs { InsecureSkipVerify = true },
                    },
                },
                SampleLimit = 10_000,
            },
        }, CustomResourceOptions.Merge(after, new CustomResourceOptions { DependsOn = { binding } }));
    }
}
