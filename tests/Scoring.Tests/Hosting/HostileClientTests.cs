using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Reco.Scoring.Tests.Hosting;

/// <summary>Clients that misbehave on the socket.</summary>
public sealed class HostileClientTests
{
    [Fact]
    public async Task OversizedBody_Is413()
    {
        await using var host = await ScoringHost.StartAsync("--Reco:Limits:BodyBytes=2048");
        Assert.NotEmpty(await host.FailAsync(HttpStatusCode.RequestEntityTooLarge, "/v1/recommend", $$$"""{"user":"{{{new string('x', 5_000)}}}"}"""));
        await host.GetAsync("/v1/recommend?user=u1");
    }

    [Fact]
    public async Task SlowHeaders_AreCutOffAndOthersServed()
    {
        await using var host = await ScoringHost.StartAsync("--Reco:Limits:HeaderTimeout=00:00:01");
        using var slow = await ConnectAsync(host);
        await slow.SendAsync("GET /v1/recommend HTTP/1.1\r\nHost: x\r\n"u8.ToArray());
        await host.GetAsync("/v1/recommend?user=u1");
        var answer = await ReadToEndAsync(slow);
        Assert.True(answer.Length == 0 || answer.Contains(" 408 ", StringComparison.Ordinal), answer);
    }

    [Fact]
    public async Task VanishingClients_LeaveTheServiceWhole()
    {
        await using var host = await ScoringHost.StartAsync();
        for (var i = 0; i < 50; i++)
        {
            using var client = await ConnectAsync(host);
            var questions = string.Join(',', Enumerable.Repeat("""{"user":"u1","k":90}""", 50));
            var body = "{\"requests\":[" + questions + "]}";
            await client.SendAsync(Encoding.ASCII.GetBytes($"POST /v1/recommend HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {body.Length + (i % 2)}\r\n\r\n{body}"));

            // Half of them before the body is complete, half before the answer.
            client.LingerState = new LingerOption(true, 0);
        }

        await host.GetAsync("/v1/recommend?user=u1");
        Assert.DoesNotContain("status=\"500\"", await host.Client.GetStringAsync("/metrics"));
    }

    [Fact]
    public async Task TooManyAtOnce_Are429WithRetryAfter()
    {
        await using var host = await ScoringHost.StartAsync("--Reco:Limits:Requests=1");
        using var first = await ConnectAsync(host);
        await first.SendAsync("POST /v1/recommend HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"u8.ToArray());
        HttpResponseMessage? refused = null;
        for (var attempt = 0; attempt < 200 && refused?.StatusCode != HttpStatusCode.TooManyRequests; attempt++)
        {
            refused = await host.Client.GetAsync("/v1/recommend?user=u1");
            await Task.Delay(10);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, refused!.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);

        // Probes are not counted: a busy pod must not be restarted.
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync("/v2/health/ready")).StatusCode);
    }

    [Fact]
    public async Task Garbage_InsteadOfHttp_IsRefused()
    {
        await using var host = await ScoringHost.StartAsync();
        using var client = await ConnectAsync(host);
        await client.SendAsync("\0\x16\x03 what is this\r\n\r\n"u8.ToArray());
        Assert.Contains("400", await ReadToEndAsync(client));
        await host.GetAsync("/v1/recommend?user=u1");
    }

    private static async Task<Socket> ConnectAsync(ScoringHost host)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(host.Address.Host, host.Address.Port);
        return socket;
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, limit.Token) is > 0 and var count)
            {
                text.Append(Encoding.ASCII.GetString(buffer, 0, count));
            }
        }
        catch (SocketException)
        {
            // Reset by the service: cut off as well.
        }

        return text.ToString();
    }
}
