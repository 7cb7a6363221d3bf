using System.Collections.Concurrent;
using Grpc.Core;

namespace Reco.Engine.Plugins;

/// <summary>Plugin processes that serve the runs of one command: what the preview of an update has started serves the update
/// itself. A process is configured once and for all, as with the official engine; a run that wants another configuration
/// gets another process. Providers without a process are started anew for each run.</summary>
/// <param name="factory">Starts providers.</param>
internal sealed class SharedPlugins(IProviderFactory factory) : IProviderFactory, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ConcurrentBag<Task<Plugin>>> idle = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource over = new();

    /// <inheritdoc/>
    public void Prepare(ProviderRequest request, ProviderEnvironment environment)
    {
        if (factory.StartsProcess(request) && !idle.ContainsKey(Key(request)))
        {
            Of(Key(request)).Add(Plugin.StartAsync(factory, request, environment, over.Token));
        }
    }

    /// <inheritdoc/>
    public bool StartsProcess(ProviderRequest request) => factory.StartsProcess(request);

    /// <inheritdoc/>
    public async Task<StartedProvider> StartAsync(ProviderRequest request, ProviderEnvironment environment, CancellationToken cancellation)
    {
        if (!factory.StartsProcess(request))
        {
            return await factory.StartAsync(request, environment, cancellation);
        }

        var key = Key(request);
        var plugin = await TakeAsync(key, other => other.Configuration?.Urn == request.Urn)
            ?? await TakeAsync(key, other => other.Configuration is null)
            ?? await Plugin.StartAsync(factory, request, environment, cancellation);
        return new StartedProvider(
            new SharedProvider(plugin, configuration => TakeAsync(key, other => configuration.Equals(other.Configuration)), () => Plugin.StartAsync(factory, request, environment, cancellation), other => Return(key, other)),
            plugin.Handshake);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        foreach (var starting in idle.Values.SelectMany(plugins => plugins))
        {
            await (await Started(starting) is { } plugin ? plugin.Provider.DisposeAsync() : ValueTask.CompletedTask);
        }

        idle.Clear();
        over.Dispose();
    }

    private static string Key(ProviderRequest request) => $"{request.Plugin}|{request.Version}|{request.DownloadUrl}|{request.Parameter}";

    private static async Task<Plugin?> Started(Task<Plugin> starting)
    {
        try
        {
            return await starting;
        }
        catch (Exception error) when (error is EngineException or RpcException or OperationCanceledException)
        {
            // It was started in advance and did not come up; where it is wanted, it is started again, and then it is told why.
            return null;
        }
    }

    private ConcurrentBag<Task<Plugin>> Of(string key) => idle.GetOrAdd(key, _ => []);

    private async Task<Plugin?> TakeAsync(string key, Func<Plugin, bool> fits)
    {
        var others = new List<Task<Plugin>>();
        Plugin? found = null;
        while (found is null && Of(key).TryTake(out var starting))
        {
            switch (await Started(starting))
            {
                case null:
                    break;
                case { Provider.HasEnded: true } ended:
                    await ended.Provider.DisposeAsync();
                    break;
                case var plugin when fits(plugin):
                    found = plugin;
                    break;
                default:
                    others.Add(starting);
                    break;
            }
        }

        others.ForEach(Of(key).Add);
        return found;
    }

    private async ValueTask Return(string key, Plugin plugin)
    {
        if (plugin.IsSpent || plugin.Provider.HasEnded)
        {
            await plugin.Provider.DisposeAsync();
        }
        else
        {
            Of(key).Add(Task.FromResult(plugin));
        }
    }
}
