using Pulumi;
using Reco.Infra.Configuration;
using static Reco.Infra.Components.HelmValues;

namespace Reco.Infra.Components;

/// <summary>Values of the charts of <see cref="MonitoringStack"/>: only what differs from the chart's defaults. A test holds
/// every key against a list of the chart's keys.</summary>
internal static class MonitoringValues
{
    /// <summary>Name of the collector of traces.</summary>
    public const string CollectorName = "otel-traces";

    /// <summary>Secret with the address that alerts are posted to.</summary>
    public const string WebhookSecret = "alert-webhook";

    /// <summary>Entry of <see cref="WebhookSecret"/>.</summary>
    public const string WebhookKey = "url";

    private const string LokiUrl = "http://loki:3100";

    /// <summary>kube-prometheus-stack.</summary>
    /// <param name="config">What is installed.</param>
    /// <param name="adminSecret">Secret with Grafana's administrator.</param>
    /// <param name="webhookSecret">Secret with the address that alerts are posted to; null: they stay in Alertmanager.</param>
    /// <param name="remoteWriteUrl">Where samples are written to as well; null: nowhere.</param>
    /// <param name="remoteWriteClient">Client ID of the identity that may write there.</param>
    public static InputMap<object> Prometheus(MonitoringConfig config, Output<string> adminSecret, Output<string>? webhookSecret, Input<string>? remoteWriteUrl, Input<string>? remoteWriteClient)
    {
        var values = new Dictionary<string, object>
        {
            ["prometheus"] = Map(("prometheusSpec", Map(
            [
                ("retention", $"{config.RetentionDays}d"),
                // Below the volume's size: a full disk would lose the newest samples.
                ("retentionSize", "45GB"),
                ("storageSpec", Map(("volumeClaimTemplate", Map(("spec", Map(
                    ("accessModes", new List<object> { "ReadWriteOnce" }),
                    ("resources", Map(("requests", Map(("storage", "50Gi"))))))))))),
                .. Selectors(config),
                .. RemoteWrite(remoteWriteUrl, remoteWriteClient),
            ]))),
            ["grafana"] = Map(
                ("admin", Map(("existingSecret", adminSecret), ("userKey", "admin-user"), ("passwordKey", "admin-password"))),
                ("sidecar", Map(("dashboards", Map(
                    ("enabled", true), ("label", ModelMonitoring.DashboardLabel), ("labelValue", "1"), ("searchNamespace", "ALL"))))),
                ("additionalDataSources", config.Logs == LogStore.Loki
                    ? new List<object> { Map(("name", "Loki"), ("type", "loki"), ("access", "proxy"), ("url", LokiUrl)) }
                    : [])),
        };
        if (webhookSecret is not null)
        {
            values["alertmanager"] = Alertmanager(webhookSecret);
        }

        return values;
    }

    /// <summary>Posts every alert to the address in a secret, which Alertmanager reads from a file: it is in no object of the
    /// chart. The chart's own sign of life goes nowhere.</summary>
    private static Dictionary<string, object> Alertmanager(Output<string> webhookSecret) => Map(
        ("alertmanagerSpec", Map(("secrets", new List<object> { webhookSecret }))),
        ("config", Map(
            ("route", Map(
                ("receiver", "webhook"),
                ("group_by", new List<object> { "namespace", "alertname" }),
                ("routes", new List<object> { Map(("receiver", "nobody"), ("matchers", new List<object> { "alertname = \"Watchdog\"" })) }))),
            ("receivers", new List<object>
            {
                Map(("name", "nobody")),
                Map(("name", "webhook"), ("webhook_configs", new List<object>
                {
                    Map(("url_file", $"/etc/alertmanager/secrets/{WebhookSecret}/{WebhookKey}"), ("send_resolved", true)),
                })),
            }))));

