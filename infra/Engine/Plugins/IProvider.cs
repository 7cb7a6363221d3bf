using Reco.Protocol;

namespace Reco.Engine.Plugins;

/// <summary>A resource provider: the messages of <c>pulumirpc.ResourceProvider</c>, wherever it runs. Errors are
/// <see cref="Grpc.Core.RpcException"/>s, as over the wire. Disposing stops it.</summary>
internal interface IProvider : IAsyncDisposable
{
    /// <summary>True where its process is known to be gone.</summary>
    bool HasEnded => false;

    /// <summary>An ID for the provider resource, which is being made, to be configured with.</summary>
    string NewId(bool preview) => preview ? Planning.ProviderReference.UnknownId : Guid.NewGuid().ToString();

    /// <summary>First call of all; a provider that does not know it answers <c>Unimplemented</c>.</summary>
    Task<ProviderHandshakeResponse> HandshakeAsync(ProviderHandshakeRequest request, CancellationToken cancellation);

    /// <summary>Turns a parameterised provider into the package that is asked for.</summary>
    Task<ParameterizeResponse> ParameterizeAsync(ParameterizeRequest request, CancellationToken cancellation);

    /// <summary>Checks the provider's own configuration.</summary>
    Task<CheckResponse> CheckConfigAsync(CheckRequest request, CancellationToken cancellation);

    /// <summary>Compares two configurations.</summary>
    Task<DiffResponse> DiffConfigAsync(DiffRequest request, CancellationToken cancellation);

    /// <summary>Sets the configuration.</summary>
    Task<ConfigureResponse> ConfigureAsync(ConfigureRequest request, CancellationToken cancellation);

    /// <summary>Calls a function.</summary>
    Task<InvokeResponse> InvokeAsync(InvokeRequest request, CancellationToken cancellation);

    /// <summary>Calls a method of a resource.</summary>
    Task<CallResponse> CallAsync(CallRequest request, CancellationToken cancellation);

    /// <summary>Validates inputs and fills in defaults.</summary>
    Task<CheckResponse> CheckAsync(CheckRequest request, CancellationToken cancellation);

    /// <summary>Compares state and inputs.</summary>
    Task<DiffResponse> DiffAsync(DiffRequest request, CancellationToken cancellation);

    /// <summary>Makes the resource.</summary>
    Task<CreateResponse> CreateAsync(CreateRequest request, CancellationToken cancellation);

    /// <summary>Looks for what an interrupted creation has made.</summary>
    /// <returns>The resource, without ID where nothing was made; null where this provider cannot tell.</returns>
    Task<ReadResponse?> FindCreatedAsync(CreateRequest interrupted, CancellationToken cancellation);

    /// <summary>Reads the resource as it is.</summary>
    Task<ReadResponse> ReadAsync(ReadRequest request, CancellationToken cancellation);

    /// <summary>Changes the resource.</summary>
    Task<UpdateResponse> UpdateAsync(UpdateRequest request, CancellationToken cancellation);

    /// <summary>Deletes the resource.</summary>
    Task DeleteAsync(DeleteRequest request, CancellationToken cancellation);

    /// <summary>Makes a component with its children, through the monitor.</summary>
    Task<ConstructResponse> ConstructAsync(ConstructRequest request, CancellationToken cancellation);

    /// <summary>Asks it to give up what it is doing.</summary>
    Task CancelAsync(CancellationToken cancellation);
}
