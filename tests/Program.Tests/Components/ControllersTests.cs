namespace Reco.Infra.Tests.Components;

public sealed class ControllersTests
{
    [Fact]
    public async Task Rollouts_Plugin_IsTheOneThatTheRolloutNamesAndComesAsAnImage()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Everything());
        var controller = objects.Get("Release", "argo-rollouts").At("values.controller");
        var plugin = controller.At("trafficRouterPlugins.0")!;
        Assert.NotNull(objects.Get("Rollout").At($"spec.strategy.canary.trafficRouting.plugins|{plugin.Text("name")}"));

        var copy = controller.At("initContainers.0")!;
        Assert.Equal(plugin.Text("location"), $"file://{copy.Text("command.2")}");
        Assert.StartsWith(controller.Text("volumeMounts.0.mountPath")! + "/", copy.Text("command.2"));
        Assert.Equal(controller.Text("volumes.0.name"), copy.Text("volumeMounts.0.name"));
        Assert.Equal(controller.Text("volumes.0.name"), controller.Text("volumeMounts.0.name"));
        // What a restricted namespace asks of every container.
        Assert.Equal(("true", "false", "ALL", "RuntimeDefault"), (copy.Text("securityContext.runAsNonRoot"), copy.Text("securityContext.allowPrivilegeEscalation"), copy.Text("securityContext.capabilities.drop.0"), copy.Text("securityContext.seccompProfile.type")));
    }

    [Fact]
    public async Task Queueing_Kueue_LooksAfterJobsWithAQueueAlone()
    {
        var settings = (await RegisteredObjects.RunAsync(Configurations.Everything())).Get("Release", "kueue").Text("values.managerConfig.controllerManagerConfigYaml")!;
        Assert.Contains("manageJobsWithoutQueueName: false", settings);
        Assert.Equal(["batch/job"], settings.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("- ", StringComparison.Ordinal)).Select(line => line[2..]));
    }

    [Fact]
    public async Task Queueing_Monitor_IsSelectedByPrometheusAndMayRead()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Everything());
        var monitor = objects.Get("ServiceMonitor");
        var wanted = objects.Get("Release", "kube-prometheus-stack").At("values.prometheus.prometheusSpec.serviceMonitorSelector.matchLabels")!.AsObject().Single();
        Assert.Equal(wanted.Value!.ToString(), monitor.Text($"metadata.labels|{wanted.Key}"));
        Assert.Equal(objects.Get("Release", "kueue").Text("namespace"), monitor.Text("metadata.namespace"));
        Assert.Equal($"system:serviceaccounts:{objects.Get("Release", "kube-prometheus-stack").Text("namespace")}", objects.Of("ClusterRoleBinding").Single(binding => binding.Text("roleRef.name") == "kueue-metrics-reader").Text("subjects.0.name"));
    }

    [Fact]
    public async Task Queueing_WithoutMonitoring_HasNoMonitor()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Kubernetes(("controllers", "kueue"), ("trainingQueue", "models"), ("trainingQuotaCpus", "8")));
        Assert.False(objects.Has("ServiceMonitor"));
        Assert.False(objects.Has("ClusterRoleBinding"));
    }

    [Fact]
    public async Task Gateway_Route_IsTakenByTheStacksOwnGateway()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Everything());
        var (gateway, route) = (objects.Get("Gateway"), objects.Get("HTTPRoute"));
        var listener = gateway.At("spec.listeners.0")!;
        Assert.Equal((gateway.Text("metadata.namespace"), gateway.Text("metadata.name")), (route.Text("spec.parentRefs.0.namespace"), route.Text("spec.parentRefs.0.name")));
        Assert.Equal(route.Text("metadata.namespace"), listener.Text("allowedRoutes.namespaces.selector.matchLabels|kubernetes.io/metadata.name"));
        Assert.Equal(route.Text("spec.hostnames.0"), listener.Text("hostname"));
        Assert.Equal(("HTTPS", "443", "reco-tls"), (listener.Text("protocol"), listener.Text("port"), listener.Text("tls.certificateRefs.0.name")));

        var gatewayClass = objects.Get("GatewayClass");
        var proxy = objects.Get("EnvoyProxy");
        Assert.Equal(gatewayClass.Text("metadata.name"), gateway.Text("spec.gatewayClassName"));
        Assert.Equal((proxy.Text("metadata.namespace"), proxy.Text("metadata.name")), (gatewayClass.Text("spec.parametersRef.namespace"), gatewayClass.Text("spec.parametersRef.name")));
        Assert.Equal("ClusterIP", proxy.Text("spec.provider.kubernetes.envoyService.type"));
    }

    [Fact]
    public async Task Gateway_Limits_AreForTheGateway()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Everything());
        var limits = objects.Get("ClientTrafficPolicy");
        Assert.Equal(objects.Get("Gateway").Text("metadata.name"), limits.Text("spec.targetRefs.0.name"));
        Assert.Equal(objects.Get("Gateway").Text("metadata.namespace"), limits.Text("metadata.namespace"));
        Assert.NotNull(limits.At("spec.timeout.http.requestReceivedTimeout"));
        Assert.NotNull(limits.At("spec.connection.connectionLimit.value"));
    }

    [Fact]
    public async Task Controllers_OfTheCluster_AreNotInstalled()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.All["kubernetes, a canary by the cluster's own controllers"]);
        Assert.True(objects.Has("Rollout"));
        Assert.DoesNotContain(objects.Of("Namespace"), space => space.Text("metadata.name") is "argo-rollouts" or "envoy-gateway-system" or "kueue-system");
        Assert.False(objects.Has("Gateway"));
        Assert.False(objects.Has("Release"));
    }
}
