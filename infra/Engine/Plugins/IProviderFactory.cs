using Reco.Protocol;

namespace Reco.Engine.Plugins;

/// <summary>Starts providers by package.</summary>
internal interface IProviderFactory
{
    /// <summary>Starts a provider and shakes hands with it, where it knows that call.</summary>
    /// <param name="request">Which package and version.</param>
    /// <param name="environment">What it is told about the engine.</param>
    /// <param name="cancellation">Gives up starting.</param>
    /// <exception cref="EngineException">There is no such provider, or it did not start.</exception>
    Task<StartedProvider> StartAsync(ProviderRequest request, ProviderEnvironment environment, CancellationToken cancellation);

    /// <summary>True where the provider is a process that is started for it.</summary>
    bool StartsProcess(ProviderRequest request) => false;

    /// <summary>Tells of a provider that will be wanted: where starting it takes long, that can begin.</summary>
    void Prepare(ProviderRequest request, ProviderEnvironment environment)
    {
    }
}

/// <summary>A running provider.</summary>
/// <param name="Provider">How to call it.</param>
/// <param name="Handshake">What it said of itself; null where it does not know the handshake.</param>
internal sealed record StartedProvider(IProvider Provider, ProviderHandshakeResponse? Handshake);

/// <summary>What a provider is told when it starts.</summary>
/// <param name="EngineAddress">host:port of the engine service.</param>
/// <param name="Project">Project name.</param>
/// <param name="ProjectDirectory">Folder of the project.</param>
/// <param name="ConfigJson">Configuration of the stack as a JSON object, as <c>PULUMI_CONFIG</c> carries it.</param>
/// <param name="Log">Receives log messages of in-process providers and the output of external ones.</param>
internal sealed record ProviderEnvironment(string EngineAddress, string Project, string ProjectDirectory, string ConfigJson, Func<LogRequest, Task> Log)
{
    /// <summary>True in a preview.</summary>
    public bool IsDryRun { get; init; }
}

/// <summary>A package that a resource or function belongs to.</summary>
internal sealed record ProviderRequest
{
    /// <summary>Name of the plugin, for example <c>kubernetes</c>.</summary>
    public required string Plugin { get; init; }

    /// <summary>Version of the plugin, or empty.</summary>
    public string Version { get; init; } = "";

    /// <summary>URN of the provider resource that it is started for, or empty.</summary>
    public string Urn { get; init; } = "";

    /// <summary>Where the plugin is downloaded from, or empty.</summary>
    public string DownloadUrl { get; init; } = "";

    /// <summary>Name, version and value of the package that the plugin is turned into, or null.</summary>
    public ParameterizeRequest.Types.ParametersValue? Parameter { get; init; }

    /// <summary>Name of the package as tokens spell it.</summary>
    public string Package => Parameter?.Name ?? Plugin;

    /// <summary>Name of the default provider resource of this package and version.</summary>
    public string DefaultName
    {
        get
        {
            var version = Parameter?.Version ?? Version;
            var name = version.Length == 0 ? "default" : $"default_{Legal(version)}";
            return DownloadUrl.Length == 0 ? name : $"{name}_{Legal(DownloadUrl)}";
        }
    }

    private static string Legal(string text) => string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
}
