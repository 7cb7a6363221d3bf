using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Reco.Engine.Plugins;

namespace Reco.Engine.Protocol;

/// <summary>Where programs and plugins of one run reach the engine, until it is disposed of.</summary>
internal interface IEngineEndpoint : IAsyncDisposable
{
    /// <summary>host:port.</summary>
    string Address { get; }
}

/// <summary>Offers the services of one run.</summary>
internal delegate Task<IEngineEndpoint> EngineListener(ResourceMonitorService monitor, EngineService engine, CancellationToken cancellation);

/// <summary>The engine's gRPC services on a loopback port of their own. Takes nothing from configuration files or
/// environment variables.</summary>
internal sealed class EngineServer : IEngineEndpoint
{
    private readonly WebApplication app;

    private EngineServer(WebApplication app, string address)
    {
        this.app = app;
        Address = address;
    }

    /// <inheritdoc/>
    public string Address { get; }

    /// <summary>Starts serving.</summary>
    public static async Task<IEngineEndpoint> StartAsync(ResourceMonitorService monitor, EngineService engine, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Limits.MaxRequestBodySize = null;

            // A program registers thousands of resources at once; the default of 100 calls a connection would hold back
            // the very calls that others wait for.
            kestrel.Limits.Http2.MaxStreamsPerConnection = int.MaxValue;
            kestrel.Limits.Http2.InitialConnectionWindowSize = 8 * 1024 * 1024;
            kestrel.Limits.Http2.InitialStreamWindowSize = 1024 * 1024;
        });
        builder.Services.AddSingleton<IHostLifetime, EngineLifetime>();
        builder.Services.AddSingleton(monitor);
        builder.Services.AddSingleton(engine);
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = ProviderFactory.MaxMessageBytes;
            grpc.MaxSendMessageSize = ProviderFactory.MaxMessageBytes;
        });
        var app = builder.Build();
        app.MapGrpcService<ResourceMonitorService>();
        app.MapGrpcService<EngineService>();
        await app.StartAsync(cancellation);
        var url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new EngineServer(app, new Uri(url).Authority);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Calls that still hang are of no use to anyone by now.
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        await app.StopAsync(limit.Token);
        await app.DisposeAsync();
    }

    /// <summary>Leaves signals to the command line: on Ctrl-C the services go on until the run has come to its end.</summary>
    private sealed class EngineLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
