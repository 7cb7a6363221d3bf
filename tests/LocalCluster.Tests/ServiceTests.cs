using System.Net;
using System.Net.Sockets;
using k8s;
using k8s.Models;

namespace Reco.LocalCluster.Tests;

/// <summary>Services: addresses, routing to ready endpoints, and rolling updates under load.</summary>
public sealed class ServiceTests(Cluster cluster) : IClassFixture<Cluster>
{
    private static V1PodTemplateSpec Template(string app, string version) => new()
    {
        Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = app } },
        Spec = new V1PodSpec
        {
            TerminationGracePeriodSeconds = 10,
            Containers =
            [
                new V1Container
                {
                    Name = "main", Image = "localhost/exec", Command = PodProgram.Command("serve", "$(ADDRESS)", "8080", "$(VERSION)"),
                    Env = [new V1EnvVar { Name = "VERSION", Value = version }, new V1EnvVar { Name = "ADDRESS", ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = "status.podIP" } } }],
                    Ports = [new V1ContainerPort { ContainerPort = 8080, Name = "http" }],
                    ReadinessProbe = new V1Probe { HttpGet = new V1HTTPGetAction { Port = "http" }, PeriodSeconds = 1, TimeoutSeconds = 10 },
                },
            ],
        },
    };

    private async Task<V1Service> ServiceAsync(string space, Action<V1ServiceSpec>? change = null)
    {
        var spec = new V1ServiceSpec { Selector = new Dictionary<string, string> { ["app"] = "web" }, Ports = [new V1ServicePort { Port = 8000, TargetPort = "http" }] };
        change?.Invoke(spec);
        await cluster.Client.CreateNamespacedServiceAsync(new V1Service { Metadata = new V1ObjectMeta { Name = "web" }, Spec = spec }, space);
        V1Service service = null!;
        await cluster.UntilAsync(async () => (service = await cluster.Client.ReadNamespacedServiceAsync("web", space)).Spec.ClusterIP is not null || spec.Type == "ExternalName", "the service has an address");
        return service;
    }

    private Task DeployAsync(string space, string version, int replicas) => cluster.Client.CreateNamespacedDeploymentAsync(new V1Deployment
    {
        Metadata = new V1ObjectMeta { Name = "web" },
        Spec = new V1DeploymentSpec
        {
            Replicas = replicas,
            Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "web" } },
            Strategy = new V1DeploymentStrategy { Type = "RollingUpdate", RollingUpdate = new V1RollingUpdateDeployment { MaxSurge = 1, MaxUnavailable = 0 } },
            Template = Template("web", version),
        },
    }, space);

    private Task OutAsync(string space) => cluster.UntilAsync(async () =>
    {
        var live = await cluster.Client.ReadNamespacedDeploymentAsync("web", space);
        return live.Status is not null && live.Status.ObservedGeneration == live.Metadata.Generation && live.Status.UpdatedReplicas == live.Spec.Replicas && live.Status.Replicas == live.Spec.Replicas && live.Status.AvailableReplicas == live.Spec.Replicas;
    }, "the deployment is out");

    [Fact]
    public async Task RollingUpdate_UnderLoad_DropsNoRequest()
    {
        var space = await cluster.SpaceAsync();
        await DeployAsync(space, "one", 2);
        var service = await ServiceAsync(space);
        await OutAsync(space);
        var url = new Uri($"http://{service.Spec.ClusterIP}:8000/");
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 8 });
        await cluster.UntilAsync(async () => await TryAsync(http, url) == "one", "the service answers");

        // Keep-alive connections, GET and POST, all through two updates; nothing is tried again by the test.
        using var stop = new CancellationTokenSource();
        var (seen, errors, done) = (new HashSet<string>(), new List<string>(), 0);
        var clients = Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    using var content = new ByteArrayContent(new byte[100]);
                    using var answer = i % 2 == 0 ? await http.GetAsync(url) : await http.PostAsync(url, content);
                    var version = await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
                    lock (seen)
                    {
                        seen.Add(version);
                        done++;
                    }
                }
                catch (HttpRequestException error)
                {
                    lock (seen)
                    {
                        errors.Add(error.ToString());
                    }
                }
            }
        })).ToArray();
        foreach (var version in new[] { "two", "three" })
        {
            await cluster.Client.PatchNamespacedDeploymentAsync(new V1Patch($$$$$"""{"spec":{"template":{"spec":{"containers":[{"name":"main","env":[{"name":"VERSION","value":"{{{{{version}}}}}"}]}]}}}}""", V1Patch.PatchType.StrategicMergePatch), "web", space);
            await OutAsync(space);
            await cluster.UntilAsync(() => Task.FromResult(seen.Contains(version)), $"version {version} answers");
        }

        await stop.CancelAsync();
        await Task.WhenAll(clients);
        Assert.True(errors.Count == 0, $"{errors.Count} of {done} requests failed: {errors.FirstOrDefault()}");
        Assert.Equal(["one", "three", "two"], seen.Order());
    }

    private static async Task<string> TryAsync(HttpClient http, Uri url)
    {
        try
        {
            return await http.GetStringAsync(url);
        }
        catch (HttpRequestException)
        {
            return "";
        }
    }

    [Fact]
    public async Task NodePortAndLoadBalancer_Listen_OnLoopbackOnly()
    {
        var space = await cluster.SpaceAsync();
        await DeployAsync(space, "v", 1);
        var service = await ServiceAsync(space, spec => spec.Type = "LoadBalancer");
        await OutAsync(space);
        await cluster.UntilAsync(async () => (service = await cluster.Client.ReadNamespacedServiceAsync("web", space)).Status?.LoadBalancer?.Ingress?.Count == 1, "the load balancer has an address");
        using var http = new HttpClient();
        await cluster.UntilAsync(async () => await TryAsync(http, new Uri($"http://{service.Status.LoadBalancer.Ingress[0].Ip}:8000")) == "v", "the load balancer answers");
        await cluster.UntilAsync(async () => await TryAsync(http, new Uri($"http://127.0.0.1:{service.Spec.Ports[0].NodePort}")) == "v", "the node port answers");
        var listening = System.Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(at => at.Port == service.Spec.Ports[0].NodePort || at.Port == 8000);
        Assert.All(listening, at => Assert.True(IPAddress.IsLoopback(at.Address), at.ToString()));
    }

    [Fact]
    public async Task NodePort_TakenByAnother_IsReportedAndFreedAgain()
    {
        var space = await cluster.SpaceAsync();
        var service = await ServiceAsync(space, spec => spec.Type = "NodePort");
        await cluster.UntilAsync(async () => (service = await cluster.Client.ReadNamespacedServiceAsync("web", space)).Spec.Ports[0].NodePort is not null, "a port is chosen");
        var port = service.Spec.Ports[0].NodePort!.Value;
        var refused = await cluster.SendAsync(HttpMethod.Post, $"api/v1/namespaces/{space}/services", $$$"""{"metadata":{"name":"other"},"spec":{"type":"NodePort","ports":[{"port":1,"nodePort":{{{port}}}}]}}""");
        Assert.Equal(422, refused.Status);
        Assert.Contains("already allocated", (string)refused.Body!["message"]!);

        using var squatter = new TcpListener(IPAddress.Loopback, 0);
        var free = 0;
        await cluster.Client.DeleteNamespacedServiceAsync("web", space);
        foreach (var candidate in Enumerable.Range(32_100, 600))
        {
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, candidate);
                probe.Start();
                free = candidate;
                break;
            }
            catch (SocketException)
            {
                // Somebody's.
            }
        }

        var held = new TcpListener(IPAddress.Loopback, free);
        held.Start();
        await cluster.Client.CreateNamespacedServiceAsync(new V1Service { Metadata = new V1ObjectMeta { Name = "taken" }, Spec = new V1ServiceSpec { Type = "NodePort", Ports = [new V1ServicePort { Port = 80, NodePort = free }] } }, space);
        await cluster.UntilAsync(async () => (await cluster.Client.ReadNamespacedServiceAsync("taken", space)).Status?.Conditions?.Any(condition => condition is { Reason: "NodePortInUse", Status: "False" }) == true, "the conflict shows");
        held.Dispose();
        await cluster.UntilAsync(async () => (await cluster.Client.ReadNamespacedServiceAsync("taken", space)).Status.Conditions.Any(condition => condition is { Type: "NodePortsReady", Status: "True" }), "the port is taken once it is free");
    }

    [Fact]
    public async Task Endpoints_AreTheReadyPods()
    {
        var space = await cluster.SpaceAsync();
        await ServiceAsync(space);
        var flag = Path.Combine(cluster.Project, $"{space}.flag");
        var pod = Cluster.Script("web", "sleep 300", spec =>
        {
            spec.Containers[0].Ports = [new V1ContainerPort { Name = "http", ContainerPort = 9000 }];
            spec.Containers[0].ReadinessProbe = new V1Probe { Exec = new V1ExecAction { Command = ["test", "-f", flag] }, PeriodSeconds = 1, FailureThreshold = 1, TimeoutSeconds = 10 };
        });
        await cluster.Client.CreateNamespacedPodAsync(pod, space);
        async Task<V1Endpoint?> EndpointAsync() => (await cluster.Client.ListNamespacedEndpointSliceAsync(space, labelSelector: "kubernetes.io/service-name=web")).Items.SingleOrDefault()?.Endpoints?.SingleOrDefault();
        await cluster.UntilAsync(async () => (await EndpointAsync())?.Conditions.Ready == false, "the endpoint is there and not ready");
        await File.WriteAllTextAsync(flag, "");
        await cluster.UntilAsync(async () => (await EndpointAsync())?.Conditions.Ready == true, "the endpoint is ready");
        Assert.Equal(9000, (await cluster.Client.ListNamespacedEndpointSliceAsync(space)).Items.Single().Ports[0].Port);
        await cluster.Client.DeleteNamespacedPodAsync("web", space);
        await cluster.UntilAsync(async () => await EndpointAsync() is null, "the endpoint goes with the pod");
    }

    [Fact]
    public async Task AnyProtocol_IsPassedOn_AlsoWhereTheServerSpeaksFirst()
    {
        var space = await cluster.SpaceAsync();
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        await ServiceAsync(space, spec => (spec.Selector, spec.Ports) = (null, [new V1ServicePort { Port = 8000 }]));
        var service = await cluster.Client.ReadNamespacedServiceAsync("web", space);
        await cluster.Client.CreateNamespacedEndpointSliceAsync(new V1EndpointSlice
        {
            Metadata = new V1ObjectMeta { Name = "manual", Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = "web" } },
            AddressType = "IPv4",
            Endpoints = [new V1Endpoint { Addresses = ["127.0.0.1"] }],
            Ports = [new Discoveryv1EndpointPort { Port = ((IPEndPoint)server.LocalEndpoint).Port }],
        }, space);
        TcpClient client = null!;
        await cluster.UntilAsync(async () =>
        {
            // Until the service knows its endpoints, it closes on whoever comes.
            client?.Dispose();
            client = new TcpClient();
            try
            {
                await client.ConnectAsync(service.Spec.ClusterIP, 8000);
                await Task.Delay(300);
                return server.Pending();
            }
            catch (SocketException)
            {
                return false;
            }
        }, "the service passes a connection on");
        using var peer = await server.AcceptTcpClientAsync().WaitAsync(Cluster.Patience);
        await peer.GetStream().WriteAsync("hello"u8.ToArray());
        var buffer = new byte[5];
        await client.GetStream().ReadExactlyAsync(buffer).AsTask().WaitAsync(Cluster.Patience);
        Assert.Equal("hello"u8.ToArray(), buffer);
        await client.GetStream().WriteAsync("HELO x\r\n"u8.ToArray());
        client.Client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(peer.GetStream());
        using var closing = client;
        Assert.Equal("HELO x\r\n", await reader.ReadToEndAsync().WaitAsync(Cluster.Patience));
    }
}
