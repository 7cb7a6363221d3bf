namespace Reco.Infra.Tests.Components;

public sealed class CanaryRolloutTests
{
    [Fact]
    public async Task Rollout_ReplacesTheDeployment()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Everything());
        Assert.False(objects.Has("Deployment"));
        Assert.Equal("Rollout", objects.Get("ScaledObject").Text("spec.scaleTargetRef.kind"));
        Assert.Equal("jsonpath={.status.phase}=Healthy", objects.Get("Rollout").Text("metadata.annotations|pulumi.com/waitFor"));
    }

    [Fact]
    public async Task Stable_KeepsAllPodsUntilTheCanaryHasEverything()
    {
        var canary = (await RegisteredObjects.RunAsync(Configurations.Everything())).Get("Rollout").At("spec.strategy.canary");
        Assert.Equal("false", canary.Text("dynamicStableScale"));
        Assert.Equal("0", canary.Text("maxUnavailable"));
        Assert.True(int.Parse(canary.Text("scaleDownDelaySeconds")!) >= 30);
    }

    [Fact]
    public async Task Steps_EachShareOfTraffic_IsJudgedBeforeTheNext()
    {
        var canary = (await RegisteredObjects.RunAsync(Configurations.Everything(("canaryWeights", "10, 60")))).Get("Rollout").At("spec.strategy.canary");
        var steps = canary.List("steps").ToArray();
        Assert.Equal(["10", null, "60", null], steps.Select(step => step.Text("setWeight")));
        Assert.Equal([null, "scoring-quality", null, "scoring-quality"], steps.Select(step => step.Text("analysis.templates.0.templateName")));
        Assert.Equal("Latest", steps[1].Text("analysis.args.0.valueFrom.podTemplateHashValue"));
    }

    [Fact]
    public async Task Traffic_Route_DividesBetweenTheRolloutsServices()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Everything());
        var canary = objects.Get("Rollout").At("spec.strategy.canary")!;
        var route = objects.Get("HTTPRoute");
        Assert.Equal(route.Text("metadata.name"), canary.At("trafficRouting.plugins|argoproj-labs/gatewayAPI").Text("httpRoute"));
        var backends = route.List("spec.rules.0.backendRefs").ToDictionary(backend => backend.Text("name")!, backend => backend.Text("weight"));
        Assert.Equal("100", backends[canary.Text("stableService")!]);
        Assert.Equal("0", backends[canary.Text("canaryService")!]);
        Assert.Equal(2, objects.Of("Service").Count(service => service.Text("metadata.name")!.StartsWith("scoring", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Judgement_MeasuresTheNewPodsAlone()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Everything(("minSuccessRate", "0.99"), ("maxP99Ms", "50"), ("canaryPauseSeconds", "240")));
        var metrics = objects.Get("AnalysisTemplate").List("spec.metrics").ToDictionary(metric => metric.Text("name")!);
        Assert.All(metrics.Values, metric =>
        {
            Assert.Contains("rollouts_pod_template_hash=\"{{args.hash}}\"", metric.Text("provider.prometheus.query"));
            Assert.Equal("4", metric.Text("count"));
            Assert.Equal("http://prometheus-operated.monitoring.svc.cluster.local:9090", metric.Text("provider.prometheus.address"));
        });
        Assert.Equal("len(result) > 0 && result[0] >= 0.99", metrics["success-rate"].Text("successCondition"));
        Assert.Equal("len(result) > 0 && result[0] > 0.05", metrics["latency-p99"].Text("failureCondition"));
        // Argo's pods have no label of a Deployment's: by that one, old and new pods would be spread as one.
        Assert.All(objects.Get("Rollout").List("spec.template.spec.topologySpreadConstraints"), spread => Assert.Equal("rollouts-pod-template-hash", spread.Text("matchLabelKeys.0")));
        // The label that tells new pods from old is one that Prometheus is told to take over.
        Assert.Contains("rollouts-pod-template-hash", objects.Get("PodMonitor").List("spec.podTargetLabels").Select(label => label.ToString()));
    }

    [Fact]
    public async Task Judgement_WithoutTraffic_DoesNotPass()
    {
        var metrics = (await RegisteredObjects.RunAsync(Configurations.Everything())).Get("AnalysisTemplate").List("spec.metrics");
        Assert.All(metrics, metric => Assert.True(int.Parse(metric.Text("inconclusiveLimit")!) < int.Parse(metric.Text("count")!)));
    }
}
