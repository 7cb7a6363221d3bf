using Reco.Engine.Protocol;
using Reco.Engine.State;
using YamlDotNet.RepresentationModel;

namespace Reco.Engine.Workspace;

/// <summary>What Pulumi.yaml says.</summary>
internal sealed record ProjectFile
{
    private static readonly string[] Names = ["Pulumi.yaml", "Pulumi.yml"];

    /// <summary>Folder of the file (absolute).</summary>
    public required string Directory { get; init; }

    /// <summary>Name of the project.</summary>
    public required string Name { get; init; }

    /// <summary>Runtime of the program: dotnet or nodejs.</summary>
    public required string Runtime { get; init; }

    /// <summary>Options of the runtime.</summary>
    public IReadOnlyDictionary<string, string> RuntimeOptions { get; init; } = new Dictionary<string, string>();

    /// <summary>Folder of the program, relative to the project; empty for the project's own.</summary>
    public string Main { get; init; } = "";

    /// <summary>Description; empty for none.</summary>
    public string Description { get; init; } = "";

    /// <summary><c>backend.url</c>; null for none.</summary>
    public string? BackendUrl { get; init; }

    /// <summary><c>stackConfigDir</c>, relative to the project; empty for the project's own folder.</summary>
    public string StackConfigDirectory { get; init; } = "";

    /// <summary><c>options.refresh: always</c>: runs read every resource from its provider first.</summary>
    public bool AlwaysRefresh { get; init; }

    /// <summary>What the project says of the configuration of its stacks.</summary>
    public IReadOnlyList<ProjectConfigEntry> Config { get; init; } = [];

    /// <summary>Folder of the program (absolute).</summary>
    public string ProgramDirectory => Path.GetFullPath(Main.Length == 0 ? "." : Main, Directory);

    /// <summary>Finds and reads the project of a folder, there or above it.</summary>
    /// <exception cref="EngineException">There is none, or it is malformed.</exception>
    public static ProjectFile Find(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            foreach (var name in Names)
            {
                var path = Path.Combine(at.FullName, name);
                if (File.Exists(path))
                {
                    return Read(path);
                }
            }
        }

        throw new EngineException($"no Pulumi.yaml project file found in '{folder}' or above it", 1);
    }

    private static ProjectFile Read(string path)
    {
        var root = YamlFile.Load(path);
        var name = YamlFile.Text(root, "name") ?? throw new EngineException($"{path}: 'name' is missing", 1);
        if (!StackName.IsLegal(name))
        {
            throw new EngineException($"{path}: a project cannot be named '{name}'; a name may have letters, digits, hyphens, underscores and dots, up to 100 of them", 1);
        }

        var runtime = YamlFile.Child(root, "runtime");
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        if (runtime is YamlMappingNode map && YamlFile.Child(map, "options") is YamlMappingNode given)
        {
            foreach (var (key, value) in given)
            {
                options[((YamlScalarNode)key).Value!] = value is YamlScalarNode scalar ? scalar.Value ?? "" : value.ToString();
            }
        }

        if (YamlFile.Text(root, "requiredPulumiVersion") is { Length: > 0 } range && !VersionRange.Contains(range, System.Version.Parse(EngineVersion.Pulumi)))
        {
            throw new EngineException($"{path}: the project requires Pulumi {range}; this engine behaves as {EngineVersion.Pulumi}", 2);
        }

        // The old name of stackConfigDir.
        var folder = YamlFile.Text(root, "config") is { Length: > 0 } text ? text : null;
        if (folder is not null && YamlFile.Child(root, "stackConfigDir") is not null)
        {
            throw new EngineException($"{path}: 'config' and 'stackConfigDir' both name a folder; keep 'stackConfigDir' only", 2);
        }

        return new ProjectFile
        {
            Directory = Path.GetDirectoryName(path)!,
            Name = name,
            Runtime = runtime switch
            {
                YamlScalarNode { Value: { Length: > 0 } plain } => plain,
                YamlMappingNode mapping when YamlFile.Text(mapping, "name") is { Length: > 0 } named => named,
                _ => throw new EngineException($"{path}: 'runtime' is missing; it is dotnet or nodejs", 1),
            },
            RuntimeOptions = options,
            Main = YamlFile.Text(root, "main") ?? "",
            Description = YamlFile.Text(root, "description") ?? "",
            BackendUrl = YamlFile.Child(root, "backend") is YamlMappingNode backend ? YamlFile.Text(backend, "url") : null,
            StackConfigDirectory = YamlFile.Text(root, "stackConfigDir") ?? folder ?? "",
            AlwaysRefresh = YamlFile.Child(root, "options") is YamlMappingNode projectOptions && YamlFile.Text(projectOptions, "refresh") == "always",
            Config = YamlFile.Child(root, "config") is YamlMappingNode config ? ProjectConfig.Read(config, name, path) : [],
        };
    }
}
