using System.Globalization;
using Pulumi;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Reco.Infra.CustomResources;
using Reco.Infra.Monitoring;
using CustomResource = Pulumi.Kubernetes.ApiExtensions.CustomResource;

namespace Reco.Infra.Components;

/// <summary>The scoring service as an Argo Rollout. A new version gets a rising share of the traffic; each share lasts one
/// judgement by success rate and 99th percentile of the new pods alone. The stable side keeps all of its pods until the
/// new one has everything, so that going back never meets a side that was scaled down.</summary>
internal static class CanaryRollout
{
    /// <summary>API version of a Rollout.</summary>
    public const string ApiVersion = "argoproj.io/v1alpha1";

    /// <summary>The plugin that moves the weights of a Gateway's routes.</summary>
    public const string TrafficPlugin = "argoproj-labs/gatewayAPI";

    /// <summary>Kind of a Rollout.</summary>
    public const string Kind = "Rollout";

    private const int IntervalSeconds = 60;

    /// <summary>Name of the Service of the version that is tried.</summary>
    public static string CanaryName(string name) => $"{name}-canary";

    /// <summary>Makes the judgement and the Rollout.</summary>
    public static CustomResource Make(string name, ScoringServiceArgs args, PodTemplateSpecArgs template, CustomResourceOptions options)
    {
        var labels = Labels.For(ScoringPod.Component);
        var rollout = args.Scoring.Rollout;
        var analysis = new CustomResource($"{name}-quality", new AnalysisTemplateArgs
        {
            Metadata = new ObjectMetaArgs { Name = $"{name}-quality", Namespace = args.Namespace, Labels = labels },
            Spec = Judgement(args),
        }, new CustomResourceOptions { Parent = options.Parent, DependsOn = Dependencies.On(args.Rollouts) });
        return new CustomResource(name, new RolloutArgs
        {
            Metadata = new ObjectMetaArgs
            {
                Name = name,
                Namespace = args.Namespace,
                Labels = labels,
                // The update ends when the last step has passed, and fails when a version is refused.
                Annotations = { ["pulumi.com/waitFor"] = "jsonpath={.status.phase}=Healthy" },
            },
            Spec = new RolloutSpecArgs
            {
                Replicas = args.Scoring.Replicas,
                RevisionHistoryLimit = 3,
                ProgressDeadlineSeconds = 300,
                ProgressDeadlineAbort = true,
                Selector = new LabelSelectorArgs { MatchLabels = Labels.Selector(ScoringPod.Component) },
                Template = template,
                Strategy = new RolloutStrategyArgs { Canary = Strategy(name, args) },
            },
        }, CustomResourceOptions.Merge(options, new CustomResourceOptions
        {
            DependsOn = { analysis },
            CustomTimeouts = Timeouts(TimeSpan.FromSeconds(rollout.PauseSeconds) * (rollout.Weights.Count + 1)),
        }));
    }

    private static CustomTimeouts Timeouts(TimeSpan steps)
    {
        var limit = steps * 1.5 + TimeSpan.FromMinutes(15);
        return new CustomTimeouts { Create = limit, Update = limit };
    }

    private static CanaryStrategyArgs Strategy(string name, ScoringServiceArgs args) => new()
    {
        StableService = name,
        CanaryService = CanaryName(name),
        MaxSurge = 1,
        MaxUnavailable = 0,
        DynamicStableScale = false,
        ScaleDownDelaySeconds = 60,
        AbortScaleDownDelaySeconds = 600,
        TrafficRouting = new TrafficRoutingArgs
        {
            Plugins = { [TrafficPlugin] = new GatewayPluginArgs { HttpRoute = name, Namespace = args.Namespace } },
        },
        Steps = args.Scoring.Rollout.Weights.SelectMany(weight => new[]
        {
            new CanaryStepArgs { SetWeight = weight },
            new CanaryStepArgs
            {
                Analysis = new RolloutAnalysisArgs
                {
                    Templates = { new AnalysisTemplateReferenceArgs { TemplateName = $"{name}-quality" } },
                    Args =
                    [
                        new RolloutAnalysisArgumentArgs { Name = "hash", ValueFrom = new RolloutArgumentSourceArgs { PodTemplateHashValue = "Latest" } },
                    ],
                },
            },
        }).ToList(),
    };

    private static AnalysisTemplateSpecArgs Judgement(ScoringServiceArgs args)
    {
        var (rollout, space) = (args.Scoring.Rollout, args.Namespace.ToOutput());
        var seconds = string.Create(CultureInfo.InvariantCulture, $"{rollout.MaxP99Ms / 1000.0}");
        var rate = string.Create(CultureInfo.InvariantCulture, $"{rollout.MinSuccessRate}");
        return new AnalysisTemplateSpecArgs
        {
            Args = [new AnalysisArgumentArgs { Name = "hash" }],
            Metrics =
            {
                Metric("success-rate", space.Apply(value => ScoringQueries.SuccessRate(Canary(value), "2m")), ">=", "<", rate, args),
                Metric("latency-p99", space.Apply(value => ScoringQueries.Latency(0.99, Canary(value), "2m")), "<=", ">", seconds, args),
            },
        };
    }

    private static string Canary(string space) => $"namespace=\"{space}\",rollouts_pod_template_hash=\"{{{{args.hash}}}}\"";

    /// <summary>One bad measurement is put up with. Without traffic a measurement is neither good nor bad; a step that had
    /// none at all waits for a person.</summary>
    private static AnalysisMetricArgs Metric(string name, Output<string> query, string good, string bad, string limit, ScoringServiceArgs args)
    {
        var count = Math.Max(1, args.Scoring.Rollout.PauseSeconds / IntervalSeconds);
        return new AnalysisMetricArgs
        {
            Name = name,
            Interval = $"{IntervalSeconds}s",
            InitialDelay = $"{IntervalSeconds}s",
            Count = count,
            SuccessCondition = $"len(result) > 0 && result[0] {good} {limit}",
            FailureCondition = $"len(result) > 0 && result[0] {bad} {limit}",
            FailureLimit = Math.Min(1, count - 1),
            InconclusiveLimit = count - 1,
            ConsecutiveErrorLimit = 4,
            Provider = new AnalysisProviderArgs { Prometheus = new PrometheusQueryArgs { Address = args.Monitoring.PrometheusUrl, Query = query } },
        };
    }
}
