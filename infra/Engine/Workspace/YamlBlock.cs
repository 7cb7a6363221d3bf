using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace Reco.Engine.Workspace;

/// <summary>Gives an entry of a YAML file another value and touches the lines of what differs only: comments, quotes and
/// order of everything else stay. Works on lines of block style; another style is written anew.</summary>
internal static class YamlBlock
{
    /// <summary>Lines of the entry with its new value.</summary>
    /// <param name="old">Its lines, the key in the first.</param>
    /// <param name="value">The new value.</param>
    public static IEnumerable<string> Entry(IReadOnlyList<string> old, JsonNode? value)
    {
        var indent = Indent(old[0]);
        var key = KeyOf(old[0].TrimStart())!;
        var known = Parse(old);
        if (value is JsonObject { Count: > 0 } map && known is YamlMappingNode before && Members(old) is { } members
            && members.Select(member => member.Key).ToHashSet().SetEquals(before.Children.Keys.Select(name => ((YamlScalarNode)name).Value!)))
        {
            return Merged(old, members, before, map);
        }

        List<string> lines = [.. YamlText.Entry(key, value, indent)];
        if (lines.Count == 1 && old.Count == 1 && known is YamlScalarNode && old[0][(int)(known.End.Column - 1)..] is var rest && rest.TrimStart().StartsWith('#'))
        {
            lines[0] += rest;
        }

        return lines;
    }

    /// <summary>The key that a line begins with; null where it begins with none.</summary>
    public static string? KeyOf(string line)
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

    /// <summary>How far a line is indented.</summary>
    public static int Indent(string line) => line.Length - line.TrimStart().Length;

    private static IEnumerable<string> Merged(IReadOnlyList<string> old, List<Member> members, YamlMappingNode before, JsonObject map)
    {
        yield return old[0];
        foreach (var member in members)
        {
            if (!map.TryGetPropertyValue(member.Key, out var wanted))
            {
                continue;
            }

            var lines = JsonNode.DeepEquals(YamlFile.ToJson(YamlFile.Child(before, member.Key)!), wanted) ? member.Lines : Entry(member.Lines, wanted);
            foreach (var line in member.Above.Concat(lines))
            {
                yield return line;
            }
        }

        var indent = Indent(members[0].Lines[0]);
        foreach (var line in map.Where(pair => members.TrueForAll(member => member.Key != pair.Key)).SelectMany(pair => YamlText.Entry(pair.Key, pair.Value, indent)))
        {
            yield return line;
        }

        // What stands below the last one.
        foreach (var line in old.Skip(1 + members.Sum(member => member.Above.Count + member.Lines.Count)))
        {
            yield return line;
        }
    }

    // Null where the entry is no mapping of block style.
    private static List<Member>? Members(IReadOnlyList<string> old)
    {
        var members = new List<Member>();
        var above = new List<string>();
        var level = -1;
        foreach (var line in old.Skip(1))
        {
            var text = line.TrimStart();
            if (text.Length == 0 || text[0] == '#')
            {
                above.Add(line);
                continue;
            }

            level = level < 0 ? Indent(line) : level;
            if (Indent(line) == level && !text.StartsWith("- ", StringComparison.Ordinal) && text != "-")
            {
                if (KeyOf(text) is not { } key)
                {
                    return null;
                }

                members.Add(new Member(key, [.. above], [line]));
            }
            else if (members.Count == 0 || Indent(line) < level)
            {
                return null;
            }
            else
            {
                members[^1].Lines.AddRange([.. above, line]);
            }

            above.Clear();
        }

        return members.Count == 0 ? null : members;
    }

    private static YamlNode? Parse(IReadOnlyList<string> lines)
    {
        try
        {
            return YamlFile.Parse(string.Join('\n', lines), "").Children.Values.FirstOrDefault();
        }
        catch (EngineException)
        {
            return null;
        }
    }

    private sealed record Member(string Key, List<string> Above, List<string> Lines);
}
