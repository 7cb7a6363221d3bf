using System.Net;
using System.Net.Sockets;

namespace Reco.LocalCluster.Networking;

/// <summary>One client of a service. Any protocol is passed on to one endpoint until either side ends it. A client that speaks
/// HTTP/1.1 keeps its connection when its endpoint goes: its next request goes to one that is ready, and a request that the
/// endpoint closed on without answering goes to another (RFC 9110, 9.2.2), so that a rolling update drops no request.</summary>
/// <param name="client">The client's connection.</param>
/// <param name="connect">Connects to an endpoint, if possible another than the given one.</param>
/// <param name="isReady">Whether an endpoint is to get new requests.</param>
internal sealed class ServiceConnection(Socket client, Func<IPEndPoint?, Task<Socket?>> connect, Func<IPEndPoint, bool> isReady)
{
    private const int BufferBytes = 16 * 1024;
    private const int MostRepeats = 3;
    private readonly byte[] fromClient = new byte[BufferBytes];
    private readonly byte[] fromServer = new byte[BufferBytes];
    private Socket? server;
    private IPEndPoint? endpoint;
    private HttpTurn turn = new();
    private int repeats;

    /// <summary>Serves until an end.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            // Some protocols' servers speak first: so the endpoint is there before the client says anything.
            if (!await ConnectAsync(null).ConfigureAwait(false))
            {
                return;
            }

            var reading = client.ReceiveAsync(fromClient, cancellation).AsTask();
            var answering = server!.ReceiveAsync(fromServer, cancellation).AsTask();
            for (var tries = 0; await Task.WhenAny(reading, answering).ConfigureAwait(false) == answering; tries++)
            {
                if (await ResultAsync(answering).ConfigureAwait(false) > 0 || tries >= MostRepeats)
                {
                    await CopyAsync(reading, answering, cancellation).ConfigureAwait(false);
                    return;
                }

                // It was just closing when it was connected to: nothing has been said yet, so another one will do.
                if (!await ConnectAsync(endpoint).ConfigureAwait(false))
                {
                    return;
                }

                answering = server!.ReceiveAsync(fromServer, cancellation).AsTask();
            }

            if (!HttpTurn.IsRequest(fromClient.AsSpan(0, await reading.ConfigureAwait(false))))
            {
                await CopyAsync(reading, answering, cancellation).ConfigureAwait(false);
                return;
            }

            await ServeHttpAsync(reading, answering, cancellation).ConfigureAwait(false);
        }
        finally
        {
            server?.Dispose();
        }
    }

    private async Task<bool> ConnectAsync(IPEndPoint? notTo)
    {
        server?.Dispose();
        server = await connect(notTo).ConfigureAwait(false);
        endpoint = server?.RemoteEndPoint as IPEndPoint;
        return server is not null;
    }

    private async Task ServeHttpAsync(Task<int> reading, Task<int> answering, CancellationToken cancellation)
    {
        Task<int>? answer = answering;
        Task<int>? ask = reading;
        var clientIsDone = false;
        while (true)
        {
            Task<int>[] pending = [.. new[] { ask, answer }.OfType<Task<int>>()];
            var first = pending.Length == 0 ? null : await Task.WhenAny(pending).ConfigureAwait(false);
            if (first is null)
            {
                return;
            }

            if (first == ask)
            {
                var count = await ask!.ConfigureAwait(false);
                if (count == 0)
                {
                    if (server is null || answer is null)
                    {
                        return;
                    }

                    (clientIsDone, ask) = (true, null);
                    server.Shutdown(SocketShutdown.Send);
                    continue;
                }

                (var goesOn, answer) = await AskAsync(count, answer, cancellation).ConfigureAwait(false);
                if (!goesOn)
                {
                    return;
                }

                ask = client.ReceiveAsync(fromClient, cancellation).AsTask();
                continue;
            }

            var got = await ResultAsync(answer!).ConfigureAwait(false);
            if (got > 0)
            {
                turn.AddAnswer(fromServer.AsSpan(0, got));
                await SendAsync(client, fromServer.AsMemory(0, got), cancellation).ConfigureAwait(false);
                answer = server!.ReceiveAsync(fromServer, cancellation).AsTask();
                continue;
            }

            // The endpoint has closed.
            if (!clientIsDone && turn.HasRequest && !turn.HasAnswer)
            {
                if (!await RepeatAsync(cancellation).ConfigureAwait(false))
                {
                    return;
                }

                answer = server!.ReceiveAsync(fromServer, cancellation).AsTask();
            }
            else if (!clientIsDone && (turn.IsComplete || !turn.HasRequest))
            {
                server!.Dispose();
                (server, answer) = (null, null);
            }
            else
            {
                client.Shutdown(SocketShutdown.Send);
                return;
            }
        }
    }

    /// <summary>Passes bytes of the client on.</summary>
    private async Task<(bool GoesOn, Task<int>? Answer)> AskAsync(int count, Task<int>? answer, CancellationToken cancellation)
    {
        var isNew = turn.HasAnswer || !turn.HasRequest;
        if (isNew)
        {
            var wasComplete = turn.IsComplete || !turn.HasRequest;
            turn = turn.IsOpaque ? turn : new HttpTurn();
            repeats = 0;

            // Between two requests the endpoint may change: to one that is ready, from one that is leaving.
            if (server is null || (wasComplete && endpoint is not null && !isReady(endpoint)))
            {
                var next = await connect(endpoint).ConfigureAwait(false);
                if (next is not null)
                {
                    server?.Dispose();
                    (server, endpoint) = (next, next.RemoteEndPoint as IPEndPoint);
                    answer = server.ReceiveAsync(fromServer, cancellation).AsTask();
                }
                else if (server is null)
                {
                    return (false, null);
                }
            }
        }

        turn.AddRequest(fromClient.AsSpan(0, count));
        try
        {
            await SendAsync(server!, fromClient.AsMemory(0, count), cancellation).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            if (!await RepeatAsync(cancellation).ConfigureAwait(false))
            {
                return (false, null);
            }

            answer = server!.ReceiveAsync(fromServer, cancellation).AsTask();
        }

        return (true, answer);
    }

    private async Task<bool> RepeatAsync(CancellationToken cancellation)
    {
        while (repeats++ < MostRepeats && turn.MayRepeat(endpoint is null || !isReady(endpoint)) && await ConnectAsync(endpoint).ConfigureAwait(false))
        {
            try
            {
                await SendAsync(server!, turn.Request, cancellation).ConfigureAwait(false);
                return true;
            }
            catch (SocketException)
            {
                // That one is going, too.
            }
        }

        return false;
    }

    private async Task CopyAsync(Task<int> reading, Task<int> answering, CancellationToken cancellation) =>
        await Task.WhenAll(PumpAsync(client, server!, fromClient, reading, cancellation), PumpAsync(server!, client, fromServer, answering, cancellation)).ConfigureAwait(false);

    private static async Task PumpAsync(Socket from, Socket to, byte[] buffer, Task<int> reading, CancellationToken cancellation)
    {
        int read;
        while ((read = await reading.ConfigureAwait(false)) > 0)
        {
            await SendAsync(to, buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
            reading = from.ReceiveAsync(buffer, cancellation).AsTask();
        }

        to.Shutdown(SocketShutdown.Send);
    }

    private static async Task<int> ResultAsync(Task<int> receiving)
    {
        try
        {
            return await receiving.ConfigureAwait(false);
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    private static async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += await to.SendAsync(bytes[sent..], cancellation).ConfigureAwait(false);
        }
    }
}
