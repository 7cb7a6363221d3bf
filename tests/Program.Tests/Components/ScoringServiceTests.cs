using System.Text.Json.Nodes;

namespace Reco.Infra.Tests.Components;

public sealed class ScoringServiceTests
{
    [Fact]
    public async Task Pod_OnACluster_DrainsWithinItsGracePeriod()
    {
        var pod = (await RegisteredObjects.RunAsync(Configurations.Kubernetes())).Get("Deployment").At("spec.template.spec")!;
        var container = pod.List("containers").Single();
        var preStop = int.Parse(container.Text("lifecycle.preStop.sleep.seconds")!);
        var drain = TimeSpan.Parse(container.Env("RECO_DRAIN__DELAY")!) + TimeSpan.Parse(container.Env("RECO_DRAIN__TIMEOUT")!);
        var readiness = container.At("readinessProbe")!;
        Assert.True(int.Parse(pod.Text("terminationGracePeriodSeconds")!) > preStop + drain.TotalSeconds);
        // Whoever looks at readiness has seen it fail before the service stops taking requests.
        Assert.True(preStop + TimeSpan.Parse(container.Env("RECO_DRAIN__DELAY")!).TotalSeconds
            >= int.Parse(readiness.Text("periodSeconds")!) * int.Parse(readiness.Text("failureThreshold")!));
    }

    [Fact]
    public async Task Pod_OnACluster_GetsACheckedCopyOfTheBundle()
    {
        var pod = (await RegisteredObjects.RunAsync(Configurations.Kubernetes())).Get("Deployment").At("spec.template.spec")!;
        var (init, main) = (pod.List("initContainers").Single(), pod.List("containers").Single());
        Assert.Equal(["pull", "--from=/store", "--to=/models", "--bundle=two-tower/0123456789abcdef"], init.List("args").Select(argument => argument.ToString()));
        Assert.Equal(main.Text("image"), init.Text("image"));
        var volumes = pod.List("volumes").ToDictionary(volume => volume.Text("name")!);
        Assert.Equal("true", volumes["source"].Text("persistentVolumeClaim.readOnly"));
        Assert.NotNull(volumes["models"].At("emptyDir.sizeLimit"));
        Assert.Equal("true", main.List("volumeMounts").Single(mount => mount.Text("name") == "models").Text("readOnly"));
        Assert.DoesNotContain(main.List("volumeMounts"), mount => mount.Text("name") == "source");
    }

    [Fact]
    public async Task Pod_WithAModelImage_TakesItByDigestWithoutCredentials()
    {
        var image = "shop/model@sha256:" + new string('c', 64);
        var objects = await RegisteredObjects.RunAsync(Configurations.Kubernetes(("modelImage", image)));
        var pod = objects.Get("Deployment").At("spec.template.spec")!;
        Assert.Equal(image, pod.List("volumes").Single(volume => volume.Text("name") == "source").Text("image.reference"));
        Assert.Contains("--bundle=two-tower", pod.List("initContainers").Single().List("args").Select(argument => argument.ToString()));
        Assert.Null(pod.At("imagePullSecrets"));
    }

    [Fact]
    public async Task Pod_OnTargetLocal_HasNoInitContainerAndReadsTheStore()
    {
        var pod = (await RegisteredObjects.RunAsync()).Get("Deployment").At("spec.template.spec")!;
        Assert.Empty(pod.List("initContainers"));
        Assert.Null(pod.At("priorityClassName"));
        Assert.NotNull(pod.List("volumes").Single(volume => volume.Text("name") == "models").At("persistentVolumeClaim"));
    }

    [Fact]
    public async Task Pods_AreSpreadOverZonesAndHosts()
    {
        var pod = (await RegisteredObjects.RunAsync(Configurations.Kubernetes())).Get("Deployment").At("spec.template.spec");
        Assert.Equal(["topology.kubernetes.io/zone", "kubernetes.io/hostname"], pod.List("topologySpreadConstraints").Select(spread => spread.Text("topologyKey")));
    }

