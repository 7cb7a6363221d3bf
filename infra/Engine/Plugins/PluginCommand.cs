namespace Reco.Engine.Plugins;

/// <summary>How a plugin is started.</summary>
/// <param name="Arguments">Program and arguments; the engine's address follows them.</param>
internal sealed record PluginCommand(IReadOnlyList<string> Arguments)
{
    /// <summary>Arguments after the engine's address.</summary>
    public IReadOnlyList<string> More { get; init; } = [];

    /// <summary>Working directory; empty for the project's.</summary>
    public string Directory { get; init; } = "";

    /// <summary>Folder of the plugin, which it is told in the handshake; empty for that of its program.</summary>
    public string Root { get; init; } = "";

    /// <summary>Environment variables beyond those of every plugin.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();
}
