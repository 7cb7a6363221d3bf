using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Reco.LocalCluster.Tests;

/// <summary>A server in the test's own process with an HTTP health path and the gRPC health protocol.</summary>
internal sealed class HealthServer : IAsyncDisposable
{
    public static readonly HttpClient Client = new();
    private readonly WebApplication web;

    private HealthServer(WebApplication web)
    {
        this.web = web;
        var ports = web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address).Port).ToArray();
        (HttpPort, GrpcPort) = (ports[0], ports[1]);
    }

    public int HttpPort { get; }

    public int GrpcPort { get; }

    public static async Task<HealthServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        var web = builder.Build();
        web.MapGet("/ready", () => "ok");
        web.MapPost("/grpc.health.v1.Health/Check", async context =>
        {
            var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var service = System.Text.Encoding.UTF8.GetString(body.ToArray().AsSpan(body.Length > 7 ? 7 : (int)body.Length));
            context.Response.ContentType = "application/grpc";
            if (service is not ("good" or "bad"))
            {
                context.Response.Headers["grpc-status"] = "5";
                return;
            }

            await context.Response.Body.WriteAsync(new byte[] { 0, 0, 0, 0, 2, 8, service == "good" ? (byte)1 : (byte)2 });
            context.Response.AppendTrailer("grpc-status", "0");
        });
        await web.StartAsync();
        return new HealthServer(web);
    }

    public async ValueTask DisposeAsync() => await web.DisposeAsync();
}
