using System.Collections.Concurrent;

namespace Reco.EndToEnd;

/// <summary>Clients that call the service without a pause, on kept-alive connections, and note every request that did not
/// succeed.</summary>
internal sealed class LoadDuringRollout : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<string> failures = new();
    private readonly Task[] clients;
    private int requests;

    public LoadDuringRollout(string url, int clients)
    {
        this.clients = [.. Enumerable.Range(0, clients).Select(_ => Task.Run(() => CallAsync(url)))];
    }

    /// <summary>Requests so far.</summary>
    public int Requests => Volatile.Read(ref requests);

    /// <summary>What went wrong so far.</summary>
    public IReadOnlyCollection<string> Failures => failures;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(clients);
        stop.Dispose();
    }

    private async Task CallAsync(string url)
    {
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1 }) { Timeout = TimeSpan.FromSeconds(10) };
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var response = await client.GetAsync(url, CancellationToken.None);
                var body = await response.Content.ReadAsStringAsync(CancellationToken.None);
                if (!response.IsSuccessStatusCode)
                {
                    failures.Enqueue($"{(int)response.StatusCode}: {body}");
                }
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
            {
                failures.Enqueue(error.ToString());
            }

            Interlocked.Increment(ref requests);
            await Task.Delay(5);
        }
    }
}
