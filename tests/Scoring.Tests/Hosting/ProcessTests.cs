using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Grpc.Net.Client;
using Reco.Scoring.Protocols.OpenInference.Grpc;

namespace Reco.Scoring.Tests.Hosting;

/// <summary>The service as the process that a pod runs.</summary>
public sealed partial class ProcessTests : IDisposable
{
    private readonly string store = Directory.CreateTempSubdirectory("reco-scoring-").FullName;

    public void Dispose() => Directory.Delete(store, recursive: true);

    [Fact]
    public async Task Sigterm_UnderLoad_DrainsWithoutAFailedRequest()
    {
        var manifest = await BundleMaker.PublishAsync(store, 1);
        var url = FreeUrl();
        using var process = Start(url, $"shop/{manifest.Version}", "RECO_DRAIN__DELAY=00:00:01");
        using var client = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(30) };
        await ReadyAsync(client, process);
        var answered = 0;
        var load = Task.Run(async () =>
        {
            // What a load balancer does: it sends until the service says that it is not ready.
            while ((await client.GetAsync("/v2/health/ready")).IsSuccessStatusCode)
            {
                Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v1/recommend?user=u1&k=90")).StatusCode);
                answered++;
            }
        });
        await Task.Delay(300);
        Assert.Equal(0, Kill(process.Id, 15));
        await load;
        Assert.True(answered > 0);

        // Not ready, but whoever comes late is still answered.
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v1/recommend?user=u1")).StatusCode);
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task Sigterm_OverHttp2_SendsClientsToAnotherConnectionWithoutAFailedCall()
    {
        var manifest = await BundleMaker.PublishAsync(store, 1);
        var (url, grpcUrl) = (FreeUrl(), FreeUrl());
        using var process = Start(url, $"shop/{manifest.Version}", $"RECO_GRPCURL={grpcUrl}", "RECO_DRAIN__DELAY=00:00:03");
        using var client = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(30) };
        await ReadyAsync(client, process);
        var connections = 0;
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellation) =>
            {
                Interlocked.Increment(ref connections);
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var channel = GrpcChannel.ForAddress(grpcUrl, new() { HttpHandler = handler });
        var grpc = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        Assert.True((await grpc.ServerReadyAsync(new())).Ready);
        Assert.True((await grpc.ServerReadyAsync(new())).Ready);
        Assert.Equal(1, connections);

        // One client calls all the time, as behind a proxy that knows nothing of calls; none of them fails.
        Assert.Equal(0, Kill(process.Id, 15));
        for (var ready = true; ready;)
        {
            ready = (await grpc.ServerReadyAsync(new())).Ready;
        }

        // The message may still be on its way when the answer is there; the drain lasts longer than these calls.
        for (var call = 0; call == 0 || (connections == 1 && call < 100); call++)
        {
            Assert.True((await grpc.ServerLiveAsync(new())).Live);
            await Task.Delay(10);
        }

        Assert.True(connections > 1, "the client stays on the connection to the pod that goes");
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
        Assert.Equal(0, process.ExitCode);
    }

    [Theory]
    [InlineData("RECO_PRECISION=int9", 2, "fp32")]
    [InlineData("RECO_MODEL=", 2, "RECO_MODEL")]
    [InlineData("RECO_STORE=/no/such/folder", 2, "/no/such/folder")]
    [InlineData("RECO_MODEL=shop/none", 1, "shop/none")]
    [InlineData("RECO_LIMITS__K=many", 2, "Limits")]
    [InlineData("Kestrel__Certificates__Default__Path=/no/such.pfx", 2, "/no/such.pfx")]
    public async Task Start_WrongSetting_EndsWithAMessageAndNoTrace(string setting, int exitCode, string message)
    {
        var manifest = await BundleMaker.PublishAsync(store, 1);
        using var process = Start(FreeUrl(), $"shop/{manifest.Version}", setting);
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(exitCode, process.ExitCode);
        Assert.Contains(message, error);
        Assert.StartsWith("error: ", error);
        Assert.DoesNotContain("   at ", error);
    }

    [Fact]
    public async Task Log_OfSampledAnswers_HasPseudonymsAndNoIds()
    {
        var manifest = await BundleMaker.PublishAsync(store, 1);
        var url = FreeUrl();
        var output = new System.Collections.Concurrent.ConcurrentQueue<string>();
        using var process = Start(url, $"shop/{manifest.Version}", "RECO_TELEMETRY__LOGSHARE=1", "RECO_PSEUDONYM_KEY=secret-key", "RECO_DRAIN__DELAY=00:00:00.1");
        process.OutputDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        using var client = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(30) };
        await ReadyAsync(client, process);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v1/recommend?user=u17&items=sku-23")).StatusCode);
        Assert.Equal(0, Kill(process.Id, 15));
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
        var log = string.Join('\n', output);
        var pseudonym = System.Security.Cryptography.HMACSHA256.HashData("secret-key"u8, "u17"u8);
        Assert.Contains(Convert.ToHexStringLower(pseudonym)[..16], log);
        Assert.DoesNotContain("u17", log);
        Assert.DoesNotContain("sku-23", log);
        Assert.DoesNotContain("secret-key", log);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    private Process Start(string url, string model, params string[] settings)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Reco.Scoring.Hosting.ScoringApp).Assembly.Location]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["ASPNETCORE_URLS"] = url;
        start.Environment["RECO_STORE"] = store;
        start.Environment["RECO_MODEL"] = model;
        foreach (var setting in settings)
        {
            start.Environment[setting[..setting.IndexOf('=', StringComparison.Ordinal)]] = setting[(setting.IndexOf('=', StringComparison.Ordinal) + 1)..];
        }

        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        return process;
    }

    private static async Task ReadyAsync(HttpClient client, Process process)
    {
        for (var attempt = 0; attempt < 600; attempt++)
        {
            Assert.False(process.HasExited, "the service ended");
            try
            {
                if ((await client.GetAsync("/v2/health/ready")).IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(100);
        }

        Assert.Fail("not ready within a minute");
    }

    internal static string FreeUrl()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
    }
}
