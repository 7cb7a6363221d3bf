using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Reco.Protocol;

namespace Reco.Engine.Plugins;

/// <summary>Calls a provider that is an object in this process. Exceptions of other kinds become
/// <see cref="RpcException"/>s of status <c>Unknown</c>, as gRPC itself would make them.</summary>
internal sealed class InProcessProvider(ResourceProvider.ResourceProviderBase service) : IProvider
{
    /// <inheritdoc/>
    public Task<ProviderHandshakeResponse> HandshakeAsync(ProviderHandshakeRequest request, CancellationToken cancellation) => Call(service.Handshake, request, cancellation);

    /// <inheritdoc/>
    public Task<ParameterizeResponse> ParameterizeAsync(ParameterizeRequest request, CancellationToken cancellation) => Call(service.Parameterize, request, cancellation);

    /// <inheritdoc/>
    public Task<CheckResponse> CheckConfigAsync(CheckRequest request, CancellationToken cancellation) => Call(service.CheckConfig, request, cancellation);

    /// <inheritdoc/>
    public Task<DiffResponse> DiffConfigAsync(DiffRequest request, CancellationToken cancellation) => Call(service.DiffConfig, request, cancellation);

    /// <inheritdoc/>
    public Task<ConfigureResponse> ConfigureAsync(ConfigureRequest request, CancellationToken cancellation) => Call(service.Configure, request, cancellation);

    /// <inheritdoc/>
    public Task<InvokeResponse> InvokeAsync(InvokeRequest request, CancellationToken cancellation) => Call(service.Invoke, request, cancellation);

    /// <inheritdoc/>
    public Task<CallResponse> CallAsync(CallRequest request, CancellationToken cancellation) => Call(service.Call, request, cancellation);

    /// <inheritdoc/>
    public Task<CheckResponse> CheckAsync(CheckRequest request, CancellationToken cancellation) => Call(service.Check, request, cancellation);

    /// <inheritdoc/>
    public Task<DiffResponse> DiffAsync(DiffRequest request, CancellationToken cancellation) => Call(service.Diff, request, cancellation);

    /// <inheritdoc/>
    public Task<CreateResponse> CreateAsync(CreateRequest request, CancellationToken cancellation) => Call(service.Create, request, cancellation);

    /// <inheritdoc/>
    public async Task<ReadResponse?> FindCreatedAsync(CreateRequest interrupted, CancellationToken cancellation) =>
        service is ICreationFinder finder ? await Call((request, context) => finder.FindCreatedAsync(request, context.CancellationToken), interrupted, cancellation) : null;

    /// <inheritdoc/>
    public Task<ReadResponse> ReadAsync(ReadRequest request, CancellationToken cancellation) => Call(service.Read, request, cancellation);

    /// <inheritdoc/>
    public Task<UpdateResponse> UpdateAsync(UpdateRequest request, CancellationToken cancellation) => Call(service.Update, request, cancellation);

    /// <inheritdoc/>
    public Task DeleteAsync(DeleteRequest request, CancellationToken cancellation) => Call(service.Delete, request, cancellation);

    /// <inheritdoc/>
    public Task<ConstructResponse> ConstructAsync(ConstructRequest request, CancellationToken cancellation) => Call(service.Construct, request, cancellation);

    /// <inheritdoc/>
    public Task CancelAsync(CancellationToken cancellation) => Call(service.Cancel, new Empty(), cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        switch (service)
        {
            case IAsyncDisposable disposable:
                await disposable.DisposeAsync();
                break;
            case IDisposable disposable:
                disposable.Dispose();
                break;
        }
    }

    private static async Task<TResponse> Call<TRequest, TResponse>(Func<TRequest, ServerCallContext, Task<TResponse>> method, TRequest request, CancellationToken cancellation)
    {
        try
        {
            // A provider may block before its first await; the caller's own thread must stay free.
            return await Task.Run(() => method(request, new InProcessCallContext(method.Method.Name, cancellation)), CancellationToken.None);
        }
        catch (Exception error) when (error is not RpcException)
        {
            throw new RpcException(new Status(error is OperationCanceledException ? StatusCode.Cancelled : StatusCode.Unknown, error.Message, error));
        }
    }
}