    /// <summary>Loki in one pod with a volume: enough for the logs of one cluster.</summary>
    public static InputMap<object> Loki(MonitoringConfig config) => new Dictionary<string, object>
    {
        ["deploymentMode"] = "SingleBinary",
        ["loki"] = Map(
            ("auth_enabled", false),
            ("commonConfig", Map(("replication_factor", 1))),
            ("storage", Map(("type", "filesystem"))),
            ("schemaConfig", Map(("configs", new List<object>
            {
                Map(("from", "2024-04-01"), ("store", "tsdb"), ("object_store", "filesystem"), ("schema", "v13"), ("index", Map(("prefix", "loki_index_"), ("period", "24h")))),
            }))),
            ("limits_config", Map(("retention_period", $"{config.RetentionDays * 24}h"))),
            ("compactor", Map(("retention_enabled", true), ("delete_request_store", "filesystem")))),
        ["singleBinary"] = Map(("replicas", 1), ("persistence", Map(("size", "50Gi")))),
        ["read"] = Map(("replicas", 0)),
        ["write"] = Map(("replicas", 0)),
        ["backend"] = Map(("replicas", 0)),
        ["gateway"] = Map(("enabled", false)),
        ["chunksCache"] = Map(("enabled", false)),
        ["resultsCache"] = Map(("enabled", false)),
        ["lokiCanary"] = Map(("enabled", false)),
        ["test"] = Map(("enabled", false)),
    };

    /// <summary>Reads the containers' logs on every node and sends them to Loki.</summary>
    public static InputMap<object> LogCollector() => new Dictionary<string, object>
    {
        ["mode"] = "daemonset",
        ["fullnameOverride"] = "otel-logs",
        ["image"] = Image(),
        ["presets"] = Map(("logsCollection", Map(("enabled", true))), ("kubernetesAttributes", Map(("enabled", true)))),
        ["resources"] = Resources("100m", "256Mi", "512Mi"),
        ["tolerations"] = new List<object> { Map(("operator", "Exists"), ("effect", "NoSchedule")) },
        ["config"] = Map(
            ("exporters", Map(("otlphttp/loki", Map(("endpoint", $"{LokiUrl}/otlp"))))),
            ("service", Map(("pipelines", Map(("logs", Map(("exporters", new List<object> { "otlphttp/loki" })))))))),
    };

    /// <summary>Takes the services' traces and passes them on.</summary>
    public static InputMap<object> TraceCollector(MonitoringConfig config)
    {
        var exporter = config.TracesEndpoint is null ? "debug" : "otlp/traces";
        return new Dictionary<string, object>
        {
            ["mode"] = "deployment",
            ["fullnameOverride"] = CollectorName,
            ["replicaCount"] = 2,
            ["image"] = Image(),
            ["resources"] = Resources("100m", "256Mi", "512Mi"),
            ["config"] = Map(
                ("exporters", Map((exporter, config.TracesEndpoint is { } endpoint ? Map(("endpoint", endpoint)) : Map(("verbosity", "basic"))))),
                ("service", Map(("pipelines", Map(("traces", Map(("exporters", new List<object> { exporter })))))))),
        };
    }

    /// <summary>Everything that carries the stack's release label, in every namespace; said outright, so that it does not
    /// hang on the chart's defaults.</summary>
    private static IEnumerable<(string, object)> Selectors(MonitoringConfig config)
    {
        foreach (var kind in new[] { "serviceMonitor", "podMonitor", "rule", "probe" })
        {
            yield return ($"{kind}SelectorNilUsesHelmValues", false);
            yield return ($"{kind}Selector", Map(("matchLabels", Map((ModelMonitoring.SelectorLabel, config.Release)))));
        }
    }

    private static IEnumerable<(string, object)> RemoteWrite(Input<string>? url, Input<string>? client)
    {
        if (url is not null && client is not null)
        {
            yield return ("remoteWrite", new List<object>
            {
                Map(("url", url), ("azureAd", Map(("cloud", "AzurePublic"), ("managedIdentity", Map(("clientId", client)))))),
            });
        }
    }

    private static Dictionary<string, object> Image() => Map(("repository", "otel/opentelemetry-collector-k8s"));
}
