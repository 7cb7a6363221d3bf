using Pulumi;
using Pulumi.Kubernetes.Helm.V3;
using Pulumi.Kubernetes.Types.Inputs.Helm.V3;

namespace Reco.Infra.Components;

/// <summary>A Helm chart, by its exact version.</summary>
/// <param name="Name">Name of the chart; for a chart of an OCI registry its whole address.</param>
/// <param name="Repository">Address of its repository; null for an OCI registry.</param>
/// <param name="Version">The version.</param>
internal sealed record HelmChart(string Name, string? Repository, string Version);

/// <summary>The charts that a stack may install, and how. The values that each is given stand beside its component.</summary>
internal static class HelmCharts
{
    /// <summary>NVIDIA's GPU operator: device plugin, feature discovery, MIG manager, DCGM exporter.</summary>
    public static readonly HelmChart GpuOperator = new("gpu-operator", "https://helm.ngc.nvidia.com/nvidia", "v26.7.0");

    /// <summary>Prometheus operator, Prometheus, Alertmanager, Grafana, exporters.</summary>
    public static readonly HelmChart KubePrometheusStack = new("kube-prometheus-stack", "https://prometheus-community.github.io/helm-charts", "88.5.3");

    /// <summary>Loki, a store of logs.</summary>
    public static readonly HelmChart Loki = new("loki", "https://grafana.github.io/helm-charts", "7.3.0");

    /// <summary>OpenTelemetry collector.</summary>
    public static readonly HelmChart Collector = new("opentelemetry-collector", "https://open-telemetry.github.io/opentelemetry-helm-charts", "0.170.0");

    /// <summary>Ratify, which checks signatures of images for Gatekeeper.</summary>
    public static readonly HelmChart Ratify = new("ratify", "https://notaryproject.github.io/ratify", "1.15.5");

    /// <summary>Argo Rollouts.</summary>
    public static readonly HelmChart ArgoRollouts = new("argo-rollouts", "https://argoproj.github.io/argo-helm", "2.41.0");

    /// <summary>Envoy Gateway, with the kinds of the Gateway API.</summary>
    public static readonly HelmChart EnvoyGateway = new("oci://docker.io/envoyproxy/gateway-helm", null, "1.9.0");

    /// <summary>Kueue.</summary>
    public static readonly HelmChart Kueue = new("oci://registry.k8s.io/kueue/charts/kueue", null, "0.19.2");

    /// <summary>Every chart.</summary>
    public static IReadOnlyList<HelmChart> All => [GpuOperator, KubePrometheusStack, Loki, Collector, Ratify, ArgoRollouts, EnvoyGateway, Kueue];

    /// <summary>Installs a chart. One that fails is undone, so that the next update begins from a clean state.</summary>
    /// <param name="name">Name of the resource and of the release.</param>
    /// <param name="chart">The chart.</param>
    /// <param name="space">Namespace of the release.</param>
    /// <param name="values">Its values.</param>
    /// <param name="options">Resource options.</param>
    public static Release Install(string name, HelmChart chart, Input<string> space, InputMap<object> values, CustomResourceOptions options)
    {
        var args = new ReleaseArgs
        {
            Name = name,
            Namespace = space,
            Chart = chart.Name,
            Version = chart.Version,
            Atomic = true,
            CleanupOnFail = true,
            MaxHistory = 5,
            Timeout = 900,
            Values = values,
        };
        if (chart.Repository is { } repository)
        {
            args.RepositoryOpts = new RepositoryOptsArgs { Repo = repository };
        }

        return new Release(name, args, options);
    }
}
