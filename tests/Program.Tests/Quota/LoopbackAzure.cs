using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Reco.Infra.Tests.Quota;

/// <summary>An HTTP server on the loopback that answers as Entra, a pipeline's OIDC provider and Resource Manager do.</summary>
internal sealed class LoopbackAzure : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly Task serving;
    private bool isStopped;

    public LoopbackAzure()
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/");
        }

        listener.Prefixes.Add(Address.ToString());
        listener.Start();
        serving = ServeAsync();
    }

    public Uri Address { get; }

    /// <summary>Method, path with query, Authorization header and body of each request.</summary>
    public ConcurrentQueue<(string Line, string? Authorization, string Body)> Requests { get; } = new();

    /// <summary>Status and answer by the beginning of the path; the first that fits.</summary>
    public List<(string Path, int Status, string Body)> Answers { get; } = [];

    public async ValueTask DisposeAsync()
    {
        if (isStopped)
        {
            return;
        }

        isStopped = true;
        listener.Stop();
        await serving;
        listener.Close();
    }

    private async Task ServeAsync()
    {
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var reader = new StreamReader(context.Request.InputStream);
            Requests.Enqueue(($"{context.Request.HttpMethod} {context.Request.RawUrl}", context.Request.Headers["Authorization"], await reader.ReadToEndAsync()));
            var (_, status, body) = Answers.Where(answer => context.Request.RawUrl!.StartsWith(answer.Path, StringComparison.Ordinal)).DefaultIfEmpty(("", 404, "{}")).First();
            context.Response.StatusCode = status;
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
            context.Response.Close();
        }
    }
}
