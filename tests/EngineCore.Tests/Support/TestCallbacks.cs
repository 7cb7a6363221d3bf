using System.Collections.Concurrent;
using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Reco.Protocol;

namespace Reco.Engine.Tests.Support;

/// <summary>The callback server of a program.</summary>
internal sealed class TestCallbacks : Callbacks.CallbacksBase, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Func<TransformRequest, TransformResponse>> transforms = new(StringComparer.Ordinal);
    private WebApplication? app;

    public static async Task<TestCallbacks> StartAsync()
    {
        var callbacks = new TestCallbacks();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton(callbacks);
        builder.Services.AddGrpc();
        callbacks.app = builder.Build();
        callbacks.app.MapGrpcService<TestCallbacks>();
        await callbacks.app.StartAsync();
        return callbacks;
    }

    /// <summary>A callback that changes registrations.</summary>
    public Callback Transform(Func<TransformRequest, TransformResponse> transform)
    {
        var token = Guid.NewGuid().ToString("n");
        transforms[token] = transform;
        return new Callback { Target = app!.Urls.First(), Token = token };
    }

    public override Task<CallbackInvokeResponse> Invoke(CallbackInvokeRequest request, ServerCallContext context) =>
        Task.FromResult(new CallbackInvokeResponse { Response = transforms[request.Token](TransformRequest.Parser.ParseFrom(request.Request)).ToByteString() });

    public async ValueTask DisposeAsync() => await app!.DisposeAsync();
}
