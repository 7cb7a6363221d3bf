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

    /// <summary>Values that the project gives to every stack, by full key.</summary>
    public IReadOnlyDictionary<string, string> Defaults { get; init; } = new Dictionary<string, string>();

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
        var runtime = YamlFile.Child(root, "runtime");
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        if (runtime is YamlMappingNode map && YamlFile.Child(map, "options") is YamlMappingNode given)
        {
            foreach (var (key, value) in given)
            {
                options[((YamlScalarNode)key).Value!] = value is YamlScalarNode scalar ? scalar.Value ?? "" : value.ToString();
            }
        }

        return new ProjectFile
        {
            Directory = Path.GetDirectoryName(path)!,
            Name = name,
            Runtime = runtime switch
            {
                YamlScalarNode { Value: { Length: > 0 } text } => text,
                YamlMappingNode mapping when YamlFile.Text(mapping, "name") is { Length: > 0 } text => text,
                _ => throw new EngineException($"{path}: 'runtime' is missing; it is dotnet or nodejs", 1),
            },
            RuntimeOptions = options,
            Main = YamlFile.Text(root, "main") ?? "",
            Description = YamlFile.Text(root, "description") ?? "",
            BackendUrl = YamlFile.Child(root, "backend") is YamlMappingNode backend ? YamlFile.Text(backend, "url") : null,
            StackConfigDirectory = YamlFile.Text(root, "stackConfigDir") ?? "",
            Defaults = ReadDefaults(root, name),
        };
    }

    /// <summary><c>config:</c> of the project: values, or schemas with a <c>default</c> (own keys) or <c>value</c>.</summary>
    private static Dictionary<string, string> ReadDefaults(YamlMappingNode root, string project)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        if (YamlFile.Child(root, "config") is not YamlMappingNode config)
        {
            return result;
        }

        foreach (var (key, node) in config)
        {
            var name = ((YamlScalarNode)key).Value ?? "";
            var full = name.Contains(':') ? name : $"{project}:{name}";
            var value = node is YamlMappingNode schema ? YamlFile.Child(schema, "value") ?? YamlFile.Child(schema, "default") : node;
            if (value is not null)
            {
                result[full] = YamlFile.ToConfigText(value);
            }
        }

        return result;
    }
}
