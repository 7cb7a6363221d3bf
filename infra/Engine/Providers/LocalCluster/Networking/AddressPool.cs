using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Networking;

/// <summary>Addresses of pods and services. All of 127.0.0.0/8 is this machine, so every pod can have an address of its own,
/// and two pods may listen on the same port. Each cluster has networks of its own, chosen by its state folder: pods from
/// 127.64.0.0/10, services from 127.128.0.0/10. Pods with a host name behind a headless service keep their address from one
/// pod to the next.</summary>
internal sealed class AddressPool
{
    private readonly Lock gate = new();
    private readonly ObjectStore store;
    private readonly string podNetwork;
    private readonly string serviceNetwork;
    private readonly string hostsFile;
    private readonly Dictionary<string, string> hosts = new(StringComparer.Ordinal);
    private int lastPod;

    /// <summary>Chooses the networks.</summary>
    public AddressPool(ObjectStore store, string state)
    {
        this.store = store;
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(state));
        podNetwork = $"127.{64 + (hash[0] & 63)}.{hash[1]}.";
        serviceNetwork = $"127.{128 + (hash[0] & 63)}.{hash[1]}.";
        hostsFile = Path.Combine(state, "hosts.json");
        try
        {
            hosts = File.Exists(hostsFile) ? JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(hostsFile)) ?? hosts : hosts;
        }
        catch (JsonException)
        {
            // Half written when the machine stopped: hosts get new addresses.
        }
    }

    /// <summary>An address for a pod: that of its host name where it has one, else a free one. Addresses of pods that are gone
    /// come last, so that nobody meets a stranger.</summary>
    /// <exception cref="ApiException">There are 254 pods.</exception>
    public string NextPod(JsonObject pod)
    {
        lock (gate)
        {
            if (pod.Text("spec", "hostname") is { Length: > 0 } host && pod.Text("spec", "subdomain") is { Length: > 0 } service)
            {
                // The pod before may still be ending: two of one name are neighbours for a while. The pod itself may have the
                // address already, where it is asked for a second time.
                var own = ForHost(pod.Space(), service, host);
                return store.List(ResourceKinds.Pod).Any(other => other.Uid() != pod.Uid() && other.Text("status", "podIP") == own && !Controllers.Owners.HasEnded(other)) ? NextPod() : own;
            }

            return NextPod();
        }
    }

    /// <summary>The address of a host name behind a headless service.</summary>
    public string ForHost(string space, string service, string host)
    {
        lock (gate)
        {
            var key = $"{space}/{service}/{host}";
            if (hosts.TryGetValue(key, out var known))
            {
                return known;
            }

            foreach (var gone in hosts.Keys.Where(name => name.Split('/') is not [var at, var of, _] || store.Get(new ObjectKey(ResourceKinds.Service, at, of)) is null).ToArray())
            {
                hosts.Remove(gone);
            }

            hosts[key] = NextPod();
            File.WriteAllText(hostsFile, JsonSerializer.Serialize(hosts));
            return hosts[key];
        }
    }

    /// <summary>A free address for a service.</summary>
    public string NextService()
    {
        lock (gate)
        {
            var used = store.List(ResourceKinds.Service).Select(service => service.Text("spec", "clusterIP")).ToHashSet();
            return Enumerable.Range(1, 254).Select(number => serviceNetwork + number).FirstOrDefault(address => !used.Contains(address))
                ?? throw new ApiException(507, "TooManyServices", "the local cluster has no address left: it has at most 254 services");
        }
    }

    private string NextPod()
    {
        // Ended pods do not listen any more.
        var used = store.List(ResourceKinds.Pod).Where(pod => !Controllers.Owners.HasEnded(pod)).Select(pod => pod.Text("status", "podIP")).Concat(hosts.Values).ToHashSet();
        for (var i = 0; i < 254; i++)
        {
            lastPod = (lastPod % 254) + 1;
            if (!used.Contains(podNetwork + lastPod))
            {
                return podNetwork + lastPod;
            }
        }

        throw new ApiException(507, "TooManyPods", "the local cluster has no address left: it runs at most 254 pods");
    }
}
