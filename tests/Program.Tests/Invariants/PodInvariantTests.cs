using System.Text.Json.Nodes;

namespace Reco.Infra.Tests.Invariants;

/// <summary>What holds for every pod that the program makes, on every target and with every option.</summary>
public sealed class PodInvariantTests
{
    private static readonly string[] LongRunning = ["Deployment", "Rollout", "StatefulSet", "DaemonSet"];
    private static readonly string[] Recommended = ["name", "instance", "version", "component", "part-of", "managed-by"];

    public static TheoryData<string> Names => new(Configurations.All.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Pods_OfAnyConfiguration_MeetTheRestrictedStandard(string configuration)
    {
        foreach (var (_, template) in await PodsAsync(configuration))
        {
            var pod = template.At("spec");
            Assert.Equal("true", pod.Text("securityContext.runAsNonRoot"));
            Assert.NotEqual("0", pod.Text("securityContext.runAsUser"));
            Assert.Equal("RuntimeDefault", pod.Text("securityContext.seccompProfile.type"));
            Assert.Equal("false", pod.Text("automountServiceAccountToken"));
            Assert.NotNull(pod.At("serviceAccountName"));
            Assert.All(new[] { "hostNetwork", "hostPID", "hostIPC" }, name => Assert.Null(pod.At(name)));
            foreach (var container in Containers(pod))
            {
                Assert.Equal("false", container.Text("securityContext.allowPrivilegeEscalation"));
                Assert.Equal("true", container.Text("securityContext.readOnlyRootFilesystem"));
                Assert.Equal("ALL", container.Text("securityContext.capabilities.drop.0"));
                Assert.Null(container.At("securityContext.privileged"));
                Assert.Empty(container.List("securityContext.capabilities.add"));
                Assert.All(container.List("ports"), port => Assert.Null(port.At("hostPort")));
            }

            if (!configuration.StartsWith("local", StringComparison.Ordinal))
            {
                Assert.DoesNotContain(pod.List("volumes"), volume => volume.At("hostPath") is not null);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Pods_OfAnyConfiguration_HaveRequestsLimitsAndPinnedImages(string configuration)
    {
        foreach (var (_, template) in await PodsAsync(configuration))
        {
            foreach (var container in Containers(template.At("spec")))
            {
                Assert.NotNull(container.At("resources.requests.cpu"));
                Assert.NotNull(container.At("resources.requests.memory"));
                Assert.NotNull(container.At("resources.limits.memory"));
                // Kubernetes refuses a request for GPUs that differs from the limit.
                Assert.Equal(container.Text("resources.limits|nvidia.com/gpu"), container.Text("resources.requests|nvidia.com/gpu"));
                Assert.Matches("^reco\\.local/[a-z]+:[a-z0-9]+$|@sha256:[0-9a-f]{64}$", container.Text("image"));
                Assert.DoesNotContain(":latest", container.Text("image"));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Pods_ThatRunOn_HaveAllProbes(string configuration)
    {
        var pods = (await PodsAsync(configuration)).Where(pod => LongRunning.Contains(pod.Kind)).ToArray();
        Assert.NotEmpty(pods);
        foreach (var container in pods.SelectMany(pod => pod.Template.List("spec.containers")))
        {
            var ports = container.List("ports").Select(port => port.Text("name")).ToArray();
            foreach (var probe in new[] { "startupProbe", "readinessProbe", "livenessProbe" })
            {
                Assert.Contains(container.Text($"{probe}.httpGet.port"), ports);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Objects_OfAnyConfiguration_CarryTheRecommendedLabels(string configuration)
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.All[configuration]);
        foreach (var (_, template) in objects.PodTemplates())
        {
            Assert.All(Recommended, label => Assert.Matches("^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$", template.Text($"metadata.labels|app.kubernetes.io/{label}") ?? "missing!"));
        }

        foreach (var (type, name, value) in objects.All.Where(item => RegisteredObjects.KindOf(item.Type) is not "Release"))
        {
            Assert.True(value.Text("metadata.labels|app.kubernetes.io/part-of") == "reco", $"{type} {name}");
            Assert.True(value.Text("metadata.labels|app.kubernetes.io/managed-by") == "pulumi", $"{type} {name}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Selectors_OfAnyConfiguration_MatchPodsOfTheirNamespace(string configuration)
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.All[configuration]);
        var pods = objects.PodTemplates().Select(pod => (JsonObject)pod.Template.At("metadata.labels")!).ToArray();
        foreach (var (type, name, value) in objects.All)
        {
            var selector = RegisteredObjects.KindOf(type) switch
            {
                "Service" => value.At("spec.selector"),
                "PodDisruptionBudget" or "PodMonitor" or "Deployment" or "Rollout" => value.At("spec.selector.matchLabels"),
                "NetworkPolicy" => value.At("spec.podSelector.matchLabels"),
                _ => null,
            };
            if (selector is JsonObject { Count: > 0 } labels)
            {
                Assert.True(pods.Any(pod => labels.All(label => pod[label.Key]?.ToString() == label.Value!.ToString())), $"{type} {name} selects no pod");
            }
        }
    }

    private static async Task<IReadOnlyList<(string Kind, JsonObject Template)>> PodsAsync(string configuration)
    {
        var pods = (await RegisteredObjects.RunAsync(Configurations.All[configuration])).PodTemplates().ToArray();
        Assert.True(pods.Length >= 2);
        return pods;
    }

    private static IEnumerable<JsonNode> Containers(JsonNode? pod) => pod.List("initContainers").Concat(pod.List("containers"));
}