    [Fact]
    public async Task Pod_WithAKindOfGpu_GoesToNodesThatHaveIt()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Kubernetes(("scoringGpus", "1"), ("scoringGpuType", "h100")));
        var pod = objects.Get("Deployment").At("spec.template.spec")!;
        Assert.Equal("1", pod.Text("containers.0.resources.limits|nvidia.com/gpu"));
        Assert.Equal(["sku", "nvidia.com/gpu"], pod.List("tolerations").Select(toleration => toleration.Text("key")));
        var terms = pod.List("affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms").ToArray();
        Assert.Equal(["reco.dev/gpu-type", "nvidia.com/gpu.product"], terms.Select(term => term.Text("matchExpressions.0.key")));
        Assert.Equal("h100", terms[0].Text("matchExpressions.0.values.0"));
    }

    [Fact]
    public async Task NetworkPolicy_OnACluster_LetsInOnlyNamedNamespaces()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Everything());
        var policy = objects.Get("NetworkPolicy", "scoring").At("spec")!;
        Assert.Equal(["shop", "search", "envoy-gateway-system", "monitoring", "reco"], Namespaces(policy.At("ingress.0"), "from"));
        Assert.Equal(["8080", "8081"], policy.List("ingress.0.ports").Select(port => port.Text("port")));
        Assert.Equal(["Ingress", "Egress"], policy.List("policyTypes").Select(type => type.ToString()));
        Assert.Equal(["kube-system", "monitoring"], policy.List("egress").SelectMany(rule => Namespaces(rule, "to")));
        // No rule is open to everybody.
        Assert.All(policy.List("ingress"), rule => Assert.NotEmpty(rule.List("from")));
        Assert.All(policy.List("egress"), rule => Assert.NotEmpty(rule.List("to")));
    }

    [Fact]
    public async Task Grpc_HasAPortOfItsOwnFromServiceToProcess()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Kubernetes());
        var container = objects.Get("Deployment").At("spec.template.spec.containers.0")!;
        var port = objects.Get("Service", "scoring").List("spec.ports").Single(port => port.Text("name") == "grpc");
        Assert.Equal("8081", port.Text("port"));
        Assert.Equal("kubernetes.io/h2c", port.Text("appProtocol"));
        var target = container.List("ports").Single(entry => entry.Text("name") == port.Text("targetPort")).Text("containerPort");
        Assert.EndsWith($":{target}", container.Env("RECO_GRPCURL"));
        Assert.NotEqual(container.Env("ASPNETCORE_URLS"), container.Env("RECO_GRPCURL"));
    }

    [Fact]
    public async Task Namespace_ByDefault_DeniesBothWays()
    {
        var policy = (await RegisteredObjects.RunAsync(Configurations.Kubernetes())).Get("NetworkPolicy", "reco-default-deny").At("spec");
        Assert.Equal(["Ingress", "Egress"], policy.List("policyTypes").Select(type => type.ToString()));
        Assert.Empty(policy.List("ingress").Concat(policy.List("egress")));
    }

    [Fact]
    public async Task Scoring_GoesBeforeTraining()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Kubernetes());
        var (scoring, training) = (objects.Get("PriorityClass", "scoring"), objects.Get("PriorityClass", "training"));
        Assert.True(int.Parse(scoring.Text("value")!) > int.Parse(training.Text("value")!));
        Assert.Equal("Never", training.Text("preemptionPolicy"));
        Assert.Equal(scoring.Text("metadata.name"), objects.Get("Deployment").Text("spec.template.spec.priorityClassName"));
        Assert.Equal(training.Text("metadata.name"), objects.Get("Job").Text("spec.template.spec.priorityClassName"));
    }

    [Fact]
    public async Task DisruptionBudget_KeepsAllButOne()
    {
        var budget = (await RegisteredObjects.RunAsync(Configurations.Kubernetes())).Get("PodDisruptionBudget");
        Assert.Equal("1", budget.Text("spec.maxUnavailable"));
        Assert.Equal("AlwaysAllow", budget.Text("spec.unhealthyPodEvictionPolicy"));
    }

    [Fact]
    public async Task Route_ForADeployment_GoesToItsService()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Kubernetes(("gateway", "edge/public")));
        var route = objects.Get("HTTPRoute").At("spec")!;
        Assert.Equal("public", route.Text("parentRefs.0.name"));
        Assert.Equal("edge", route.Text("parentRefs.0.namespace"));
        var backend = Assert.Single(route.List("rules.0.backendRefs"));
        var service = objects.Get("Service", "scoring");
        Assert.Equal(service.Text("metadata.name"), backend.Text("name"));
        Assert.Equal(service.Text("spec.ports.0.port"), backend.Text("port"));
        Assert.DoesNotContain(route.List("rules.0.matches"), match => match.Text("path.value") is "/" or "/v2" or "/metrics");
    }

    private static IEnumerable<string?> Namespaces(JsonNode? rule, string peers) =>
        rule.List(peers).Select(peer => peer.Text("namespaceSelector.matchLabels|kubernetes.io/metadata.name"));
}
