using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Reco.Infra.Tests.Monitoring;

public sealed partial class ModelMonitoringTests
{
    /// <summary>Metrics of others, by who exports them: names as their documentation lists them.</summary>
    private static readonly string[] Foreign =
    [
        // kube-state-metrics
        "kube_cronjob_next_schedule_time", "kube_cronjob_status_last_successful_time", "kube_job_failed", "kube_job_status_active", "kube_job_status_completion_time",
        "kube_job_status_failed", "kube_job_status_start_time", "kube_job_status_succeeded", "kube_node_info", "kube_node_spec_taint", "kube_node_status_allocatable",
        "kube_pod_container_resource_limits", "kube_pod_container_resource_requests", "kube_pod_container_status_restarts_total", "kube_pod_status_phase", "kube_pod_status_ready",
        // kubelet and cAdvisor
        "container_cpu_usage_seconds_total", "container_memory_working_set_bytes", "kubelet_volume_stats_capacity_bytes", "kubelet_volume_stats_used_bytes",
        // DCGM exporter's default counters
        "DCGM_FI_DEV_FB_FREE", "DCGM_FI_DEV_FB_USED", "DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_GPU_UTIL", "DCGM_FI_DEV_POWER_USAGE", "DCGM_FI_DEV_XID_ERRORS",
        // Kueue
        "kueue_pending_workloads",
    ];

