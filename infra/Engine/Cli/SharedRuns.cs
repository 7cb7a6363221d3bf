using Reco.Engine.Plugins;
using Reco.Engine.Protocol;

namespace Reco.Engine.Cli;

/// <summary>What the preview and the update of one command have in common: plugin processes, and the addresses that these
/// were told. All of it ends with the command.</summary>
internal sealed class SharedRuns(IProviderFactory factory) : IAsyncDisposable
{
    private readonly List<IEngineEndpoint> endpoints = [];

    /// <summary>Providers.</summary>
    public SharedPlugins Providers { get; } = new(factory);

    /// <summary>The engine service of the run that is going on.</summary>
    public EngineService Engine { get; } = new();

    /// <summary>Offers the services of a run at an address of its own, which stays open until the command ends.</summary>
    public async Task<IEngineEndpoint> ListenAsync(ResourceMonitorService monitor, EngineService engine, CancellationToken cancellation)
    {
        var endpoint = await EngineServer.StartAsync(monitor, engine, cancellation);
        endpoints.Add(endpoint);
        return new Kept(endpoint.Address);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Providers.DisposeAsync();
        await Task.WhenAll(endpoints.Select(endpoint => endpoint.DisposeAsync().AsTask()));
    }

    private sealed record Kept(string Address) : IEngineEndpoint
    {
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
