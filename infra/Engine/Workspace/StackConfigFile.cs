using System.Text.Json.Nodes;
using Reco.Engine.State;
using YamlDotNet.RepresentationModel;

namespace Reco.Engine.Workspace;

/// <summary>Pulumi.STACK.yaml. Changes touch the lines of their key only (comments and order stay), and are written by <see cref="Save"/>.</summary>
internal sealed class StackConfigFile
{
    private const string ConfigSection = "config";
    private const string SaltKey = "encryptionsalt";
    private readonly string path;
    private string? text;
    private YamlMappingNode root;

    private StackConfigFile(string path, string? text)
    {
        (this.path, this.text) = (path, text);
        root = Parse();
    }

    /// <summary>Path of the file.</summary>
    public string Path => path;

    /// <summary>Whether it was there when it was read.</summary>
    public bool Exists => text is not null;

    /// <summary>Salt of the passphrase provider, or null.</summary>
    public string? Salt => YamlFile.Text(root, SaltKey);

    /// <summary>Where the file of a stack is.</summary>
    public static string PathOf(ProjectFile project, string stack) => System.IO.Path.Combine(project.Directory, project.StackConfigDirectory, $"Pulumi.{stack}.yaml");

    /// <summary>Reads the file of a stack, once; one that is not there is empty.</summary>
    /// <exception cref="EngineException">It is malformed.</exception>
    public static StackConfigFile Open(ProjectFile project, string stack) => Open(PathOf(project, stack));

    /// <summary>Reads a file, once; one that is not there is empty.</summary>
    /// <exception cref="EngineException">It is malformed.</exception>
    public static StackConfigFile Open(string path) => new(path, YamlFile.ReadText(path));

    /// <summary>Every value, by full key.</summary>
    public SortedDictionary<string, ConfigValue> Values(string project)
    {
        var result = new SortedDictionary<string, ConfigValue>(StringComparer.Ordinal);
        switch (YamlFile.Child(root, ConfigSection))
        {
            case null or YamlScalarNode { Value: null or "" }:
                return result;
            case YamlMappingNode config:
                foreach (var (key, node) in config)
                {
                    result[ConfigKey.Parse(((YamlScalarNode)key).Value ?? "", project)] = Read(node);
                }

                return result;
            default:
                throw new EngineException($"{path}: 'config' should be a mapping of keys to values", 2);
        }
    }

    /// <summary>Every value, and what the project gives where there is none, by full key.</summary>
    public SortedDictionary<string, ConfigValue> Values(ProjectFile project)
    {
        var result = Values(project.Name);
        foreach (var entry in project.Config)
        {
            if (entry.Default is { } value)
            {
                result.TryAdd(entry.FullKey, value);
            }
        }

        return result;
    }

    /// <summary>Sets a key; null removes it.</summary>
    public void Set(string key, string project, JsonNode? value, bool remove = false)
    {
        var lines = Lines();
        if (FindSection(lines, create: !remove) is not { } start)
        {
            return;
        }

        var end = Enumerable.Range(start + 1, lines.Count - start - 1).FirstOrDefault(at => lines[at].Length > 0 && !char.IsWhiteSpace(lines[at][0]) && lines[at][0] != '#', lines.Count);
        while (end > start + 1 && string.IsNullOrWhiteSpace(lines[end - 1]))
        {
            end--;
        }

        var (from, to, level) = FindEntry(lines, start + 1, end, key, project);
        List<string> entry = remove ? [] : [.. from < to ? YamlBlock.Entry(lines[from..to], value) : YamlText.Entry(key, value, level)];
        lines.RemoveRange(from, to - from);
        lines.InsertRange(from, entry);
        Change(lines);
    }

    /// <summary>Sets the salt.</summary>
    public void SetSalt(string salt)
    {
        var lines = Lines();
        lines.RemoveAll(line => line.StartsWith(SaltKey + ":", StringComparison.Ordinal));
        lines.Insert(0, $"{SaltKey}: {YamlText.Scalar(salt)}");
        Change(lines);
    }

    /// <summary>Forgets every value and the salt.</summary>
    public void Clear() => Change([]);

    /// <summary>Writes what was set; the file that is there is replaced as a whole.</summary>
    /// <exception cref="EngineException">It cannot be written, and is as it was.</exception>
    public void Save()
    {
        if (text is not null)
        {
            DurableFile.Write(path, text);
        }
    }

    /// <summary>Removes the file.</summary>
    public void Delete()
    {
        File.Delete(path);
        text = null;
        root = Parse();
    }

    private YamlMappingNode Parse() => text is null ? new YamlMappingNode() : YamlFile.Parse(text, path);

    private static ConfigValue Read(YamlNode node) => node switch
    {
        YamlMappingNode map when YamlFile.Text(map, "secure") is { } secure && map.Children.Count == 1 => new ConfigValue(secure, true, false),
        YamlScalarNode scalar => new ConfigValue(scalar.Value ?? "", false, false),
        _ => new ConfigValue(YamlFile.ToJson(node)!.ToJsonString(), false, true),
    };

    private List<string> Lines()
    {
        var lines = new List<string>();
        using var reader = new StringReader(text ?? "");
        while (reader.ReadLine() is { } line)
        {
            lines.Add(line);
        }

        return lines;
    }

    private static int? FindSection(List<string> lines, bool create)
    {
        const string Header = ConfigSection + ":";
        var start = lines.FindIndex(line => line.TrimEnd() is var text && (text == Header || text.StartsWith(Header + " #", StringComparison.Ordinal) || text.StartsWith(Header + " {}", StringComparison.Ordinal)));
        if (start < 0)
        {
            if (!create)
            {
                return null;
            }

            lines.Add(Header);
            start = lines.Count - 1;
        }
        else if (lines[start].Contains("{}", StringComparison.Ordinal))
        {
            lines[start] = Header;
        }

        return start;
    }

    /// <summary>Range of lines of an entry; empty, at the end of the section, where there is none. Entries have the indent of
    /// the first; what is further in belongs to one of them.</summary>
    private static (int From, int To, int Level) FindEntry(List<string> lines, int start, int end, string key, string project)
    {
        static bool IsText(string line) => line.TrimStart() is { Length: > 0 } text && text[0] != '#';
        var level = lines[start..end].Where(IsText).Select(YamlBlock.Indent).FirstOrDefault(2);
        for (var at = start; at < end; at++)
        {
            var text = lines[at].TrimStart();
            if (!IsText(lines[at]) || YamlBlock.Indent(lines[at]) != level || text[0] == '-' || YamlBlock.KeyOf(text) is not { } name || !IsSame(name, key, project))
            {
                continue;
            }

            var to = at + 1;
            while (to < end && (string.IsNullOrWhiteSpace(lines[to]) || YamlBlock.Indent(lines[to]) > level || (YamlBlock.Indent(lines[to]) == level && lines[to].TrimStart().StartsWith("- ", StringComparison.Ordinal))))
            {
                to++;
            }

            while (string.IsNullOrWhiteSpace(lines[to - 1]))
            {
                to--;
            }

            return (at, to, level);
        }

        return (end, end, level);
    }

    private static bool IsSame(string name, string key, string project)
    {
        try
        {
            return ConfigKey.Parse(name, project) == key;
        }
        catch (EngineException)
        {
            return false;
        }
    }

    private void Change(List<string> lines)
    {
        var changed = string.Join('\n', lines).TrimEnd('\n') + "\n";
        root = YamlFile.Parse(changed, path);
        text = changed;
    }
}
