using Pulumi;
using Pulumi.Kubernetes.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Reco.Infra.Configuration;
using Reco.Infra.CustomResources;
using Reco.Infra.Monitoring;
using CustomResource = Pulumi.Kubernetes.ApiExtensions.CustomResource;

namespace Reco.Infra.Components;

/// <summary>Arguments of <see cref="ModelMonitoring"/>.</summary>
internal sealed class ModelMonitoringArgs : ResourceArgs
{
    /// <summary>Namespace of the model.</summary>
    public required Input<string> Namespace { get; init; }

    /// <summary>Everything that alerts and dashboards go by.</summary>
    public required StackConfig Config { get; init; }

    /// <summary>What brings the operator's kinds to the cluster; null where they are there.</summary>
    public MonitoringStack? Stack { get; init; }
}

/// <summary>What Prometheus and Grafana are told of a model: pods to read, alerts, dashboards. They stand in the model's
/// namespace and go with it.</summary>
internal sealed class ModelMonitoring : ComponentResource
{
    /// <summary>Label by which Prometheus chooses monitors and rules.</summary>
    public const string SelectorLabel = "release";

    /// <summary>Label by which Grafana's sidecar chooses dashboards.</summary>
    public const string DashboardLabel = "grafana_dashboard";

    private const string Component = "monitoring";

    /// <summary>Makes them.</summary>
    public ModelMonitoring(string name, ModelMonitoringArgs args, ComponentResourceOptions? options = null)
        : base("reco:model:Monitoring", name, options)
    {
        // A component's own DependsOn would not reach its children.
        var child = new CustomResourceOptions { Parent = this, DependsOn = Dependencies.On(args.Stack) };
        _ = new CustomResource("scoring-metrics", new PodMonitorArgs
        {
            Metadata = Metadata("scoring", args, (SelectorLabel, args.Config.Monitoring.Release)),
            Spec = new PodMonitorSpecArgs
            {
                // Pods, not Services: during a canary each pod is behind two Services and would be counted twice.
                Selector = new LabelSelectorArgs { MatchLabels = Labels.Selector(ScoringPod.Component) },
                PodTargetLabels = ["rollouts-pod-template-hash", "app.kubernetes.io/version"],
                PodMetricsEndpoints = { new PodMetricsEndpointArgs { Port = ScoringPod.PortName, Path = "/metrics", Interval = "15s", ScrapeTimeout = "10s" } },
                SampleLimit = 20_000,
            },
        }, child);
        _ = new CustomResource("model-alerts", new PrometheusRuleArgs
        {
            Metadata = Metadata("model-alerts", args, (SelectorLabel, args.Config.Monitoring.Release)),
            Spec = new PrometheusRuleSpecArgs { Groups = Groups(args.Config) },
        }, child);
        foreach (var dashboard in Dashboards.All(args.Config))
        {
            _ = new ConfigMap(dashboard.Uid, new ConfigMapArgs
            {
                Metadata = Metadata(dashboard.Uid, args, (DashboardLabel, "1")),
                Data = { [$"{dashboard.Uid}.json"] = dashboard.Render(args.Config.Namespace) },
            }, child);
        }

        RegisterOutputs();
    }

    /// <summary>The rule groups of a stack.</summary>
    public static IReadOnlyList<(string Name, IReadOnlyList<Alert> Alerts)> Alerts(StackConfig config)
    {
        var groups = new List<(string, IReadOnlyList<Alert>)>
        {
            ("reco.scoring", AlertRules.Scoring(config.Namespace, config.Scoring.Rollout, config.Scoring, config.Monitoring)),
            ("reco.training", AlertRules.Training(config.Namespace, config.Training)),
        };
        if (config.Scoring.Gpus + config.Training.Gpus > 0)
        {
            groups.Add(("reco.gpu", AlertRules.Gpu(config.Namespace)));
        }

        return groups;
    }

    private static InputList<RuleGroupArgs> Groups(StackConfig config) => Alerts(config).Select(group => new RuleGroupArgs
    {
        Name = group.Name,
        Rules = group.Alerts.Select(alert => new RuleArgs
        {
            Alert = alert.Name,
            Expr = alert.Expression,
            For = alert.For,
            Labels = new InputMap<string> { ["severity"] = alert.Severity, ["stack"] = Deployment.Instance.StackName },
            Annotations = new InputMap<string> { ["summary"] = alert.Summary, ["runbook"] = alert.Runbook },
        }).ToList(),
    }).ToList();

    private static ObjectMetaArgs Metadata(string name, ModelMonitoringArgs args, (string Key, string Value) label) => new()
    {
        Name = name,
        Namespace = args.Namespace,
        Labels = InputMap<string>.Merge(Labels.For(Component), new InputMap<string> { [label.Key] = label.Value }),
    };
}
