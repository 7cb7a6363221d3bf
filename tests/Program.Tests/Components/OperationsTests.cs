using System.Text.Json.Nodes;

namespace Reco.Infra.Tests.Components;

public sealed class OperationsTests
{
    private static readonly (string Key, string Value)[] Variants =
        [("gpuSharing", "none"), ("gpuSharing", "mig"), ("gpuSharing", "timeSlicing"), ("logs", "none"), ("alertWebhook", "https://hooks.example.org/T0"), ("tracesEndpoint", "tempo.example.org:4317")];

    [Fact]
    public async Task Charts_Values_HaveOnlyKeysOfTheirChart()
    {
        foreach (var variant in Variants)
        {
            var objects = await RegisteredObjects.RunAsync(Configurations.Everything(variant,
                ("remoteWriteUrl", "https://example.org/api/v1/write"), ("remoteWriteClientId", "11111111-2222-3333-4444-555555555555")));
            foreach (var release in objects.Of("Release"))
            {
                var file = await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "Charts", $"{release.Text("chart")!.Split('/')[^1]}.txt"));
                Assert.Contains($" {release.Text("version")} ", file[0]);
                var keys = file.Skip(1).ToHashSet();
                Assert.All(Leaves(release.At("values")!, ""), path => Assert.True(IsKnown(path, keys), $"{release.Text("chart")}: {path} is not a key of the chart"));
            }
        }
    }

    [Fact]
    public async Task Charts_All_HaveAnExactVersionAndUndoAFailedInstall()
    {
        var releases = (await RegisteredObjects.RunAsync(Configurations.Everything())).Of("Release").ToArray();
        Assert.Equal(8, releases.Length);
        Assert.All(releases, release =>
        {
            Assert.Matches("^v?[0-9]+\\.[0-9]+\\.[0-9]+$", release.Text("version"));
            Assert.StartsWith(release.Text("chart")!.StartsWith("oci://", StringComparison.Ordinal) ? "oci://" : "https://", release.Text("repositoryOpts.repo") ?? release.Text("chart"));
            Assert.Equal("true", release.Text("atomic"));
        });
    }

    [Fact]
    public async Task Namespaces_OnlyOperations_MayBePrivileged()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Everything());
        var levels = objects.Of("Namespace").ToDictionary(space => space.Text("metadata.name")!, space => space.Text("metadata.labels|pod-security.kubernetes.io/enforce"));
        Assert.Equal(new Dictionary<string, string?>
        {
            ["reco"] = "restricted",
            ["gpu-operations"] = "privileged",
            ["monitoring"] = "privileged",
            ["argo-rollouts"] = "restricted",
            ["envoy-gateway-system"] = "restricted",
            ["kueue-system"] = "restricted",
        }.OrderBy(pair => pair.Key), levels.OrderBy(pair => pair.Key));
        Assert.All(objects.Of("Release"), release => Assert.Contains(release.Text("namespace")!, levels.Keys.Except(["reco"])));
    }

    [Fact]
    public async Task Gpu_TimeSlicing_TellsTheDevicePlugin()
    {
        var values = await GpuValuesAsync(("gpuSlices", "6"));
        var name = values.Text("devicePlugin.config.default")!;
        Assert.Contains("replicas: 6", values.Text($"devicePlugin.config.data.{name}"));
        Assert.Equal("false", values.Text("migManager.enabled"));
        Assert.Equal("false", values.Text("driver.enabled"));
    }

    [Theory]
    [InlineData("1", "true")]
    [InlineData("2", "false")]
    public async Task Gpu_TimeSlicing_RefusesPodsThatAskForSeveralUnlessTheStackHasSome(string gpus, string refuses) =>
        Assert.Contains($"failRequestsGreaterThanOne: {refuses}", (await GpuValuesAsync(("trainingGpus", gpus))).Text("devicePlugin.config.data.shared"));

    [Fact]
    public async Task Gpu_Mig_TellsTheMigManager()
    {
        var values = await GpuValuesAsync(("gpuSharing", "mig"), ("migProfile", "all-2g.20gb"), ("gpuDriver", "true"));
        Assert.Equal(("true", "all-2g.20gb", "single"), (values.Text("migManager.enabled"), values.Text("migManager.config.default"), values.Text("mig.strategy")));
        Assert.Null(values.At("devicePlugin.config"));
        Assert.Equal("true", values.Text("driver.enabled"));
    }

    [Fact]
    public async Task Grafana_Password_IsDrawnAndSecret()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Everything());
        var values = objects.Get("Release", "kube-prometheus-stack").At("values");
        Assert.Equal(objects.Get("Secret", "grafana-admin").Text("metadata.name"), values.Text("grafana.admin.existingSecret"));
        Assert.Null(values.At("grafana.adminPassword"));
    }

    [Fact]
    public async Task Alerts_Webhook_IsASecretThatAlertmanagerReadsFromAFile()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Everything(("alertWebhook", "https://hooks.example.org/T0/B0/token")));
        var secret = objects.Get("Secret", "alert-webhook");
        Assert.Equal("https://hooks.example.org/T0/B0/token", System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(secret.Text("data.url")!)));
        var values = objects.Get("Release", "kube-prometheus-stack").At("values")!;
        Assert.Equal(secret.Text("metadata.name"), values.Text("alertmanager.alertmanagerSpec.secrets.0"));
        Assert.Equal("webhook", values.Text("alertmanager.config.route.receiver"));
        Assert.Equal("/etc/alertmanager/secrets/alert-webhook/url", values.Text("alertmanager.config.receivers.1.webhook_configs.0.url_file"));
        Assert.DoesNotContain("hooks.example.org", values.ToJsonString());

        var none = (await RegisteredObjects.RunAsync(Configurations.Everything())).Get("Release", "kube-prometheus-stack");
        Assert.Null(none.At("values.alertmanager"));
    }

    [Fact]
    public async Task Alerts_WebhookWithoutAnOwnAlertmanager_IsRefused()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => ProgramRun.StartAsync(Configurations.Kubernetes(("monitoring", "existing"), ("alertWebhook", "https://hooks.example.org/T0"))));
        Assert.Contains("reco:alertWebhook", error.ToString());
        Assert.DoesNotContain("hooks.example.org", error.ToString());
    }

    [Fact]
    public async Task Logs_Loki_IsReadByGrafana()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Everything());
        Assert.Equal("http://loki:3100", objects.Get("Release", "kube-prometheus-stack").Text("values.grafana.additionalDataSources.0.url"));
        Assert.Equal("daemonset", objects.Get("Release", "otel-logs").Text("values.mode"));
    }

    [Fact]
    public async Task Traces_Collector_IsWhereTheServiceSends()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Everything(("tracesEndpoint", "tempo.example.org:4317")));
        var collector = objects.Get("Release", "otel-traces");
        var endpoint = objects.Get("Rollout").At("spec.template.spec.containers.0").Env("OTEL_EXPORTER_OTLP_ENDPOINT");
        Assert.Equal($"http://{collector.Text("values.fullnameOverride")}.{collector.Text("namespace")}.svc.cluster.local:4317", endpoint);
        Assert.Equal("tempo.example.org:4317", collector.At("values.config.exporters.otlp/traces").Text("endpoint"));
    }

    private static async Task<JsonNode> GpuValuesAsync(params (string Key, string Value)[] changes) =>
        (await RegisteredObjects.RunAsync(Configurations.Everything(changes))).Get("Release", "gpu-operator").At("values")!;

    internal static bool IsKnown(string path, HashSet<string> keys)
    {
        if (keys.Contains(path))
        {
            return true;
        }

        for (var end = path.Length; end > 0; end = path.LastIndexOf('.', end - 1))
        {
            if (keys.Contains(path[..end] + ".*"))
            {
                return true;
            }
        }

        return false;
    }

    internal static IEnumerable<string> Leaves(JsonNode node, string path) => node is JsonObject { Count: > 0 } map
        ? map.SelectMany(member => Leaves(member.Value!, path.Length == 0 ? member.Key : $"{path}.{member.Key}"))
        : [path];
}
