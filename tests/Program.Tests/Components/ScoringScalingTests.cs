namespace Reco.Infra.Tests.Components;

public sealed class ScoringScalingTests
{
    [Fact]
    public async Task Load_ScalesByWaitingRequestsAndGpuUse()
    {
        var spec = (await RegisteredObjects.RunAsync(Configurations.Everything(("scaleQueueDepth", "16"), ("maxReplicas", "12")))).Get("ScaledObject").At("spec")!;
        var triggers = spec.List("triggers").ToDictionary(trigger => trigger.Text("name")!);
        Assert.Equal("16", triggers["queue-depth"].Text("metadata.threshold"));
        Assert.Contains("DCGM_FI_DEV_GPU_UTIL", triggers["gpu-use"].Text("metadata.query"));
        Assert.Equal("3", spec.Text("minReplicaCount"));
        Assert.Equal("12", spec.Text("maxReplicaCount"));
    }

    [Fact]
    public async Task Load_WithoutMeasurements_NeverTakesPodsAway()
    {
        var spec = (await RegisteredObjects.RunAsync(Configurations.Everything())).Get("ScaledObject").At("spec");
        Assert.Equal("currentReplicasIfHigher", spec.Text("fallback.behavior"));
        Assert.Equal(spec.Text("minReplicaCount"), spec.Text("fallback.replicas"));
    }

    [Fact]
    public async Task Cpu_ScalesTheDeployment()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Kubernetes(("autoscaling", "cpu"), ("scaleCpuPercent", "60")));
        var spec = objects.Get("HorizontalPodAutoscaler").At("spec");
        Assert.Equal(objects.Get("Deployment").Text("metadata.name"), spec.Text("scaleTargetRef.name"));
        Assert.Equal("60", spec.Text("metrics.0.containerResource.target.averageUtilization"));
        Assert.Contains(objects.Get("Deployment").List("spec.template.spec.containers"), container => container.Text("name") == spec.Text("metrics.0.containerResource.container"));
        Assert.True(int.Parse(spec.Text("behavior.scaleDown.stabilizationWindowSeconds")!) > int.Parse(spec.Text("behavior.scaleUp.stabilizationWindowSeconds")!));
    }

    [Fact]
    public async Task None_MakesNoAutoscaler()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Kubernetes());
        Assert.False(objects.Has("HorizontalPodAutoscaler") || objects.Has("ScaledObject"));
    }
}
