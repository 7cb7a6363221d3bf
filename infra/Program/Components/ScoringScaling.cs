using Pulumi;
using Pulumi.Kubernetes.Autoscaling.V2;
using Pulumi.Kubernetes.Types.Inputs.Autoscaling.V2;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Reco.Infra.Configuration;
using Reco.Infra.CustomResources;
using Reco.Infra.Monitoring;
using CustomResource = Pulumi.Kubernetes.ApiExtensions.CustomResource;

namespace Reco.Infra.Components;

/// <summary>The number of scoring pods: up at once, down slowly, never below the configured replicas.</summary>
internal static class ScoringScaling
{
    /// <summary>With an autoscaler the number of pods is its business, whatever the first update said.</summary>
    public static CustomResourceOptions LeaveReplicas(ScalingConfig scaling)
    {
        var options = new CustomResourceOptions();
        if (scaling.Mode != Autoscaling.None)
        {
            options.IgnoreChanges.Add("spec.replicas");
        }

        return options;
    }

    /// <summary>Makes the autoscaler of a workload, if there is to be one.</summary>
    public static void Make(string name, ScoringServiceArgs args, string apiVersion, string kind, CustomResourceOptions options)
    {
        var metadata = new ObjectMetaArgs { Name = name, Namespace = args.Namespace, Labels = Labels.For(ScoringPod.Component) };
        switch (args.Scoring.Scaling.Mode)
        {
            case Autoscaling.Cpu:
                _ = new HorizontalPodAutoscaler(name, new HorizontalPodAutoscalerArgs
                {
                    Metadata = metadata,
                    Spec = new HorizontalPodAutoscalerSpecArgs
                    {
                        ScaleTargetRef = new CrossVersionObjectReferenceArgs { ApiVersion = apiVersion, Kind = kind, Name = name },
                        MinReplicas = args.Scoring.Replicas,
                        MaxReplicas = args.Scoring.Scaling.MaxReplicas,
                        Behavior = Behaviour(),
                        Metrics = { CpuOf(args.Scoring.Scaling.CpuPercent) },
                    },
                }, options);
                break;
            case Autoscaling.Load:
                _ = new CustomResource(name, new ScaledObjectArgs { Metadata = metadata, Spec = ByLoad(name, args, apiVersion, kind) }, options);
                break;
        }
    }

    private static ScaledObjectSpecArgs ByLoad(string name, ScoringServiceArgs args, string apiVersion, string kind)
    {
        var spec = new ScaledObjectSpecArgs
        {
            ScaleTargetRef = new ScaleTargetArgs { ApiVersion = apiVersion, Kind = kind, Name = name },
            MinReplicaCount = args.Scoring.Replicas,
            MaxReplicaCount = args.Scoring.Scaling.MaxReplicas,
            PollingInterval = 15,
            CooldownPeriod = 300,
            // Blind, it keeps what it has: a Prometheus that is down must not take pods away.
            Fallback = new ScaledObjectFallbackArgs { FailureThreshold = 3, Replicas = args.Scoring.Replicas, Behavior = "currentReplicasIfHigher" },
            Advanced = new ScaledObjectAdvancedArgs { HorizontalPodAutoscalerConfig = new HpaConfigArgs { Behavior = Behaviour() } },
            Triggers = { Prometheus(args, "queue-depth", ScoringQueries.Waiting, args.Scoring.Scaling.QueueDepth) },
        };
        if (args.Scoring.Gpus > 0)
        {
            spec.Triggers.Add(Prometheus(args, "gpu-use", ScoringQueries.GpuUse, args.Scoring.Scaling.GpuPercent));
        }

        return spec;
    }

    /// <summary>A sum over all pods, of which each pod takes the given share.</summary>
    private static ScaleTriggerArgs Prometheus(ScoringServiceArgs args, string name, Func<string, string> query, int share) => new()
    {
        Type = "prometheus",
        Name = name,
        MetricType = "AverageValue",
        Metadata =
        {
            ["serverAddress"] = args.Monitoring.PrometheusUrl,
            ["query"] = args.Namespace.ToOutput().Apply(query),
            ["threshold"] = $"{share}",
            ["ignoreNullValues"] = "false",
        },
    };

    private static MetricSpecArgs CpuOf(int percent) => new()
    {
        Type = "ContainerResource",
        ContainerResource = new ContainerResourceMetricSourceArgs
        {
            Container = ScoringPod.Component,
            Name = "cpu",
            Target = new MetricTargetArgs { Type = "Utilization", AverageUtilization = percent },
        },
    };

    private static HorizontalPodAutoscalerBehaviorArgs Behaviour() => new()
    {
        ScaleUp = new HPAScalingRulesArgs
        {
            StabilizationWindowSeconds = 0,
            Policies = { new HPAScalingPolicyArgs { Type = "Percent", Value = 100, PeriodSeconds = 30 }, new HPAScalingPolicyArgs { Type = "Pods", Value = 4, PeriodSeconds = 30 } },
            SelectPolicy = "Max",
        },
        ScaleDown = new HPAScalingRulesArgs
        {
            StabilizationWindowSeconds = 600,
            Policies = { new HPAScalingPolicyArgs { Type = "Percent", Value = 20, PeriodSeconds = 120 } },
        },
    };
}
