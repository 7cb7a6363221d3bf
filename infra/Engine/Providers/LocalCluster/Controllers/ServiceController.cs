using System.Net;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Kubelet;
using Reco.LocalCluster.Networking;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Controllers;

/// <summary>Gives Services their addresses and ports, publishes their endpoints, and listens for them.</summary>
internal sealed class ServiceController(ObjectStore store, AddressPool addresses, ServiceProxy proxy, EventRecorder events, TimeProvider time) : IController
{
    private const string PortsCondition = "NodePortsReady";
    private const int FirstNodePort = 30_000;
    private const int LastNodePort = 32_767;

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
            foreach (var port in service.Items("spec", "ports").Where(port => port.Text("protocol") is null or "TCP"))
            {
                var targets = pods.Where(Owners.IsReady).Select(pod => Target(pod, port)).OfType<IPEndPoint>().ToArray();
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
        foreach (var ports in nodePorts.GroupBy(entry => Owners.Key(ResourceKinds.Service, entry.Service)))
        {
            Tell(ports.Key, ports.First().Service, [.. ports.Where(entry => problems.ContainsKey(entry.At)).Select(entry => $"port {entry.At.Port} of 127.0.0.1: {problems[entry.At]}")]);
        }
    }

    private JsonObject Allocate(JsonObject service)
    {
        var type = service.Text("spec", "type");
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
        store.UpdateStatus(key, status => PodWorker.SetCondition(status, PortsCondition, problems.Length == 0, time.GetUtcNow().Stamp(),
            problems.Length == 0 ? "Listening" : "NodePortInUse", problems.Length == 0 ? null : message));
        if (problems.Length > 0)
        {
            events.Record(service, "Warning", "NodePortInUse", message);
        }
    }
}
