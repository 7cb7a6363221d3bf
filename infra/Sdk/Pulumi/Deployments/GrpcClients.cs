using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Reco.Protocol;
using P = Reco.Protocol;

namespace Pulumi;

/// <summary>Channels to the engine.</summary>
internal static class EngineChannel
{
    // States of large stacks and assets pass through here; Pulumi's own limit.
    private const int MaxMessageBytes = 400 * 1024 * 1024;

    /// <summary>Opens a channel to HOST:PORT.</summary>
    public static GrpcChannel Open(string address)
        => GrpcChannel.ForAddress(new Uri($"http://{address}"), new GrpcChannelOptions
        {
            MaxReceiveMessageSize = MaxMessageBytes,
            MaxSendMessageSize = MaxMessageBytes,
            Credentials = ChannelCredentials.Insecure,
        });
}

/// <summary>The engine's resource monitor, over gRPC.</summary>
/// <param name="channel">Channel to it.</param>
internal sealed class GrpcMonitor(GrpcChannel channel) : IMonitor
{
    private readonly ResourceMonitor.ResourceMonitorClient _client = new(channel);

    /// <inheritdoc/>
    public async Task<bool> SupportsFeatureAsync(string feature)
        => (await _client.SupportsFeatureAsync(new SupportsFeatureRequest { Id = feature })).HasSupport;

    /// <inheritdoc/>
    public async Task<ResourceInvokeResponse> InvokeAsync(ResourceInvokeRequest request) => await _client.InvokeAsync(request);

    /// <inheritdoc/>
    public async Task<CallResponse> CallAsync(ResourceCallRequest request) => await _client.CallAsync(request);

    /// <inheritdoc/>
    public async Task<ReadResourceResponse> ReadResourceAsync(Resource resource, ReadResourceRequest request)
        => await _client.ReadResourceAsync(request);

    /// <inheritdoc/>
    public async Task<RegisterResourceResponse> RegisterResourceAsync(Resource resource, RegisterResourceRequest request)
        => await _client.RegisterResourceAsync(request);

    /// <inheritdoc/>
    public async Task RegisterResourceOutputsAsync(RegisterResourceOutputsRequest request)
        => await _client.RegisterResourceOutputsAsync(request);

    /// <inheritdoc/>
    public async Task<string> RegisterPackageAsync(P.RegisterPackageRequest request)
        => (await _client.RegisterPackageAsync(request)).Ref;

    /// <inheritdoc/>
    public async Task RegisterInvokeTransformAsync(Callback callback) => await _client.RegisterStackInvokeTransformAsync(callback);

    /// <inheritdoc/>
    public async Task SignalAndWaitForShutdownAsync()
    {
        try
        {
            await _client.SignalAndWaitForShutdownAsync(new Empty());
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unimplemented)
        {
            // Engines before 3.162 take the end of the program for the signal.
        }
    }
}

/// <summary>The engine's log, over gRPC.</summary>
/// <param name="channel">Channel to it.</param>
internal sealed class GrpcEngineLog(GrpcChannel channel) : IEngineLog
{
    private readonly Engine.EngineClient _client = new(channel);

    /// <inheritdoc/>
    public async Task LogAsync(LogRequest request) => await _client.LogAsync(request);
}
