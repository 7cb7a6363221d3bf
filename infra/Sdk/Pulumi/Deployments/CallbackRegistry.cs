using System.Collections.Concurrent;
using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Reco.Protocol;

namespace Pulumi;

/// <summary>Functions of the program that the engine calls. The server starts with the first one and lives as long as the program.</summary>
/// <param name="deployment">The run.</param>
internal sealed class CallbackRegistry(DeploymentCore deployment)
{
    private readonly ConcurrentDictionary<string, Func<ByteString, CancellationToken, Task<IMessage>>> _functions = new();
    private readonly Lock _gate = new();
    private Task<string>? _address;

    /// <summary>Registers a function; gives what the engine calls it by.</summary>
    public async Task<Callback> AddAsync(Func<ByteString, CancellationToken, Task<IMessage>> function)
    {
        Task<string> address;
        lock (_gate)
        {
            address = _address ??= StartAsync();
        }
        var token = Guid.NewGuid().ToString();
        _functions[token] = function;
        return new Callback { Token = token, Target = await address.ConfigureAwait(false) };
    }

    private async Task<string> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc(options => (options.MaxReceiveMessageSize, options.MaxSendMessageSize) = (null, null));
        builder.Services.AddSingleton(this);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.MapGrpcService<Service>();
        await app.StartAsync().ConfigureAwait(false);
        var address = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();
        return new Uri(address).Authority;
    }

    private async Task<CallbackInvokeResponse> InvokeAsync(CallbackInvokeRequest request, CancellationToken cancellationToken)
    {
        if (!_functions.TryGetValue(request.Token, out var function))
        {
            throw new RpcException(new Status(StatusCode.NotFound, $"This program has no callback '{request.Token}'."));
        }
        try
        {
            // The server's threads know no deployment: resources and logs inside the callback belong to this one.
            Deployment.Enter(deployment);
            return new CallbackInvokeResponse { Response = (await function(request.Request, cancellationToken).ConfigureAwait(false)).ToByteString() };
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw new RpcException(new Status(StatusCode.Unknown, e is RunException ? e.Message : e.ToString()));
        }
    }

    /// <summary>The gRPC service in front of the functions.</summary>
    /// <param name="registry">The functions.</param>
    internal sealed class Service(CallbackRegistry registry) : Callbacks.CallbacksBase
    {
        /// <inheritdoc/>
        public override Task<CallbackInvokeResponse> Invoke(CallbackInvokeRequest request, ServerCallContext context)
            => registry.InvokeAsync(request, context.CancellationToken);
    }
}
