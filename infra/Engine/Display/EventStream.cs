using System.Threading.Channels;
using Grpc.Core;
using Grpc.Net.Client;
using Reco.Protocol;

namespace Reco.Engine.Display;

/// <summary>Streams events to whoever started the engine (the Automation API), over its <c>Events</c> service.</summary>
internal sealed class EventStream : IAsyncDisposable
{
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(10);
    private readonly Channel<string> waiting = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private readonly GrpcChannel connection;
    private readonly Task sending;

    private EventStream(GrpcChannel connection)
    {
        this.connection = connection;
        sending = SendAsync();
    }

    /// <summary>Connects.</summary>
    /// <exception cref="EngineException">Nobody listens there.</exception>
    public static async Task<EventStream> OpenAsync(string address, CancellationToken cancellation)
    {
        if (!Uri.TryCreate($"http://{address}", UriKind.Absolute, out var uri))
        {
            throw new EngineException($"--event-log: '{address}' is no HOST:PORT", 2);
        }

        var connection = GrpcChannel.ForAddress(uri);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(ConnectTime);
        try
        {
            await connection.ConnectAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            connection.Dispose();
            throw new EngineException($"--event-log: nobody listens at {address}", 1);
        }

        return new EventStream(connection);
    }

    /// <summary>Sends an event, after those before it.</summary>
    public void Write(string line) => waiting.Writer.TryWrite(line);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await sending;
        connection.Dispose();
    }

    private async Task SendAsync()
    {
        try
        {
            using var call = new Reco.Protocol.Events.EventsClient(connection).StreamEvents();
            await foreach (var line in waiting.Reader.ReadAllAsync())
            {
                await call.RequestStream.WriteAsync(new EventRequest { Event = line });
            }

            await call.RequestStream.CompleteAsync();
            await call.ResponseAsync.WaitAsync(EndTime);
        }
        catch (Exception error) when (error is RpcException or IOException or InvalidOperationException or TimeoutException)
        {
            // Whoever listened is gone: the run is not theirs to fail.
        }
    }
}
