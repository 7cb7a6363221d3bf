namespace Reco.Infra.Configuration;

/// <summary>Who runs Prometheus.</summary>
internal enum MonitoringMode
{
    /// <summary>Nobody: no monitors, alerts or dashboards.</summary>
    None,

    /// <summary>The cluster's operators: the stack adds its monitors, alerts and dashboards.</summary>
    Existing,

    /// <summary>The stack: it installs kube-prometheus-stack, too.</summary>
    Install,
}

/// <summary>Where logs go.</summary>
internal enum LogStore
{
    /// <summary>Nowhere beyond the nodes.</summary>
    None,

    /// <summary>Loki in the cluster, by the OpenTelemetry collector.</summary>
    Loki,

    /// <summary>Azure Log Analytics, by the cluster's own agent.</summary>
    LogAnalytics,
}

/// <summary>Settings of monitoring.</summary>
internal sealed record MonitoringConfig
{
    /// <summary><c>reco:monitoring</c>.</summary>
    public MonitoringMode Mode { get; init; } = MonitoringMode.None;

    /// <summary><c>reco:monitoringNamespace</c>: namespace of Prometheus and Grafana.</summary>
    public string Namespace { get; init; } = "monitoring";

    /// <summary><c>reco:prometheusRelease</c>: value of the label <c>release</c> by which Prometheus chooses monitors and rules.</summary>
    public string Release { get; init; } = "kube-prometheus-stack";

    /// <summary><c>reco:metricsDays</c>: days that Prometheus keeps metrics.</summary>
    public int RetentionDays { get; init; } = 15;

    /// <summary><c>reco:logs</c>.</summary>
    public LogStore Logs { get; init; } = LogStore.None;

    /// <summary><c>reco:traces</c>: runs an OpenTelemetry collector that takes the services' traces.</summary>
    public bool Traces { get; init; }

    /// <summary><c>reco:tracesEndpoint</c>: OTLP/gRPC address that the collector sends traces to; null: only counted.</summary>
    public string? TracesEndpoint { get; init; }

    /// <summary><c>reco:remoteWriteUrl</c>: remote-write address of an Azure Monitor workspace; null: none.</summary>
    public string? RemoteWriteUrl { get; init; }

    /// <summary><c>reco:remoteWriteClientId</c>: client ID of the identity that may write there.</summary>
    public string? RemoteWriteClientId { get; init; }

    /// <summary><c>reco:alertWebhook</c>, a secret: https address that Alertmanager posts alerts to, as JSON; null: alerts stay
    /// in Alertmanager.</summary>
    public Pulumi.Output<string>? AlertWebhook { get; init; }

    /// <summary><c>reco:maxModelAgeDays</c>: a served model that is older raises an alert.</summary>
    public int MaxModelAgeDays { get; init; } = 30;

    /// <summary><c>reco:maxDriftPsi</c>: population stability index between live traffic and training above which an
    /// alert is raised; by convention 0.1 is a shift to look at, 0.25 a large one.</summary>
    public double MaxDriftPsi { get; init; } = 0.25;

    /// <summary>Address of Prometheus in the cluster. The operator makes this service for every Prometheus.</summary>
    public string PrometheusUrl => $"http://prometheus-operated.{Namespace}.svc.cluster.local:9090";
}
