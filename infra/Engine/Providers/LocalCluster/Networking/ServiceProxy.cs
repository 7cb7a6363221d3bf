using System.Net;
using System.Net.Sockets;

namespace Reco.LocalCluster.Networking;

/// <summary>Every listener of every service.</summary>
internal sealed class ServiceProxy : IAsyncDisposable
{
    /// <summary>Condition of a Service: whether its node ports are listened on; <c>Unknown</c> until that was tried.</summary>
    public const string PortsCondition = "NodePortsReady";

    private readonly Dictionary<IPEndPoint, ServiceListener> listeners = [];

    /// <summary>Sets what is to be listened on, and where it leads.</summary>
    /// <returns>Addresses that could not be opened, with the reason.</returns>
    public async Task<IReadOnlyDictionary<IPEndPoint, string>> SetAsync(IReadOnlyDictionary<IPEndPoint, IPEndPoint[]> wanted)
    {
        foreach (var gone in listeners.Keys.Where(at => !wanted.ContainsKey(at)).ToArray())
        {
            listeners.Remove(gone, out var listener);
            await listener!.DisposeAsync().ConfigureAwait(false);
        }

        var problems = new Dictionary<IPEndPoint, string>();
        foreach (var (at, endpoints) in wanted)
        {
            if (!listeners.TryGetValue(at, out var listener))
            {
                try
                {
                    listeners[at] = listener = ServiceListener.Start(at);
                }
                catch (SocketException error)
                {
                    problems[at] = error.SocketErrorCode == SocketError.AddressAlreadyInUse ? "it is in use by another program" : error.Message;
                    continue;
                }
            }

            listener.SetEndpoints(endpoints);
        }

        return problems;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var listener in listeners.Values)
        {
            await listener.DisposeAsync().ConfigureAwait(false);
        }

        listeners.Clear();
    }
}
