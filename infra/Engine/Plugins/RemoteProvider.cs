using Google.Protobuf.WellKnownTypes;
using Grpc.Net.Client;
using Reco.Protocol;

namespace Reco.Engine.Plugins;

/// <summary>Calls a provider over a socket; stops its process, where it has one, when disposed.</summary>
/// <param name="channel">Connection to it.</param>
/// <param name="process">Its process, or null where somebody else runs it.</param>
internal sealed class RemoteProvider(GrpcChannel channel, PluginProcess? process) : IProvider
{
    private readonly ResourceProvider.ResourceProviderClient client = new(channel);

    /// <inheritdoc/>
    public bool HasEnded => process?.HasEnded == true;

    /// <inheritdoc/>
    public Task<ProviderHandshakeResponse> HandshakeAsync(ProviderHandshakeRequest request, CancellationToken cancellation) => client.HandshakeAsync(request, cancellationToken: cancellation).ResponseAsync;

    /// <inheritdoc/>
    public Task<ParameterizeResponse> ParameterizeAsync(ParameterizeRequest request, CancellationToken cancellation) => client.ParameterizeAsync(request, cancellationToken: cancellation).ResponseAsync;

    /// <inheritdoc/>
    public Task<CheckResponse> CheckConfigAsync(CheckRequest request, CancellationToken cancellation) => client.CheckConfigAsync(request, cancellationToken: cancellation).ResponseAsync;

    /// <inheritdoc/>
    public Task<DiffResponse> DiffConfigAsync(DiffRequest request, CancellationToken cancellation) => client.DiffConfigAsync(request, cancellationToken: cancellation).ResponseAsync;

    /// <inheritdoc/>
    public Task<ConfigureResponse> ConfigureAsync(ConfigureRequest request, CancellationToken cancellation) => client.ConfigureAsync(request, cancellationToken: cancellation).ResponseAsync;

    /// <inheritdoc/>
    public Task<InvokeResponse> InvokeAsync(InvokeRequest request, CancellationToken cancellation) => client.InvokeAsync(request, cancellationToken: cancellation).ResponseAsync;

    /// <inheritdoc/>
    public Task<CallResponse> CallAsync(CallRequest request, CancellationToken cancellation) => client.CallAsync(request, cancellationToken: cancellation).ResponseAsync;

    /// <inheritdoc/>
    public Task<CheckResponse> CheckAsync(CheckRequest request, CancellationToken cancellation) => client.CheckAsync(request, cancellationToken: cancellation).ResponseAsync;

    /// <inheritdoc/>
    public Task<DiffResponse> DiffAsync(DiffRequest request, CancellationToken cancellation) => client.DiffAsync(request, cancellationToken: cancellation).ResponseAsync;

    /// <inheritdoc/>
    public Task<CreateResponse> CreateAsync(CreateRequest request, CancellationToken cancellation) => client.CreateAsync(request, cancellationToken: cancellation).ResponseAsync;

    /// <inheritdoc/>
    public Task<ReadResponse?> FindCreatedAsync(CreateRequest interrupted, CancellationToken cancellation) => Task.FromResult<ReadResponse?>(null);

    /// <inheritdoc/>
    public Task<ReadResponse> ReadAsync(ReadRequest request, CancellationToken cancellation) => client.ReadAsync(request, cancellationToken: cancellation).ResponseAsync;

    /// <inheritdoc/>
    public Task<UpdateResponse> UpdateAsync(UpdateRequest request, CancellationToken cancellation) => client.UpdateAsync(request, cancellationToken: cancellation).ResponseAsync;

    /// <inheritdoc/>
    public Task DeleteAsync(DeleteRequest request, CancellationToken cancellation) => client.DeleteAsync(request, cancellationToken: cancellation).ResponseAsync;

    /// <inheritdoc/>
    public Task<ConstructResponse> ConstructAsync(ConstructRequest request, CancellationToken cancellation) => client.ConstructAsync(request, cancellationToken: cancellation).ResponseAsync;

    /// <inheritdoc/>
    public Task CancelAsync(CancellationToken cancellation) => client.CancelAsync(new Empty(), cancellationToken: cancellation).ResponseAsync;

    /// <summary>Tells a provider that somebody else runs where the engine is.</summary>
    public Task AttachAsync(string engineAddress, CancellationToken cancellation) => client.AttachAsync(new PluginAttach { Address = engineAddress }, cancellationToken: cancellation).ResponseAsync;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        channel.Dispose();
        if (process is not null)
        {
            await process.DisposeAsync();
        }
    }
}
