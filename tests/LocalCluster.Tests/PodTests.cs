using System.Net;
using k8s;
using k8s.Models;

namespace Reco.LocalCluster.Tests;

/// <summary>Pods as processes of this machine.</summary>
public sealed class PodTests(Cluster cluster) : IClassFixture<Cluster>
{
    private async Task<V1Pod> RunAsync(string space, V1Pod pod, params string[] phases)
    {
        await cluster.Client.CreateNamespacedPodAsync(pod, space);
        return await cluster.PhaseAsync(space, pod.Metadata.Name, phases.Length > 0 ? phases : ["Succeeded", "Failed"]);
    }

    private async Task<string> OutputAsync(string space, V1Pod pod)
    {
        await RunAsync(space, pod);
        return await cluster.LogAsync(space, pod.Metadata.Name);
    }

    [Theory]
    [InlineData("exit 0", "Succeeded", 0, "Completed")]
    [InlineData("exit 7", "Failed", 7, "Error")]
    [InlineData("kill -9 $$", "Failed", 137, "Error")]
    [InlineData("no-such-program-anywhere", "Failed", 127, "Error")]
    public async Task Pod_Ends_WithItsExitCode(string script, string phase, int code, string reason)
    {
        var space = await cluster.SpaceAsync();
        var pod = await RunAsync(space, Cluster.Script("p", script));
        var ended = pod.Status.ContainerStatuses[0].State.Terminated;
        Assert.Equal((phase, code, reason), (pod.Status.Phase, ended.ExitCode, ended.Reason));
        Assert.False(Cluster.IsReady(pod));
    }

