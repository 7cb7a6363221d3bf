namespace Reco.Engine.Plugins;

/// <summary>Finds provider plugins where Pulumi keeps them: the plugin cache, then PATH.</summary>
/// <param name="home">Pulumi's home folder (<c>PULUMI_HOME</c> or <c>~/.pulumi</c>).</param>
/// <param name="searchPath">PATH.</param>
internal sealed class PluginLocator(string home, string searchPath)
{
    /// <summary>A locator for this process's environment.</summary>
    public static PluginLocator FromEnvironment() => new(
        Environment.GetEnvironmentVariable("PULUMI_HOME") is { Length: > 0 } home
            ? home
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".pulumi"),
        Environment.GetEnvironmentVariable("PATH") ?? "");

    /// <summary>The command that starts a provider.</summary>
    /// <param name="request">Plugin and version; without a version, the newest in the cache.</param>
    /// <param name="projectDirectory">Folder from which the Node SDK of a dynamic provider is resolved.</param>
    /// <exception cref="EngineException">It is not installed.</exception>
    public IReadOnlyList<string> Find(ProviderRequest request, string projectDirectory)
    {
        var file = $"pulumi-resource-{request.Plugin}";
        var folders = InCache(request.Plugin, request.Version)
            .Concat(searchPath.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries));
        foreach (var folder in folders)
        {
            foreach (var candidate in (string[])[file, file + ".exe"])
            {
                var path = Path.Combine(folder, candidate);
                if (File.Exists(path))
                {
                    return [path];
                }
            }
        }

        if (request.Plugin == "pulumi-nodejs" && DynamicNodeProvider(projectDirectory) is { } script)
        {
            return ["node", script];
        }

        var version = request.Version.Length == 0 ? "" : $" v{request.Version}";
        throw new EngineException(
            $"Provider '{request.Plugin}'{version} is neither built in nor installed: no '{file}' in '{Path.Combine(home, "plugins")}' or on PATH. "
            + $"Install it with 'pulumi plugin install resource {request.Plugin}{version}'.",
            1);
    }

    // Dynamic providers are code of the program itself, run by the host that the Node SDK brings along.
    private static string? DynamicNodeProvider(string projectDirectory)
    {
        for (var folder = projectDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var script = Path.Combine(folder, "node_modules", "@pulumi", "pulumi", "cmd", "dynamic-provider", "index.js");
            if (File.Exists(script))
            {
                return script;
            }
        }

        return null;
    }

    private IEnumerable<string> InCache(string plugin, string version)
    {
        var cache = Path.Combine(home, "plugins");
        if (version.Length > 0)
        {
            return [Path.Combine(cache, $"resource-{plugin}-v{version}")];
        }

        var prefix = $"resource-{plugin}-v";
        return Directory.Exists(cache)
            ? Directory.EnumerateDirectories(cache, prefix + "*").OrderByDescending(folder => Sortable(Path.GetFileName(folder)[prefix.Length..]))
            : [];
    }

    private static Version Sortable(string version) => Version.TryParse(version.Split('-', '+')[0], out var parsed) ? parsed : new Version(0, 0);
}
