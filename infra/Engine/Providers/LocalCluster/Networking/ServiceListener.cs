using System.Net;
using System.Net.Sockets;

namespace Reco.LocalCluster.Networking;

/// <summary>Listens on one address and port of a service and hands each connection to one of its ready endpoints, in turn.
/// Connections that are open stay where they are when the endpoints change, as with kube-proxy.</summary>
internal sealed class ServiceListener : IAsyncDisposable
{
    private const int MostConnections = 2_048;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);
    private readonly Socket socket;
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim slots = new(MostConnections);
    private readonly Task accepting;
    private IPEndPoint[] endpoints = [];
    private int turn;

    private ServiceListener(Socket socket)
    {
        this.socket = socket;
        accepting = AcceptAsync();
    }

    /// <summary>Begins to listen.</summary>
    /// <exception cref="SocketException">The port is in use.</exception>
    public static ServiceListener Start(IPEndPoint at)
    {
        var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(at);
            socket.Listen(512);
            return new ServiceListener(socket);
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sets where connections go from now on.</summary>
    public void SetEndpoints(IPEndPoint[] ready) => Volatile.Write(ref endpoints, ready);

    /// <summary>Closes the port and its connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        socket.Dispose();
        await accepting.ConfigureAwait(false);
    }

    private async Task AcceptAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await slots.WaitAsync(stopping.Token).ConfigureAwait(false);
                var client = await socket.AcceptAsync(stopping.Token).ConfigureAwait(false);
                _ = ServeAsync(client);
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // The client went away between its knock and the answer.
                slots.Release();
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        try
        {
            using (client)
            {
                client.NoDelay = true;
                using var server = await ConnectAsync().ConfigureAwait(false);
                if (server is not null)
                {
                    await Task.WhenAll(PumpAsync(client, server), PumpAsync(server, client)).ConfigureAwait(false);
                }
            }
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side is gone; the other learns it by the end of its connection.
        }
        finally
        {
            slots.Release();
        }
    }

    private async Task<Socket?> ConnectAsync()
    {
        var ready = Volatile.Read(ref endpoints);
        var first = (uint)Interlocked.Increment(ref turn);
        for (var i = 0u; i < ready.Length; i++)
        {
            var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
            limit.CancelAfter(ConnectTimeout);
            try
            {
                await server.ConnectAsync(ready[(first + i) % (uint)ready.Length], limit.Token).ConfigureAwait(false);
                return server;
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException && !stopping.IsCancellationRequested)
            {
                // This one is just going away: the next one.
                server.Dispose();
            }
        }

        return null;
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await from.ReceiveAsync(buffer, stopping.Token).ConfigureAwait(false)) > 0)
        {
            for (var sent = 0; sent < read;)
            {
                sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), stopping.Token).ConfigureAwait(false);
            }
        }

        to.Shutdown(SocketShutdown.Send);
    }
}
