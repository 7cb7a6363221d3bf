using Reco.Engine.Workspace;
using YamlDotNet.RepresentationModel;

namespace Reco.Engine.Plugins;

/// <summary>Plugins that a project keeps itself: <c>plugins.providers</c> (name, path) and local paths under
/// <c>packages</c> of Pulumi.yaml.</summary>
internal static class ProjectPlugins
{
    /// <summary>Path of a plugin (absolute), or null where the project has none of that name.</summary>
    public static string? Find(string projectDirectory, string plugin)
    {
        var file = Path.Combine(projectDirectory, "Pulumi.yaml");
        if (!File.Exists(file))
        {
            return null;
        }

        var root = YamlFile.Load(file);
        var path = Listed(root).FirstOrDefault(entry => entry.Name == plugin).Path;
        return path is null ? null : Path.GetFullPath(path, projectDirectory);
    }

    private static IEnumerable<(string Name, string? Path)> Listed(YamlMappingNode root)
    {
        if (YamlFile.Child(root, "plugins") is YamlMappingNode plugins && YamlFile.Child(plugins, "providers") is YamlSequenceNode providers)
        {
            foreach (var provider in providers.OfType<YamlMappingNode>())
            {
                yield return (YamlFile.Text(provider, "name") ?? "", YamlFile.Text(provider, "path"));
            }
        }

        if (YamlFile.Child(root, "packages") is YamlMappingNode packages)
        {
            foreach (var (key, value) in packages)
            {
                var source = value is YamlMappingNode entry ? YamlFile.Text(entry, "source") : (value as YamlScalarNode)?.Value;
                if (source is { Length: > 0 } && (source[0] == '.' || Path.IsPathRooted(source)))
                {
                    yield return (((YamlScalarNode)key).Value ?? "", source);
                }
            }
        }
    }
}
