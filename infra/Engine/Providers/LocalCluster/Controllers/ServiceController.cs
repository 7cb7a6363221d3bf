using System.Net;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Kubelet;
using Reco.LocalCluster.Networking;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Controllers;

/// <summary>Gives Services their addresses and ports, publishes their endpoints, and listens for them.</summary>
internal sealed class ServiceController(ObjectStore store, AddressPool addresses, ServiceProxy proxy, EventRecorder events, TimeProvider time) : IController
{
    private const int FirstNodePort = 30_000;
    private const int LastNodePort = 32_767;
    private readonly HashSet<string> told = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task ReconcileAsync(CancellationToken cancellation)
    {
        var wanted = new Dictionary<IPEndPoint, IPEndPoint[]>();
        var nodePorts = new List<(JsonObject Service, IPEndPoint At)>();
        foreach (var listed in store.List(ResourceKinds.Service).Where(service => !service.IsDeleting()))
        {
            var service = Allocate(listed);
            var pods = Selected(service);
            Publish(service, pods);
            Warn(service);
            foreach (var port in service.Items("spec", "ports").Where(port => port.Text("protocol") is null or "TCP"))
            {
                var targets = service.Map("spec", "selector").Count > 0
                    ? pods.Where(pod => Owners.IsReady(pod) || service.Flag("spec", "publishNotReadyAddresses")).Select(pod => Target(pod, port)).OfType<IPEndPoint>().ToArray()
                    : Manual(service, port);
                if (IPAddress.TryParse(service.Text("spec", "clusterIP"), out var address) && port.Number("port") is { } number)
                {
                    wanted[new IPEndPoint(address, (int)number)] = targets;
                }

                if (port.Number("nodePort") is { } nodePort)
                {
                    var at = new IPEndPoint(IPAddress.Loopback, (int)nodePort);
                    wanted[at] = targets;
                    nodePorts.Add((service, at));
                }
            }
        }

        var problems = await proxy.SetAsync(wanted).ConfigureAwait(false);
        foreach (var (at, problem) in problems.Where(entry => !IPAddress.Loopback.Equals(entry.Key.Address)))
        {
            // For example a port below 1024, which only root may open.
            var owner = store.List(ResourceKinds.Service).FirstOrDefault(service => service.Text("spec", "clusterIP") == at.Address.ToString());
            if (owner is not null && told.Add($"{owner.Uid()}/{at}/{problem}"))
            {
                events.Record(owner, "Warning", "PortUnavailable", $"{at} cannot be opened: {problem}. Use a port from 1024 on.");
            }
        }

        foreach (var ports in nodePorts.GroupBy(entry => Owners.Key(ResourceKinds.Service, entry.Service)))
        {
            Tell(ports.Key, ports.First().Service, [.. ports.Where(entry => problems.ContainsKey(entry.At)).Select(entry => $"port {entry.At.Port} of 127.0.0.1: {problems[entry.At]}")]);
        }
    }

    /// <summary>Endpoints that somebody wrote for a service without selector.</summary>
    private IPEndPoint[] Manual(JsonObject service, JsonObject port) => [.. store.List(ResourceKinds.EndpointSlice, service.Space())
        .Where(slice => slice.Map("metadata", "labels").GetValueOrDefault("kubernetes.io/service-name") == service.Name())
        .SelectMany(slice => slice.Items("ports").Where(entry => (entry.Text("name") ?? "") == (port.Text("name") ?? "")).Take(1)
            .SelectMany(entry => slice.Items("endpoints").Where(endpoint => endpoint.At("conditions", "ready") is null || endpoint.Flag("conditions", "ready"))
                .SelectMany(endpoint => endpoint.Texts("addresses"))
                .Select(address => IPAddress.TryParse(address, out var at) && IPAddress.IsLoopback(at) && entry.Number("port") is { } number ? new IPEndPoint(at, (int)number) : null)))
        .OfType<IPEndPoint>()];

    private void Warn(JsonObject service)
    {
        var unsupported = new List<string>();
        if (service.Text("spec", "sessionAffinity") == "ClientIP")
        {
            unsupported.Add("sessionAffinity ClientIP (every client here has the same address)");
        }

        unsupported.AddRange(service.Items("spec", "ports").Where(port => port.Text("protocol") is "UDP" or "SCTP").Select(port => $"port {port.Number("port")}/{port.Text("protocol")} (services forward TCP)"));
        if (unsupported.Count > 0 && told.Add($"{service.Uid()}/{service.Number("metadata", "generation")}"))
        {
            events.Record(service, "Warning", UnenforcedController.Reason, $"not done by the local cluster: {string.Join(", ", unsupported)}");
        }
    }

