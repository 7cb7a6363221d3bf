using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Reco.Engine.Workspace;

/// <summary>Reads YAML with errors that name file, line and column.</summary>
internal static class YamlFile
{
    /// <summary>The mapping at the root of a file; empty for an empty file.</summary>
    /// <exception cref="EngineException">It cannot be read, is not YAML, or is not a mapping.</exception>
    public static YamlMappingNode Load(string path) => Parse(ReadText(path) ?? throw new EngineException($"{path} cannot be read: it does not exist", 2), path);

    /// <summary>Text of a file; null where there is none.</summary>
    /// <exception cref="EngineException">It cannot be read.</exception>
    public static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"{path} cannot be read: {error.Message}", 2);
        }
    }

    /// <summary>The mapping at the root of a file's text; empty for an empty one.</summary>
    /// <exception cref="EngineException">It is not YAML, or not a mapping.</exception>
    public static YamlMappingNode Parse(string text, string path)
    {
        try
        {
            var stream = new YamlStream();
            using var reader = new StringReader(text);
            stream.Load(reader);
            return stream.Documents.Count == 0 || stream.Documents[0].RootNode is YamlScalarNode { Value: null or "" } ? new YamlMappingNode()
                : stream.Documents[0].RootNode as YamlMappingNode ?? throw new EngineException($"{path}: it should be a mapping of keys to values", 2);
        }
        catch (YamlException error)
        {
            throw new EngineException(string.Create(CultureInfo.InvariantCulture, $"{path}, line {error.Start.Line}, column {error.Start.Column}: {error.InnerException?.Message ?? error.Message}"), 2);
        }
    }

    /// <summary>A member of a mapping, or null.</summary>
    public static YamlNode? Child(YamlMappingNode map, string name) => map.Children.TryGetValue(new YamlScalarNode(name), out var node) ? node : null;

    /// <summary>A scalar member, or null.</summary>
    public static string? Text(YamlMappingNode map, string name) => Child(map, name) is YamlScalarNode { Value: var value } ? value : null;

    /// <summary>A configuration value as its text: a scalar's own, JSON for lists and maps.</summary>
    public static string ToConfigText(YamlNode node) => node is YamlScalarNode scalar ? scalar.Value ?? "" : ToJson(node)!.ToJsonString();

    /// <summary>YAML as JSON, plain scalars by YAML's core rules.</summary>
    public static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value ?? "", ToJson(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => scalar.Value switch
        {
            null or "" or "~" or "null" => null,
            "true" => JsonValue.Create(true),
            "false" => JsonValue.Create(false),
            var text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
            var text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) => JsonValue.Create(real),
            var text => JsonValue.Create(text),
        },
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => null,
    };
}