    [Fact]
    public async Task Environment_EverySource_IsResolved()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedConfigMapAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "c" }, Data = new Dictionary<string, string> { ["A"] = "from-map", ["B"] = "b" } }, space);
        await cluster.Client.CreateNamespacedSecretAsync(new V1Secret { Metadata = new V1ObjectMeta { Name = "s" }, StringData = new Dictionary<string, string> { ["S"] = "hush" } }, space);
        await cluster.Client.CreateNamespacedServiceAsync(new V1Service { Metadata = new V1ObjectMeta { Name = "scoring-api" }, Spec = new V1ServiceSpec { Ports = [new V1ServicePort { Port = 8080, Name = "http" }] } }, space);
        V1Service service = null!;
        await cluster.UntilAsync(async () => (service = await cluster.Client.ReadNamespacedServiceAsync("scoring-api", space)).Spec.ClusterIP is not null, "the service has an address");
        var pod = Cluster.Script("p", "env", spec =>
        {
            spec.Containers[0].EnvFrom = [new V1EnvFromSource { ConfigMapRef = new V1ConfigMapEnvSource { Name = "c" }, Prefix = "CM_" }, new V1EnvFromSource { SecretRef = new V1SecretEnvSource { Name = "absent", Optional = true } }];
            spec.Containers[0].Resources = new V1ResourceRequirements { Limits = new Dictionary<string, ResourceQuantity> { ["memory"] = new("64Mi"), ["cpu"] = new("500m") } };
            spec.Containers[0].Env =
            [
                new V1EnvVar { Name = "SECRET", ValueFrom = new V1EnvVarSource { SecretKeyRef = new V1SecretKeySelector { Name = "s", Key = "S" } } },
                new V1EnvVar { Name = "POD", ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = "metadata.name" } } },
                new V1EnvVar { Name = "LABEL", ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = "metadata.labels['app']" } } },
                new V1EnvVar { Name = "MEMORY", ValueFrom = new V1EnvVarSource { ResourceFieldRef = new V1ResourceFieldSelector { Resource = "limits.memory", Divisor = new ResourceQuantity("1Mi") } } },
                new V1EnvVar { Name = "JOINED", Value = "$(POD)/$(CM_B) $$(POD) $(NONE)" },
                new V1EnvVar { Name = "URL", Value = $"http://scoring-api.{space}.svc.cluster.local:8080/v1" },
                new V1EnvVar { Name = "SHORT", Value = "http://scoring-api:8080" },
                new V1EnvVar { Name = "WORD", Value = "scoring-api is a word here" },
            ];
        });
        var lines = (await OutputAsync(space, pod)).Split('\n').ToHashSet();
        Assert.Superset(new HashSet<string>
        {
            "CM_A=from-map", "SECRET=hush", "POD=p", "LABEL=p", "MEMORY=64", "JOINED=p/b $(POD) $(NONE)", "HOSTNAME=p",
            $"URL=http://{service.Spec.ClusterIP}:8080/v1", $"SHORT=http://{service.Spec.ClusterIP}:8080", "WORD=scoring-api is a word here",
            $"SCORING_API_SERVICE_HOST={service.Spec.ClusterIP}", "SCORING_API_SERVICE_PORT=8080", "SCORING_API_SERVICE_PORT_HTTP=8080",
        }, lines);
    }

    [Fact]
    public async Task Environment_OfTheDaemon_IsNotThePods()
    {
        Assert.DoesNotContain("RECO_TEST_LEAK", await OutputAsync(await cluster.SpaceAsync(), Cluster.Script("p", "env")));
        Assert.DoesNotContain("ASPNETCORE", await OutputAsync(await cluster.SpaceAsync(), Cluster.Script("p", "env")));
    }

    [Fact]
    public async Task Volumes_EveryType_AreWhereTheContainerLooks()
    {
        var space = await cluster.SpaceAsync();
        var host = Directory.CreateTempSubdirectory("reco-host-").FullName;
        await File.WriteAllTextAsync(Path.Combine(host, "data"), "from-host");
        await cluster.Client.CreateNamespacedConfigMapAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "c" }, Data = new Dictionary<string, string> { ["a.txt"] = "from-map", ["run.sh"] = "#!/bin/sh\necho ran" } }, space);
        await cluster.Client.CreateNamespacedSecretAsync(new V1Secret { Metadata = new V1ObjectMeta { Name = "s" }, StringData = new Dictionary<string, string> { ["key"] = "from-secret" } }, space);
        await cluster.Client.CreateNamespacedPersistentVolumeClaimAsync(new V1PersistentVolumeClaim
        {
            Metadata = new V1ObjectMeta { Name = "claim" },
            Spec = new V1PersistentVolumeClaimSpec { AccessModes = ["ReadWriteOnce"], Resources = new V1VolumeResourceRequirements { Requests = new Dictionary<string, ResourceQuantity> { ["storage"] = new("1Gi") } } },
        }, space);
        void Mount(V1PodSpec spec)
        {
            spec.Volumes =
            [
                new V1Volume { Name = "empty", EmptyDir = new V1EmptyDirVolumeSource() },
                new V1Volume { Name = "map", ConfigMap = new V1ConfigMapVolumeSource { Name = "c", DefaultMode = 0b111_101_101 } },
                new V1Volume { Name = "secret", Secret = new V1SecretVolumeSource { SecretName = "s", Items = [new V1KeyToPath { Key = "key", Path = "deep/key" }] } },
                new V1Volume { Name = "host", HostPath = new V1HostPathVolumeSource { Path = host } },
                new V1Volume { Name = "claim", PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = "claim" } },
                new V1Volume { Name = "all", Projected = new V1ProjectedVolumeSource { Sources =
                [
                    new V1VolumeProjection { ServiceAccountToken = new V1ServiceAccountTokenProjection { Path = "token" } },
                    new V1VolumeProjection { DownwardAPI = new V1DownwardAPIProjection { Items = [new V1DownwardAPIVolumeFile { Path = "name", FieldRef = new V1ObjectFieldSelector { FieldPath = "metadata.name" } }] } },
                ] } },
            ];
            spec.Containers[0].VolumeMounts = [.. new[] { "empty", "map", "secret", "host", "claim", "all" }.Select(name => new V1VolumeMount { Name = name, MountPath = $"/mnt/{name}" }), new V1VolumeMount { Name = "claim", MountPath = "/mnt/part", SubPath = "inner" }];
        }

        var output = await OutputAsync(space, Cluster.Script("p",
            "echo x >/mnt/empty/f && cat /mnt/empty/f /mnt/map/a.txt; echo; /mnt/map/run.sh; cat /mnt/secret/deep/key /mnt/host/data /mnt/all/name; echo; test -s /mnt/all/token && echo token; echo kept >/mnt/part/file", Mount));
        Assert.Equal("x\nfrom-map\nran\nfrom-secretfrom-hostp\ntoken\n", output);
        await cluster.Client.DeleteNamespacedPodAsync("p", space);
        await cluster.GoneAsync(space, "p");
        Assert.Equal("kept\n", await OutputAsync(space, Cluster.Script("q", "cat /mnt/claim/inner/file", Mount)));

        // The claim is held while a pod has it, and its folder goes with it.
        await cluster.Client.DeleteNamespacedPodAsync("q", space);
        await cluster.Client.DeleteNamespacedPersistentVolumeClaimAsync("claim", space);
        await cluster.UntilAsync(async () => !(await cluster.Client.ListNamespacedPersistentVolumeClaimAsync(space)).Items.Any(), "the claim is gone");
        Assert.False(Directory.Exists(Path.Combine(cluster.State, "volumes", space, "claim")));
        Assert.Equal("from-host", await File.ReadAllTextAsync(Path.Combine(host, "data")));
        Directory.Delete(host, recursive: true);
    }

    [Theory]
    [InlineData("localhost/other:1", "ErrImagePull", "cannot be run here")]
    [InlineData("reco.local/serving:abc", "ErrImagePull", "is not built")]
    [InlineData("reco.local/../etc:1", "ErrImagePull", "cannot be run here")]
    public async Task Image_NotThere_WaitsAndSaysWhy(string image, string reason, string message)
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedPodAsync(Cluster.Script("p", "true", spec => spec.Containers[0].Image = image), space);
        V1ContainerStateWaiting? waiting = null;
        await cluster.UntilAsync(async () => (waiting = (await cluster.Client.ReadNamespacedPodAsync("p", space)).Status?.ContainerStatuses?.FirstOrDefault()?.State?.Waiting)?.Reason == reason, reason);
        Assert.Contains(message, waiting!.Message);
    }

    [Fact]
    public async Task Secret_Missing_WaitsUntilItIsThere()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedPodAsync(Cluster.Script("p", "echo $S", spec => spec.Containers[0].Env = [new V1EnvVar { Name = "S", ValueFrom = new V1EnvVarSource { SecretKeyRef = new V1SecretKeySelector { Name = "later", Key = "k" } } }]), space);
        await cluster.UntilAsync(async () => (await cluster.Client.ReadNamespacedPodAsync("p", space)).Status?.ContainerStatuses?.FirstOrDefault()?.State?.Waiting?.Reason == "CreateContainerConfigError", "it waits for the secret");
        await cluster.Client.CreateNamespacedSecretAsync(new V1Secret { Metadata = new V1ObjectMeta { Name = "later" }, StringData = new Dictionary<string, string> { ["k"] = "now" } }, space);
        await cluster.PhaseAsync(space, "p", "Succeeded");
        Assert.Equal("now\n", await cluster.LogAsync(space, "p"));
    }

    [Fact]
    public async Task Restart_Always_BacksOffAndKeepsTheRunBefore()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedPodAsync(Cluster.Script("p", "echo run; exit 3", spec => spec.RestartPolicy = "Always"), space);
        V1ContainerStatus status = null!;
        await cluster.UntilAsync(async () => (status = (await cluster.Client.ReadNamespacedPodAsync("p", space)).Status?.ContainerStatuses?.FirstOrDefault()!)?.State?.Waiting?.Reason == "CrashLoopBackOff", "it backs off");
        Assert.Equal(1, status.RestartCount);
        Assert.Equal(3, status.LastState.Terminated.ExitCode);
        using var previous = new StreamReader(await cluster.Client.ReadNamespacedPodLogAsync("p", space, previous: true));
        Assert.Equal("run\n", await previous.ReadToEndAsync());
    }

    [Fact]
    public async Task Init_RunsBefore_AndAFailureEndsThePod()
    {
        var space = await cluster.SpaceAsync();
        void With(V1PodSpec spec, string script)
        {
            spec.Volumes = [new V1Volume { Name = "v", EmptyDir = new V1EmptyDirVolumeSource() }];
            spec.InitContainers = [new V1Container { Name = "init", Image = "localhost/exec", Command = ["/bin/sh", "-c", script], VolumeMounts = [new V1VolumeMount { Name = "v", MountPath = "/v" }] }];
            spec.Containers[0].VolumeMounts = [new V1VolumeMount { Name = "v", MountPath = "/v" }];
        }

        Assert.Equal("made\n", await OutputAsync(space, Cluster.Script("good", "cat /v/f", spec => With(spec, "echo made >/v/f"))));
        var bad = await RunAsync(space, Cluster.Script("bad", "echo never", spec => With(spec, "exit 4")));
        Assert.Equal(("Failed", 4), (bad.Status.Phase, bad.Status.InitContainerStatuses[0].State.Terminated.ExitCode));
        Assert.Null(bad.Status.ContainerStatuses[0].State.Terminated);
    }

    [Fact]
    public async Task Sidecar_StartsBefore_ServesAndEndsAfter()
    {
        var space = await cluster.SpaceAsync();
        var pod = Cluster.Script("p", "cat /v/up; sleep 0.3", spec =>
        {
            spec.Volumes = [new V1Volume { Name = "v", EmptyDir = new V1EmptyDirVolumeSource() }];
            spec.InitContainers =
            [
                new V1Container
                {
                    Name = "side", Image = "localhost/exec", RestartPolicy = "Always", Command = ["/bin/sh", "-c", "trap 'echo bye; exit 0' TERM; echo up >/v/up; while :; do sleep 0.1; done"],
                    StartupProbe = new V1Probe { Exec = new V1ExecAction { Command = ["test", "-s", "/v/up"] }, PeriodSeconds = 1, FailureThreshold = 30, TimeoutSeconds = 10 },
                    VolumeMounts = [new V1VolumeMount { Name = "v", MountPath = "/v" }],
                },
            ];
            spec.Containers[0].VolumeMounts = [new V1VolumeMount { Name = "v", MountPath = "/v" }];
        });
        Assert.Equal("up\n", await OutputAsync(space, pod));
        await cluster.UntilAsync(async () => (await cluster.LogAsync(space, "p", "side")) == "bye\n", "the sidecar was asked to end");
    }

    [Fact]
    public async Task Stop_AsksFirst_ThenKillsTheWholeTree()
    {
        var space = await cluster.SpaceAsync();

        // The child makes itself a session of its own, and neither it nor its parent listens to SIGTERM.
        await cluster.Client.CreateNamespacedPodAsync(Cluster.Script("p", "trap '' TERM; setsid sleep 300 & echo $! $$; while :; do sleep 1; done", spec => spec.TerminationGracePeriodSeconds = 1), space);
        var pids = Array.Empty<int>();
        await cluster.PhaseAsync(space, "p", "Running");
        await cluster.UntilAsync(async () => (pids = [.. (await cluster.LogAsync(space, "p")).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)]).Length == 2, "both processes are known");
        Assert.All(pids, pid => Assert.True(Cluster.Lives(pid)));
        await cluster.Client.DeleteNamespacedPodAsync("p", space);
        await cluster.GoneAsync(space, "p");
        Assert.All(pids, pid => Assert.False(Cluster.Lives(pid)));
    }

    [Fact]
    public async Task Stop_RunsPreStop_ThenLetsItEnd()
    {
        var space = await cluster.SpaceAsync();
        var file = Path.Combine(cluster.Project, $"{space}.txt");
        await cluster.Client.CreateNamespacedPodAsync(Cluster.Script("p", $"trap 'echo term >>{file}; exit 0' TERM; while :; do sleep 0.1; done", spec =>
        {
            spec.TerminationGracePeriodSeconds = 20;
            spec.Containers[0].Lifecycle = new V1Lifecycle
            {
                PostStart = new V1LifecycleHandler { Exec = new V1ExecAction { Command = ["/bin/sh", "-c", $"echo start >>{file}"] } },
                PreStop = new V1LifecycleHandler { Exec = new V1ExecAction { Command = ["/bin/sh", "-c", $"echo prestop >>{file}"] } },
            };
        }), space);
        await cluster.UntilAsync(() => Task.FromResult(File.Exists(file)), "postStart has run");
        await cluster.Client.DeleteNamespacedPodAsync("p", space);
        await cluster.GoneAsync(space, "p");
        Assert.Equal("start\nprestop\nterm\n", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task Stop_Forced_DoesNotWaitForTheGracePeriod()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedPodAsync(Cluster.Script("p", "trap '' TERM; while :; do sleep 1; done", spec => spec.TerminationGracePeriodSeconds = 600), space);
        await cluster.PhaseAsync(space, "p", "Running");
        await cluster.Client.DeleteNamespacedPodAsync("p", space);
        Assert.NotNull((await cluster.Client.ReadNamespacedPodAsync("p", space)).Metadata.DeletionTimestamp);
        await cluster.Client.DeleteNamespacedPodAsync("p", space, gracePeriodSeconds: 0);
        await cluster.GoneAsync(space, "p");
    }

    [Fact]
    public async Task Memory_AboveTheLimit_IsKilled()
    {
        var space = await cluster.SpaceAsync();
        var pod = await RunAsync(space, Cluster.Script("p", "", spec =>
        {
            spec.Containers[0].Command = PodProgram.Command("hog", "400");
            spec.Containers[0].Resources = new V1ResourceRequirements { Limits = new Dictionary<string, ResourceQuantity> { ["memory"] = new("200Mi") } };
        }));
        var ended = pod.Status.ContainerStatuses[0].State.Terminated;
        Assert.Equal(("OOMKilled", 137), (ended.Reason, ended.ExitCode));
    }

    [Fact]
    public async Task Deadline_OfThePod_EndsIt()
    {
        var space = await cluster.SpaceAsync();
        var pod = await RunAsync(space, Cluster.Script("p", "sleep 300", spec => spec.ActiveDeadlineSeconds = 1));
        Assert.Equal(("Failed", "DeadlineExceeded"), (pod.Status.Phase, pod.Status.Reason));
    }

    [Fact]
    public async Task Probes_ReadinessStartupLiveness_DoTheirPart()
    {
        var space = await cluster.SpaceAsync();
        var flag = Path.Combine(cluster.Project, $"{space}.flag");
        await cluster.Client.CreateNamespacedPodAsync(Cluster.Script("p", "while :; do sleep 0.2; done", spec =>
        {
            spec.RestartPolicy = "Always";
            spec.TerminationGracePeriodSeconds = 1;
            spec.Containers[0].ReadinessProbe = new V1Probe { Exec = new V1ExecAction { Command = ["test", "-f", flag] }, PeriodSeconds = 1, FailureThreshold = 1, TimeoutSeconds = 10 };
            spec.Containers[0].LivenessProbe = new V1Probe { Exec = new V1ExecAction { Command = ["test", "!", "-f", flag + ".dead"] }, PeriodSeconds = 1, FailureThreshold = 1, TimeoutSeconds = 10 };
        }), space);
        var running = await cluster.PhaseAsync(space, "p", "Running");
        Assert.False(Cluster.IsReady(running));
        await File.WriteAllTextAsync(flag, "");
        await cluster.ReadyAsync(space, "p");
        File.Delete(flag);
        await cluster.UntilAsync(async () => !Cluster.IsReady(await cluster.Client.ReadNamespacedPodAsync("p", space)), "it is not ready any more");
        await File.WriteAllTextAsync(flag + ".dead", "");
        await cluster.UntilAsync(async () => (await cluster.Client.ReadNamespacedPodAsync("p", space)).Status.ContainerStatuses[0].RestartCount > 0, "it was restarted");
        Assert.Contains((await cluster.Client.CoreV1.ListNamespacedEventAsync(space)).Items, entry => entry.Reason == "Unhealthy" && entry.Message.StartsWith("Liveness", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Probes_HttpTcpAndGrpc_AskThePodsOwnAddress()
    {
        var space = await cluster.SpaceAsync();
        await using var server = await HealthServer.StartAsync();
        foreach (var (name, probe) in new (string, V1Probe)[]
        {
            ("http", new V1Probe { HttpGet = new V1HTTPGetAction { Host = "127.0.0.1", Port = server.HttpPort, Path = "/ready" } }),
            ("tcp", new V1Probe { TcpSocket = new V1TCPSocketAction { Host = "127.0.0.1", Port = server.HttpPort } }),
        })
        {
            (probe.PeriodSeconds, probe.TimeoutSeconds) = (1, 10);
            await cluster.Client.CreateNamespacedPodAsync(Cluster.Script(name, "sleep 300", spec => spec.Containers[0].ReadinessProbe = probe), space);
            await cluster.ReadyAsync(space, name);
        }

        Assert.Null(await Kubelet.GrpcHealth.CheckAsync(HealthServer.Client, "127.0.0.1", server.GrpcPort, "good", CancellationToken.None));
        Assert.NotNull(await Kubelet.GrpcHealth.CheckAsync(HealthServer.Client, "127.0.0.1", server.GrpcPort, "bad", CancellationToken.None));
        Assert.NotNull(await Kubelet.GrpcHealth.CheckAsync(HealthServer.Client, "127.0.0.1", server.GrpcPort, "unknown", CancellationToken.None));
    }

    [Fact]
    public async Task Logs_TailLimitAndFollow_Stream()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedPodAsync(Cluster.Script("p", "for i in 1 2 3; do echo line $i; done; sleep 1; echo last"), space);
        await cluster.UntilAsync(async () => (await cluster.Client.ReadNamespacedPodAsync("p", space)).Status?.ContainerStatuses?[0].State?.Running is not null, "it runs");
        using var follow = new StreamReader(await cluster.Client.ReadNamespacedPodLogAsync("p", space, follow: true));
        Assert.Equal("line 1\nline 2\nline 3\nlast\n", await follow.ReadToEndAsync());
        using var tail = new StreamReader(await cluster.Client.ReadNamespacedPodLogAsync("p", space, tailLines: 2));
        Assert.Equal("line 3\nlast\n", await tail.ReadToEndAsync());
        using var some = new StreamReader(await cluster.Client.ReadNamespacedPodLogAsync("p", space, limitBytes: 6));
        Assert.Equal("line 1", await some.ReadToEndAsync());
    }

    [Fact]
    public async Task TerminationMessage_FromTheLog()
    {
        var space = await cluster.SpaceAsync();
        var pod = await RunAsync(space, Cluster.Script("p", "echo the reason; exit 1", spec => spec.Containers[0].TerminationMessagePolicy = "FallbackToLogsOnError"));
        Assert.Equal("the reason", pod.Status.ContainerStatuses[0].State.Terminated.Message);
    }

    [Fact]
    public async Task Addresses_OfPods_AreTheirOwn()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedPodAsync(Cluster.Script("a", "sleep 300"), space);
        await cluster.Client.CreateNamespacedPodAsync(Cluster.Script("b", "sleep 300"), space);
        var (a, b) = (await cluster.ReadyAsync(space, "a"), await cluster.ReadyAsync(space, "b"));
        Assert.NotEqual(a.Status.PodIP, b.Status.PodIP);
        Assert.All(new[] { a, b }, pod => Assert.True(IPAddress.IsLoopback(IPAddress.Parse(pod.Status.PodIP))));
    }
}
