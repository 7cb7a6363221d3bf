using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Reco.Engine.State;

/// <summary>Tags of a stack, in the official file beside its checkpoint.</summary>
internal sealed partial class StackTags(StateFolder folder, StackName name)
{
    private const int Version = 1;
    private const int LongestValue = 256;

    /// <summary>Tags by name.</summary>
    /// <exception cref="EngineException">The file is damaged or of another version.</exception>
    public SortedDictionary<string, string> Load()
    {
        var tags = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var path = folder.Tags(name);
        if (!File.Exists(path))
        {
            return tags;
        }

        try
        {
            var file = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
            if (file["version"]?.GetValue<int>() != Version)
            {
                throw new EngineException($"'{path}' is of version {file["version"]?.ToJsonString() ?? "none"}; this engine reads version {Version}", 1);
            }

            foreach (var (tag, value) in file["tags"]?.AsObject() ?? [])
            {
                tags[tag] = value!.GetValue<string>();
            }

            return tags;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new EngineException($"'{path}' has no tags of a stack in it: {error.Message}", 1, error);
        }
    }

    /// <summary>Sets a tag.</summary>
    /// <exception cref="EngineException">The name or the value is not allowed.</exception>
    public void Set(string tag, string value)
    {
        if (!TagName().IsMatch(tag) || value.Length > LongestValue)
        {
            throw new EngineException($"stack tag '{tag}': a name has up to 40 letters, digits, hyphens, underscores, dots and colons, a value up to {LongestValue} characters", 2);
        }

        var tags = Load();
        tags[tag] = value;
        Save(tags);
    }

    /// <summary>Removes a tag; one that is not there stays so.</summary>
    public void Remove(string tag)
    {
        var tags = Load();
        if (tags.Remove(tag))
        {
            Save(tags);
        }
    }

    private void Save(SortedDictionary<string, string> tags)
    {
        if (tags.Count == 0)
        {
            File.Delete(folder.Tags(name));
            return;
        }

        var file = new JsonObject { ["version"] = Version, ["tags"] = new JsonObject(tags.Select(tag => KeyValuePair.Create(tag.Key, (JsonNode?)tag.Value))) };
        DurableFile.Write(folder.Tags(name), file.ToJsonString());
    }

    [GeneratedRegex("^[a-zA-Z0-9_.:-]{1,40}$")]
    private static partial Regex TagName();
}
