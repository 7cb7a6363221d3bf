using System.Threading.Channels;
using Reco.Providers.Kubernetes.Cluster;

namespace Reco.Providers.Kubernetes.Awaiting;

/// <summary>Wakes a waiting operation when its object changes. The watch only says "look again": a watch that breaks, or a
/// server without one, makes waiting slower and nothing else.</summary>
internal sealed class ChangeSignal : IAsyncDisposable
{
    private readonly Channel<bool> changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource stop = new();
    private readonly TimeSpan pause;
    private readonly Task watching;

    /// <summary>Starts watching an object.</summary>
    public ChangeSignal(ClusterClient client, string collection, string name, TimeSpan pause)
    {
        this.pause = pause;
        watching = WatchAsync(client, collection, name);
    }

    /// <summary>Returns at the next change, at the latest after the pause.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(pause);
        try
        {
            await changes.Reader.ReadAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nothing new: look anyway.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync().ConfigureAwait(false);
        await watching.ConfigureAwait(false);
        stop.Dispose();
    }

    private async Task WatchAsync(ClusterClient client, string collection, string name)
    {
        try
        {
            while (true)
            {
                try
                {
                    await foreach (var _ in client.WatchAsync(collection, name, stop.Token).ConfigureAwait(false))
                    {
                        changes.Writer.TryWrite(true);
                    }
                }
                catch (Exception error) when (error is KubeApiException or HttpRequestException or IOException or System.Text.Json.JsonException)
                {
                    // Watched again after the pause.
                }

                await Task.Delay(pause, stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The wait is over.
        }
    }
}
