using System.Security.Cryptography;
using System.Text;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Networking;

/// <summary>Addresses of pods and services. All of 127.0.0.0/8 is this machine, so every pod can have an address of its own,
/// and two pods may listen on the same port. Each cluster has networks of its own, chosen by its state folder: pods from
/// 127.64.0.0/10, services from 127.128.0.0/10.</summary>
internal sealed class AddressPool
{
    private readonly Lock gate = new();
    private readonly ObjectStore store;
    private readonly string podNetwork;
    private readonly string serviceNetwork;
    private int lastPod;

    /// <summary>Chooses the networks.</summary>
    public AddressPool(ObjectStore store, string state)
    {
        this.store = store;
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(state));
        podNetwork = $"127.{64 + (hash[0] & 63)}.{hash[1]}.";
        serviceNetwork = $"127.{128 + (hash[0] & 63)}.{hash[1]}.";
    }

    /// <summary>A free address for a pod. Addresses of pods that are gone come last, so that nobody meets a stranger.</summary>
    /// <exception cref="ApiException">There are 254 pods.</exception>
    public string NextPod()
    {
        lock (gate)
        {
            var used = store.List(ResourceKinds.Pod).Select(pod => pod.Text("status", "podIP")).ToHashSet();
            for (var i = 0; i < 254; i++)
            {
                lastPod = (lastPod % 254) + 1;
                if (!used.Contains(podNetwork + lastPod))
                {
                    return podNetwork + lastPod;
                }
            }
        }

        throw new ApiException(507, "TooManyPods", "the local cluster has no address left: it runs at most 254 pods");
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
}
