using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Net.Client;
using Reco.Engine.Plugins;
using Reco.Protocol;

namespace Reco.Engine.Protocol;

/// <summary>Connections to the callback servers of programs, one an address.</summary>
internal sealed class CallbackClients : IDisposable
{
    private readonly ConcurrentDictionary<string, GrpcChannel> channels = new(StringComparer.Ordinal);

    /// <summary>Calls back.</summary>
    /// <typeparam name="TResponse">What the callback answers with.</typeparam>
    public async Task<TResponse> InvokeAsync<TResponse>(Callback callback, IMessage request, MessageParser<TResponse> parser, CancellationToken cancellation)
        where TResponse : IMessage<TResponse>
    {
        var channel = channels.GetOrAdd(callback.Target, ProviderFactory.Connect);
        var response = await new Callbacks.CallbacksClient(channel).InvokeAsync(
            new CallbackInvokeRequest { Token = callback.Token, Request = request.ToByteString() },
            cancellationToken: cancellation);
        return MessageReader.Read(response.Response, parser);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var channel in channels.Values)
        {
            channel.Dispose();
        }
    }
}
