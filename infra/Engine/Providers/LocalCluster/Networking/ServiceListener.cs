using System.Net;
using System.Net.Sockets;

namespace Reco.LocalCluster.Networking;

/// <summary>Listens on one address and port of a service and hands each connection to one of its ready endpoints, in turn.</summary>
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
                await new ServiceConnection(client, ConnectAsync, IsReady).RunAsync(stopping.Token).ConfigureAwait(false);
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

    private bool IsReady(IPEndPoint endpoint) => Array.IndexOf(Volatile.Read(ref endpoints), endpoint) >= 0;

    private async Task<Socket?> ConnectAsync(IPEndPoint? notTo)
    {
        var ready = Volatile.Read(ref endpoints);
        var first = (uint)Interlocked.Increment(ref turn);
        var order = Enumerable.Range(0, ready.Length).Select(i => ready[(first + (uint)i) % (uint)ready.Length]).OrderBy(at => at.Equals(notTo));
        foreach (var at in order)
        {
            var server = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
            limit.CancelAfter(ConnectTimeout);
            try
            {
                await server.ConnectAsync(at, limit.Token).ConfigureAwait(false);
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
}