    [Fact]
    public async Task PodMonitor_IsSelectedByPrometheusAndSelectsTheScoringPods()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Everything(("prometheusRelease", "prom")));
        var monitor = objects.Get("PodMonitor");
        var prometheus = objects.Get("Release", "prom").At("values.prometheus.prometheusSpec")!;
        AssertMatches(prometheus.At("podMonitorSelector.matchLabels"), monitor.At("metadata.labels"));
        AssertMatches(prometheus.At("ruleSelector.matchLabels"), objects.Get("PrometheusRule").At("metadata.labels"));
        AssertMatches(prometheus.At("serviceMonitorSelector.matchLabels"), objects.Get("Release", "gpu-operator").At("values.dcgmExporter.serviceMonitor.additionalLabels"));
        // What the chart makes carries the release's name in the same label.
        Assert.Equal("prom", objects.Get("Release", "prom").Text("name"));

        var template = objects.Get("Rollout").At("spec.template")!;
        AssertMatches(monitor.At("spec.selector.matchLabels"), template.At("metadata.labels"));
        Assert.Equal(objects.Get("Rollout").Text("metadata.namespace"), monitor.Text("metadata.namespace"));
        Assert.Contains(template.List("spec.containers.0.ports"), port => port.Text("name") == monitor.Text("spec.podMetricsEndpoints.0.port"));
        Assert.Contains("monitoring", objects.Get("NetworkPolicy", "scoring").List("spec.ingress.0.from").Select(peer => peer.Text("namespaceSelector.matchLabels|kubernetes.io/metadata.name")));
    }

    [Fact]
    public async Task Dashboards_AreFoundByGrafanasSidecar()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Everything());
        var sidecar = objects.Get("Release", "kube-prometheus-stack").At("values.grafana.sidecar.dashboards");
        Assert.Equal("ALL", sidecar.Text("searchNamespace"));
        var dashboards = DashboardsOf(objects).ToArray();
        Assert.Equal(["reco-capacity", "reco-gpu", "reco-scoring", "reco-training"], dashboards.Select(dashboard => dashboard.Text("uid")).Order());
        Assert.All(objects.Of("ConfigMap").Where(map => map.At("data") is not null), map => Assert.Equal(sidecar.Text("labelValue"), map.Text($"metadata.labels|{sidecar.Text("label")}")));
    }

    [Fact]
    public async Task Dashboards_Panels_DoNotOverlapAndSayWhatTheyShow()
    {
        foreach (var dashboard in DashboardsOf(await RegisteredObjects.RunAsync(Configurations.Everything())))
        {
            var cells = new HashSet<(int, int)>();
            foreach (var panel in dashboard.List("panels"))
            {
                Assert.NotEmpty(panel.Text("description")!);
                Assert.NotEmpty(panel.List("targets"));
                var (x, y, w, h) = (Number(panel, "x"), Number(panel, "y"), Number(panel, "w"), Number(panel, "h"));
                Assert.True(x + w <= 24);
                Assert.All(Enumerable.Range(x, w).SelectMany(column => Enumerable.Range(y, h).Select(row => (column, row))), cell => Assert.True(cells.Add(cell), panel.Text("title")));
            }
        }

        static int Number(JsonNode panel, string name) => int.Parse(panel.Text($"gridPos.{name}")!);
    }

    [Fact]
    public async Task Metrics_OfDashboardsAlertsCanariesAndScaling_AreExported()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Everything());
        var exported = ServiceMetrics().Concat(Foreign).ToHashSet();
        var expressions = Expressions(objects).ToArray();
        Assert.True(expressions.Length > 50);
        var used = expressions.SelectMany(Metrics).ToHashSet();
        Assert.Empty(used.Except(exported));
        Assert.Contains("reco_request_duration_seconds", used);
    }

    [Fact]
    public async Task Alerts_All_SayWhatIsWrongAndWhatToDo()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Everything());
        var alerts = objects.Get("PrometheusRule").List("spec.groups").SelectMany(group => group.List("rules")).ToArray();
        Assert.Equal(alerts.Length, alerts.Select(alert => alert.Text("alert")).Distinct().Count());
        Assert.All(alerts, alert =>
        {
            Assert.Contains(alert.Text("labels.severity"), new[] { "critical", "warning" });
            Assert.NotEmpty(alert.Text("annotations.summary")!);
            Assert.True(alert.Text("annotations.runbook")!.Length > 80, alert.Text("alert"));
        });
        string[] expected = ["RecoScoringErrorsHigh", "RecoScoringLatencyHigh", "RecoScoringQueueDeep", "RecoModelStale", "RecoTrainingFailed", "RecoSpotEvictions", "RecoGpuMemoryFull"];
        Assert.Empty(expected.Except(alerts.Select(alert => alert.Text("alert")!)));
    }

    [PromtoolFact]
    public async Task Alerts_Rules_AreValidAndFireWhenTheyShould()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Everything());
        var folder = Directory.CreateTempSubdirectory("reco-rules-");
        try
        {
            // JSON is YAML.
            var rules = Path.Combine(folder.FullName, "rules.yaml");
            await File.WriteAllTextAsync(rules, objects.Get("PrometheusRule").At("spec")!.ToJsonString());
            var check = await RunPromtoolAsync("check", "rules", rules);
            Assert.True(check.Code == 0, check.Output);

            var tests = Path.Combine(folder.FullName, "tests.yaml");
            await File.WriteAllTextAsync(tests, File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Monitoring", "alerts.yaml")));
            var test = await RunPromtoolAsync("test", "rules", tests);
            Assert.True(test.Code == 0, test.Output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Names that the service's sources give to instruments, with the parts that a histogram has.</summary>
    private static IEnumerable<string> ServiceMetrics()
    {
        var sources = Path.Combine(ProjectRoot(), "serving");
        var names = Directory.EnumerateFiles(sources, "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Instrument().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value)
            .ToArray();
        Assert.NotEmpty(names);
        return names;
    }

    private static string ProjectRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Pulumi.yaml")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests run outside the repository.");
    }

    private static IEnumerable<string> Expressions(RegisteredObjects objects) =>
        DashboardsOf(objects).SelectMany(dashboard => dashboard.List("panels").SelectMany(panel => panel.List("targets")).Concat(dashboard.List("annotations.list")))
            .Select(target => target.Text("expr")!)
            .Concat(objects.Get("PrometheusRule").List("spec.groups").SelectMany(group => group.List("rules")).Select(rule => rule.Text("expr")!))
            .Concat(objects.Get("AnalysisTemplate").List("spec.metrics").Select(metric => metric.Text("provider.prometheus.query")!))
            .Concat(objects.Get("ScaledObject").List("spec.triggers").Select(trigger => trigger.Text("metadata.query")!));

    /// <summary>Names of series in a query: each stands before its matchers, a range, or an operator; without the parts of a histogram.</summary>
    private static IEnumerable<string> Metrics(string expression) => Series().Matches(Grouping().Replace(Matchers().Replace(expression, "{}"), " "))
        .Select(match => match.Value)
        .Where(name => name.Contains('_', StringComparison.Ordinal) && !name.EndsWith("_over_time", StringComparison.Ordinal) && name != "histogram_quantile")
        .Select(name => name.StartsWith("reco_", StringComparison.Ordinal) ? HistogramPart().Replace(name, "") : name);

    private static IEnumerable<JsonNode> DashboardsOf(RegisteredObjects objects) =>
        objects.Of("ConfigMap").Select(map => map.At("data") as JsonObject).OfType<JsonObject>().SelectMany(data => data).Select(entry => JsonNode.Parse(entry.Value!.ToString())!);

    private static void AssertMatches(JsonNode? selector, JsonNode? labels)
    {
        var wanted = Assert.IsType<JsonObject>(selector);
        Assert.NotEmpty(wanted);
        Assert.All(wanted, label => Assert.Equal(label.Value!.ToString(), labels.Text($"|{label.Key}")));
    }

    private static async Task<(int Code, string Output)> RunPromtoolAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("promtool", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }

    [GeneratedRegex("Create[A-Za-z]+(?:<[a-z]+>)?\\(\\s*\"([a-z_0-9]+)\"")]
    private static partial Regex Instrument();

    [GeneratedRegex("\\{[^{}]*(\\{\\{[^{}]*\\}\\}[^{}]*)*\\}")]
    private static partial Regex Matchers();

    [GeneratedRegex("\\b(by|on|ignoring|without|group_left|group_right)\\s*\\([^)]*\\)|\\[[^\\]]*\\]")]
    private static partial Regex Grouping();

    [GeneratedRegex("[a-zA-Z_][a-zA-Z0-9_]*")]
    private static partial Regex Series();

    [GeneratedRegex("_(bucket|count|sum)$")]
    private static partial Regex HistogramPart();
}
