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
    public static StackConfigFile Open(ProjectFile project, string stack)
    {
        var path = PathOf(project, stack);
        return new StackConfigFile(path, YamlFile.ReadText(path));
    }

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

    /// <summary>Sets a key; null removes it.</summary>
    public void Set(string key, string project, JsonNode? value, bool remove = false) => Rewrite(ConfigSection, key, project, remove ? null : [.. YamlText.Entry(key, value, 2)]);

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

    private void Rewrite(string section, string key, string project, string[]? entry)
    {
        var lines = Lines();
        var start = lines.FindIndex(line => line.TrimEnd() is var text && (text == $"{section}:" || text.StartsWith($"{section}: #", StringComparison.Ordinal) || text.StartsWith($"{section}: {{}}", StringComparison.Ordinal)));
        if (start < 0)
        {
            if (entry is null)
            {
                return;
            }

            lines.Add($"{section}:");
            start = lines.Count - 1;
        }
        else if (lines[start].Contains("{}", StringComparison.Ordinal))
        {
            lines[start] = $"{section}:";
        }

        var end = Enumerable.Range(start + 1, lines.Count - start - 1).FirstOrDefault(at => lines[at].Length > 0 && !char.IsWhiteSpace(lines[at][0]) && lines[at][0] != '#', lines.Count);
        while (end > start + 1 && string.IsNullOrWhiteSpace(lines[end - 1]))
        {
            end--;
        }

        var (from, to) = FindEntry(lines, start + 1, end, key, project);
        var indent = from < end && from < lines.Count ? Indent(lines[from]) : 2;
        var place = from;
        lines.RemoveRange(from, to - from);
        lines.InsertRange(place, (entry ?? []).Select(line => new string(' ', Math.Max(0, indent - 2)) + line));
        Change(lines);
    }

    /// <summary>Range of lines of an entry; empty, at the end of the section, where there is none.</summary>
    private static (int From, int To) FindEntry(List<string> lines, int start, int end, string key, string project)
    {
        for (var at = start; at < end; at++)
        {
            var text = lines[at].TrimStart();
            if (text.Length == 0 || text[0] is '#' or '-')
            {
                continue;
            }

            var name = KeyOf(text);
            if (name is null || !IsSame(name, key, project))
            {
                continue;
            }

            var indent = Indent(lines[at]);
            var to = at + 1;
            while (to < end && (string.IsNullOrWhiteSpace(lines[to]) || Indent(lines[to]) > indent || (Indent(lines[to]) == indent && lines[to].TrimStart().StartsWith("- ", StringComparison.Ordinal))))
            {
                to++;
            }

            return (at, to);
        }

        return (end, end);
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

    private static string? KeyOf(string line)
    {
        if (line[0] is '"' or '\'')
        {
            var close = line.IndexOf(line[0], 1);
            return close > 0 ? line[1..close] : null;
        }

        // The colon that ends the key is followed by a space or nothing.
        for (var at = 0; at < line.Length; at++)
        {
            if (line[at] == ':' && (at + 1 == line.Length || char.IsWhiteSpace(line[at + 1])))
            {
                return line[..at];
            }
        }

        return null;
    }

    private static int Indent(string line) => line.Length - line.TrimStart().Length;

    private void Change(List<string> lines)
    {
        var changed = string.Join('\n', lines).TrimEnd('\n') + "\n";
        root = YamlFile.Parse(changed, path);
        text = changed;
    }
}
