using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Reco.Training.Packaging;

namespace Reco.Training.Tests.Packaging;

public sealed class TriggerQueueTests : IAsyncLifetime
{
    private const string Message = "<?xml version=\"1.0\"?><QueueMessagesList><QueueMessage><MessageId>id-1</MessageId><PopReceipt>re+ceipt=</PopReceipt></QueueMessage></QueueMessagesList>";

    private readonly HttpListener listener = new();
    private readonly string file = Path.GetTempFileName();
    private readonly ConcurrentQueue<(string Line, string? Authorization, string? Version, string Body)> requests = new();
    private readonly Uri address;
    private readonly Task serving;
    private Func<string, (int Status, string Body)> answer = line => line switch
    {
        ['P', ..] => (200, """{"access_token":"storage-token"}"""),
        ['G', ..] => (200, Message),
        _ => (204, ""),
    };

    public TriggerQueueTests()
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            address = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/");
        }

        listener.Prefixes.Add(address.ToString());
        listener.Start();
        File.WriteAllText(file, "pod-says\n");
        serving = ServeAsync();
    }

    [Fact]
    public async Task Take_OneMessage_TradesThePodsTokenAndDeletesIt()
    {
        Assert.True(await Queue().TakeAsync(CancellationToken.None));
        var seen = requests.ToArray();
        Assert.Equal(["POST /tenant/oauth2/v2.0/token", "GET /retrain/messages?numofmessages=1&visibilitytimeout=60", "DELETE /retrain/messages/id-1?popreceipt=re%2Bceipt%3D"], seen.Select(request => request.Line));
        Assert.Contains("client_assertion=pod-says&", seen[0].Body, StringComparison.Ordinal);
        Assert.All(seen[1..], request => Assert.Equal(("Bearer storage-token", "2024-11-04"), (request.Authorization, request.Version)));
    }

    [Fact]
    public async Task Take_EmptyQueue_IsNoFailure()
    {
        answer = line => line[0] == 'P' ? (200, """{"access_token":"t"}""") : (200, "<QueueMessagesList />");
        Assert.False(await Queue().TakeAsync(CancellationToken.None));
        Assert.Equal(2, requests.Count);
    }

    [Theory]
    [InlineData('G', 403, "", "the queue answered 403 Forbidden")]
    [InlineData('P', 401, "", "Entra answered 401 Unauthorized")]
    [InlineData('P', 200, "{}", "Entra answered without a token")]
    [InlineData('G', 200, "{}", "did not answer in XML")]
    public async Task Take_Refused_SaysByWhom(char method, int status, string body, string expected)
    {
        var usual = answer;
        answer = line => line[0] == method ? (status, body) : usual(line);
        Assert.Contains(expected, (await Assert.ThrowsAsync<TrainingException>(() => Queue().TakeAsync(CancellationToken.None))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Take_WithoutIdentity_SaysWhatIsMissing() =>
        Assert.Contains("AZURE_CLIENT_ID is not set", (await Assert.ThrowsAsync<TrainingException>(() => new TriggerQueue($"{address}retrain", _ => null, TimeProvider.System).TakeAsync(CancellationToken.None))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("http://shop.queue.core.windows.net/retrain")]
    [InlineData("https://shop.queue.core.windows.net/")]
    [InlineData("retrain")]
    public void Address_OfNoQueue_IsRefused(string text) => Assert.Throws<TrainingException>(() => new TriggerQueue(text, _ => null, TimeProvider.System));

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        listener.Stop();
        await serving;
        listener.Close();
        File.Delete(file);
    }

    private TriggerQueue Queue() => new($"{address}retrain", name => name switch
    {
        "AZURE_CLIENT_ID" => "client",
        "AZURE_TENANT_ID" => "tenant",
        "AZURE_FEDERATED_TOKEN_FILE" => file,
        "AZURE_AUTHORITY_HOST" => address.ToString(),
        _ => null,
    }, TimeProvider.System);

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
            var line = $"{context.Request.HttpMethod} {context.Request.RawUrl}";
            requests.Enqueue((line, context.Request.Headers["Authorization"], context.Request.Headers["x-ms-version"], await reader.ReadToEndAsync()));
            var (status, body) = answer(line);
            context.Response.StatusCode = status;
            if (status != 204)
            {
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
            }

            context.Response.Close();
        }
    }
}
