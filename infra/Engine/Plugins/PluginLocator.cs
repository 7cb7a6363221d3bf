using System.Text.RegularExpressions;
using Reco.Engine.Workspace;
using YamlDotNet.RepresentationModel;

namespace Reco.Engine.Plugins;

/// <summary>Finds provider plugins where Pulumi keeps them: the project's own, the plugin cache, PATH.</summary>
/// <param name="home">Pulumi's home folder (<c>PULUMI_HOME</c> or <c>~/.pulumi</c>).</param>
/// <param name="searchPath">PATH.</param>
internal sealed partial class PluginLocator(string home, string searchPath)
{
    /// <summary>A locator for this process's environment.</summary>
    public static PluginLocator FromEnvironment() => new(
        Environment.GetEnvironmentVariable("PULUMI_HOME") is { Length: > 0 } home
            ? home
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".pulumi"),
        Environment.GetEnvironmentVariable("PATH") ?? "");

    /// <summary>What is in the plugin cache, by name.</summary>
    public IReadOnlyList<InstalledPlugin> Installed()
    {
        var cache = Path.Combine(home, "plugins");
        return !Directory.Exists(cache) ? [] :
        [
            .. Directory.EnumerateDirectories(cache).Select(folder => (Folder: folder, Parts: PluginFolder().Match(Path.GetFileName(folder))))
                .Where(entry => entry.Parts.Success)
                .Select(entry => new InstalledPlugin(entry.Parts.Groups["name"].Value, entry.Parts.Groups["kind"].Value, entry.Parts.Groups["version"].Value, entry.Folder))
                .OrderBy(plugin => plugin.Name, StringComparer.Ordinal).ThenByDescending(plugin => Sortable(plugin.Version)),
        ];
    }

    /// <summary>The command that starts a provider.</summary>
    /// <param name="request">Plugin and version; without a version, the newest in the cache.</param>
    /// <param name="projectDirectory">Folder from which the Node SDK of a dynamic provider is resolved.</param>
    /// <exception cref="EngineException">It is not installed.</exception>
    public PluginCommand Find(ProviderRequest request, string projectDirectory)
    {
        if (ProjectPlugins.Find(projectDirectory, request.Plugin) is { } own)
        {
            return In(own, request.Plugin)
                ?? throw new EngineException($"Provider '{request.Plugin}' of Pulumi.yaml is not there: '{own}' is no program, and a folder with neither 'pulumi-resource-{request.Plugin}' nor PulumiPlugin.yaml.", 2);
        }

        foreach (var folder in InCache(request.Plugin, request.Version).Concat(searchPath.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)))
        {
            if (In(folder, request.Plugin) is { } command)
            {
                return command;
            }
        }

        // Dynamic providers are code of the program itself, run by the host that the Node SDK brings along.
        if (request.Plugin == "pulumi-nodejs" && NodeModules.Find(projectDirectory, Path.Combine("@pulumi", "pulumi", "cmd", "dynamic-provider", "index.js")) is { } script)
        {
            return new PluginCommand(["node", script]) { Root = Path.GetDirectoryName(script)! };
        }

        var version = request.Version.Length == 0 ? "" : $" v{request.Version}";
        throw new EngineException(
            $"Provider '{request.Plugin}'{version} is neither built in nor installed: no 'pulumi-resource-{request.Plugin}' in '{Path.Combine(home, "plugins")}' or on PATH. "
            + $"Install it with 'pulumi plugin install resource {request.Plugin}{version}'.",
            1);
    }

    /// <summary>The command that starts a provider from a folder (or, for a file, that program); null where there is none.</summary>
    public static PluginCommand? In(string path, string plugin)
    {
        if (File.Exists(path))
        {
            return new PluginCommand([path]) { Root = Path.GetDirectoryName(Path.GetFullPath(path))! };
        }

        foreach (var candidate in (string[])[$"pulumi-resource-{plugin}", $"pulumi-resource-{plugin}.exe"])
        {
            var program = Path.Combine(path, candidate);
            if (File.Exists(program))
            {
                return new PluginCommand([program]) { Root = path };
            }
        }

        return Source(path);
    }

    // A plugin can come as source code, with PulumiPlugin.yaml naming its language.
    private static PluginCommand? Source(string folder)
    {
        var file = Path.Combine(folder, "PulumiPlugin.yaml");
        if (!File.Exists(file))
        {
            return null;
        }

        var root = YamlFile.Load(file);
        var runtime = YamlFile.Child(root, "runtime") is YamlMappingNode map ? YamlFile.Text(map, "name") : YamlFile.Text(root, "runtime");
        if (runtime != "nodejs")
        {
            throw new EngineException($"{file}: the embedded engine runs plugins of runtime nodejs, not '{runtime}'; build the plugin to a program named pulumi-resource-NAME.", 1);
        }

        var runner = NodeModules.Find(folder, Path.Combine("@pulumi", "pulumi", "cmd", "run-plugin"))
            ?? throw new EngineException($"The dependencies of the plugin in '{folder}' are not installed; run 'npm install' there.", 1);
        return new PluginCommand(["node", runner, folder]) { Root = folder };
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

    [GeneratedRegex("^(?<kind>resource|language|analyzer|converter|tool)-(?<name>.+)-v(?<version>[0-9].*)$")]
    private static partial Regex PluginFolder();
}

/// <summary>A plugin in the cache.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">Its kind, for example <c>resource</c>.</param>
/// <param name="Version">Its version, without a v.</param>
/// <param name="Folder">Where it is.</param>
internal sealed record InstalledPlugin(string Name, string Kind, string Version, string Folder);
