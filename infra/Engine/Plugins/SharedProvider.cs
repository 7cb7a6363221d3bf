using Reco.Protocol;

namespace Reco.Engine.Plugins;

/// <summary>A plugin as one run sees it; when disposed, it is there for the next run.</summary>
/// <param name="first">The process.</param>
/// <param name="find">Finds a process with a configuration.</param>
/// <param name="start">Starts another process.</param>
/// <param name="giveBack">Takes a process that is not needed any more.</param>
internal sealed class SharedProvider(Plugin first, Func<ConfigureRequest, Task<Plugin?>> find, Func<Task<Plugin>> start, Func<Plugin, ValueTask> giveBack) : IProvider
{
    private Plugin plugin = first;
    private ParameterizeRequest? parameter;

    private IProvider Provider => plugin.Provider;

    /// <inheritdoc/>
    public bool HasEnded => Provider.HasEnded;

    /// <summary>An ID for a provider resource that is not made yet. The preview makes one up, and the update takes it, so that
    /// the process was told the right one.</summary>
    public string NewId(bool preview)
    {
        var id = plugin.MadeUpId ?? Guid.NewGuid().ToString();
        plugin.MadeUpId = preview ? id : null;
        return id;
    }

    /// <inheritdoc/>
    public Task<ProviderHandshakeResponse> HandshakeAsync(ProviderHandshakeRequest request, CancellationToken cancellation) => Provider.HandshakeAsync(request, cancellation);

    /// <inheritdoc/>
    public async Task<ParameterizeResponse> ParameterizeAsync(ParameterizeRequest request, CancellationToken cancellation)
    {
        parameter = request;
        if (!request.Equals(plugin.Parameter))
        {
            plugin.Parameterized = await Provider.ParameterizeAsync(request, cancellation);
            plugin.Parameter = request;
        }

        return plugin.Parameterized!;
    }

    /// <inheritdoc/>
    public Task<CheckResponse> CheckConfigAsync(CheckRequest request, CancellationToken cancellation) => Provider.CheckConfigAsync(request, cancellation);

    /// <inheritdoc/>
    public Task<DiffResponse> DiffConfigAsync(DiffRequest request, CancellationToken cancellation) => Provider.DiffConfigAsync(request, cancellation);

    /// <inheritdoc/>
    public async Task<ConfigureResponse> ConfigureAsync(ConfigureRequest request, CancellationToken cancellation)
    {
        if (request.Equals(plugin.Configuration))
        {
            return plugin.Configured!;
        }

        if (plugin.Configuration is not null)
        {
            await giveBack(plugin);
            plugin = await find(request) ?? await start();
            if (parameter is not null)
            {
                await ParameterizeAsync(parameter, cancellation);
            }
        }

        if (plugin.Configuration is null)
        {
            plugin.IsSpent = true;
            plugin.Configuration = request;
            plugin.Configured = await Provider.ConfigureAsync(request, cancellation);
            plugin.IsSpent = false;
        }

        return plugin.Configured!;
    }

    /// <inheritdoc/>
    public Task<InvokeResponse> InvokeAsync(InvokeRequest request, CancellationToken cancellation) => Provider.InvokeAsync(request, cancellation);

    /// <inheritdoc/>
    public Task<CallResponse> CallAsync(CallRequest request, CancellationToken cancellation) => Provider.CallAsync(request, cancellation);

    /// <inheritdoc/>
    public Task<CheckResponse> CheckAsync(CheckRequest request, CancellationToken cancellation) => Provider.CheckAsync(request, cancellation);

    /// <inheritdoc/>
    public Task<DiffResponse> DiffAsync(DiffRequest request, CancellationToken cancellation) => Provider.DiffAsync(request, cancellation);

    /// <inheritdoc/>
    public Task<CreateResponse> CreateAsync(CreateRequest request, CancellationToken cancellation) => Provider.CreateAsync(request, cancellation);

    /// <inheritdoc/>
    public Task<ReadResponse?> FindCreatedAsync(CreateRequest interrupted, CancellationToken cancellation) => Provider.FindCreatedAsync(interrupted, cancellation);

    /// <inheritdoc/>
    public Task<ReadResponse> ReadAsync(ReadRequest request, CancellationToken cancellation) => Provider.ReadAsync(request, cancellation);

    /// <inheritdoc/>
    public Task<UpdateResponse> UpdateAsync(UpdateRequest request, CancellationToken cancellation) => Provider.UpdateAsync(request, cancellation);

    /// <inheritdoc/>
    public Task DeleteAsync(DeleteRequest request, CancellationToken cancellation) => Provider.DeleteAsync(request, cancellation);

    /// <inheritdoc/>
    public Task<ConstructResponse> ConstructAsync(ConstructRequest request, CancellationToken cancellation) => Provider.ConstructAsync(request, cancellation);

    /// <inheritdoc/>
    public Task CancelAsync(CancellationToken cancellation)
    {
        plugin.IsSpent = true;
        return Provider.CancelAsync(cancellation);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => giveBack(plugin);
}
