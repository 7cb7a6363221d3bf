using System.Security.Cryptography;
using System.Text;
using Pulumi;
using Pulumi.Kubernetes.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Reco.Infra.Configuration;

namespace Reco.Infra.Components;

/// <summary>Arguments of <see cref="MonitoringStack"/>.</summary>
internal sealed class MonitoringStackArgs : ResourceArgs
{
    /// <summary>What is installed.</summary>
    public required MonitoringConfig Monitoring { get; init; }

    /// <summary>Remote-write address of an Azure Monitor workspace that the stack itself made; else the configuration's.</summary>
    public Input<string>? RemoteWriteUrl { get; init; }

    /// <summary>Client ID of the identity that may write there; else the configuration's.</summary>
    public Input<string>? RemoteWriteClientId { get; init; }
}

/// <summary>Prometheus, Alertmanager and Grafana, and by choice Loki and OpenTelemetry collectors, in a namespace of their
/// own. Values of each chart: <see cref="MonitoringValues"/>.</summary>
internal sealed class MonitoringStack : ComponentResource
{
    /// <summary>Port of the collector of traces: OTLP over gRPC.</summary>
    public const int CollectorPort = 4317;

    private const string Component = "monitoring";

    private readonly MonitoringConfig config;
    private readonly CustomResourceOptions child;

    /// <summary>Installs the stack.</summary>
    public MonitoringStack(string name, MonitoringStackArgs args, ComponentResourceOptions? options = null)
        : base("reco:monitoring:Stack", name, options)
    {
        (config, child) = (args.Monitoring, new CustomResourceOptions { Parent = this });
        // Where Prometheus is somebody else's, so is its namespace.
        var space = config.Mode == MonitoringMode.Existing ? Output.Create(config.Namespace) : OperationsNamespace.Make(config.Namespace, Component, OperationsNamespace.Privileged, child);
        if (config.Mode == MonitoringMode.Install)
        {
            InstallPrometheus(space, args);
        }

        if (config.Logs == LogStore.Loki)
        {
            _ = HelmCharts.Install("loki", HelmCharts.Loki, space, MonitoringValues.Loki(config), child);
            _ = HelmCharts.Install("otel-logs", HelmCharts.Collector, space, MonitoringValues.LogCollector(), child);
        }

        if (config.Traces)
        {
            _ = HelmCharts.Install(MonitoringValues.CollectorName, HelmCharts.Collector, space, MonitoringValues.TraceCollector(config), child);
        }

        RegisterOutputs(new Dictionary<string, object?> { ["namespace"] = space, ["prometheusUrl"] = config.PrometheusUrl });
    }

    /// <summary>Whether a configuration asks for any of it.</summary>
    public static bool IsWanted(MonitoringConfig config) =>
        config.Mode == MonitoringMode.Install || config.Logs == LogStore.Loki || config.Traces;

    /// <summary>Where services send traces.</summary>
    public static string CollectorUrl(MonitoringConfig config) =>
        $"http://{MonitoringValues.CollectorName}.{config.Namespace}.svc.cluster.local:{CollectorPort}";

    private void InstallPrometheus(Output<string> space, MonitoringStackArgs args)
    {
        // The chart's own default password is known to everybody.
        var admin = new Secret("grafana-admin", new SecretArgs
        {
            Metadata = new ObjectMetaArgs { Name = "grafana-admin", Namespace = space, Labels = Labels.For(Component) },
            Type = "Opaque",
            Data =
            {
                ["admin-user"] = Output.CreateSecret(Base64("admin")),
                ["admin-password"] = Output.CreateSecret(Base64(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)))),
            },
        }, CustomResourceOptions.Merge(child, new CustomResourceOptions { IgnoreChanges = { "data[\"admin-password\"]" } }));
        Output<string>? webhook = null;
        if (config.AlertWebhook is { } address)
        {
            webhook = new Secret(MonitoringValues.WebhookSecret, new SecretArgs
            {
                Metadata = new ObjectMetaArgs { Name = MonitoringValues.WebhookSecret, Namespace = space, Labels = Labels.For(Component) },
                Type = "Opaque",
                Data = { [MonitoringValues.WebhookKey] = address.Apply(Base64) },
            }, child).Metadata.Apply(metadata => metadata.Name);
        }

        var url = args.RemoteWriteUrl ?? (config.RemoteWriteUrl is { } text ? (Input<string>)text : null);
        var client = args.RemoteWriteClientId ?? (config.RemoteWriteClientId is { } id ? (Input<string>)id : null);
        // The release's name is the value of label release on everything that the chart makes.
        _ = HelmCharts.Install(config.Release, HelmCharts.KubePrometheusStack, space,
            MonitoringValues.Prometheus(config, admin.Metadata.Apply(metadata => metadata.Name), webhook, url, client), child);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