    private JsonObject Allocate(JsonObject service)
    {
        var type = service.Text("spec", "type");
        if (type == "LoadBalancer" && IPAddress.TryParse(service.Text("spec", "clusterIP"), out _) && !service.Items("status", "loadBalancer", "ingress").Any())
        {
            // The service's own address is as reachable as any other here.
            var address = service.Text("spec", "clusterIP");
            service = store.UpdateStatus(Owners.Key(ResourceKinds.Service, service), status => status["loadBalancer"] = new JsonObject { ["ingress"] = new JsonArray(new JsonObject { ["ip"] = address, ["ipMode"] = "VIP" }) }) ?? service;
        }

        var needsAddress = type != "ExternalName" && service.Text("spec", "clusterIP") is null;
        var needsPorts = type is "NodePort" or "LoadBalancer" && service.Items("spec", "ports").Any(port => port.Number("nodePort") is null);
        if (!needsAddress && !needsPorts)
        {
            return service;
        }

        return store.Update(Owners.Key(ResourceKinds.Service, service), value =>
        {
            var spec = value.Member("spec");
            if (needsAddress)
            {
                spec["clusterIP"] = addresses.NextService();
                spec["clusterIPs"] = new JsonArray(spec.Text("clusterIP"));
            }

            foreach (var port in needsPorts ? spec.Items("ports").Where(port => port.Number("nodePort") is null) : [])
            {
                port["nodePort"] = FreeNodePort();
            }
        }) ?? service;
    }

    private int FreeNodePort()
    {
        var used = store.List(ResourceKinds.Service).SelectMany(service => service.Items("spec", "ports")).Select(port => port.Number("nodePort")).ToHashSet();
        var listening = System.Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(at => (long?)at.Port).ToHashSet();
        var start = Random.Shared.Next(FirstNodePort, LastNodePort + 1);
        return Enumerable.Range(0, LastNodePort - FirstNodePort + 1).Select(step => FirstNodePort + ((start - FirstNodePort + step) % (LastNodePort - FirstNodePort + 1)))
            .First(port => !used.Contains(port) && !listening.Contains(port));
    }

    private JsonObject[] Selected(JsonObject service)
    {
        var selector = service.Map("spec", "selector");
        return selector.Count == 0 ? [] : [.. store.List(ResourceKinds.Pod, service.Space()).Where(pod => !Owners.HasEnded(pod)
            && pod.Text("status", "podIP") is not null && pod.Map("metadata", "labels").Matches(selector))];
    }

    private static IPEndPoint? Target(JsonObject pod, JsonObject port) =>
        TargetPort(pod, port) is { } number && IPAddress.TryParse(pod.Text("status", "podIP"), out var address) ? new IPEndPoint(address, number) : null;

    private static int? TargetPort(JsonObject pod, JsonObject port)
    {
        if (port.Number("targetPort") is { } number)
        {
            return (int)number;
        }

        var name = port.Text("targetPort");
        return int.TryParse(name, out var parsed) ? parsed
            : name is null ? (int?)port.Number("port")
            : (int?)pod.Items("spec", "containers").SelectMany(container => container.Items("ports")).FirstOrDefault(entry => entry.Text("name") == name).Number("containerPort");
    }

    private void Publish(JsonObject service, JsonObject[] pods)
    {
        if (service.Map("spec", "selector").Count == 0)
        {
            return;
        }

        var endpoints = new JsonArray([.. pods.OrderBy(pod => pod.Text("status", "podIP"), StringComparer.Ordinal).Select(pod => new JsonObject
        {
            ["addresses"] = new JsonArray(pod.Text("status", "podIP")),
            ["conditions"] = new JsonObject { ["ready"] = Owners.IsReady(pod), ["serving"] = Owners.Condition(pod, "Ready").Text("status") == "True", ["terminating"] = pod.IsDeleting() },
            ["nodeName"] = Expansion.NodeName,
            ["targetRef"] = new JsonObject { ["kind"] = "Pod", ["name"] = pod.Name(), ["namespace"] = pod.Space(), ["uid"] = pod.Uid() },
        })]);
        var sample = pods.FirstOrDefault();
        var ports = new JsonArray([.. service.Items("spec", "ports").Select(port => new JsonObject
        {
            ["name"] = port.Text("name") ?? "",
            ["protocol"] = port.Text("protocol") ?? "TCP",
            ["port"] = sample is null ? null : TargetPort(sample, port),
        })]);
        var name = $"{service.Name()}-local";
        var key = new ObjectKey(ResourceKinds.EndpointSlice, service.Space(), name);
        if (store.Get(key) is null)
        {
            store.Create(ResourceKinds.EndpointSlice, new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["name"] = name,
                    ["namespace"] = service.Space(),
                    ["labels"] = new JsonObject { ["kubernetes.io/service-name"] = service.Name() },
                    ["ownerReferences"] = Owners.Reference(service),
                },
                ["addressType"] = "IPv4",
                ["endpoints"] = endpoints,
                ["ports"] = ports,
            });
            return;
        }

        store.Update(key, slice => (slice["endpoints"], slice["ports"]) = (endpoints, ports));
    }

    private void Tell(ObjectKey key, JsonObject service, string[] problems)
    {
        var message = string.Join("; ", problems);
        store.UpdateStatus(key, status => PodWorker.SetCondition(status, ServiceProxy.PortsCondition, problems.Length == 0, time.GetUtcNow().Stamp(),
            problems.Length == 0 ? "Listening" : "NodePortInUse", problems.Length == 0 ? null : message));
        if (problems.Length > 0)
        {
            events.Record(service, "Warning", "NodePortInUse", message);
        }
    }
}
