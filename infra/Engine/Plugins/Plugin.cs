using Reco.Protocol;

namespace Reco.Engine.Plugins;

/// <summary>A plugin's process and what it was told.</summary>
internal sealed class Plugin(IProvider provider, ProviderHandshakeResponse? handshake)
{
    /// <summary>How to call it.</summary>
    public IProvider Provider => provider;

    /// <summary>What it said of itself.</summary>
    public ProviderHandshakeResponse? Handshake => handshake;

    /// <summary>What it was configured with; null before.</summary>
    public ConfigureRequest? Configuration { get; set; }

    /// <summary>What it answered to that.</summary>
    public ConfigureResponse? Configured { get; set; }

    /// <summary>ID that a preview made up for the provider resource; null where it has one, or was given that.</summary>
    public string? MadeUpId { get; set; }

    /// <summary>The package that it was turned into; null for its own.</summary>
    public ParameterizeRequest? Parameter { get; set; }

    /// <summary>What it answered to that.</summary>
    public ParameterizeResponse? Parameterized { get; set; }

    /// <summary>True where it is of no further use: it was cancelled, or could not be configured.</summary>
    public bool IsSpent { get; set; }

    /// <summary>Starts one.</summary>
    public static async Task<Plugin> StartAsync(IProviderFactory factory, ProviderRequest request, ProviderEnvironment environment, CancellationToken cancellation)
    {
        await Task.Yield();
        var started = await factory.StartAsync(request, environment, cancellation);
        return new Plugin(started.Provider, started.Handshake);
    }
}
