using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace Reco.Engine.Workspace;

/// <summary>What <c>config:</c> of Pulumi.yaml says of one key: a value for every stack, or what the stacks have to give.</summary>
internal sealed record ProjectConfigEntry
{
    /// <summary>The key as the project writes it.</summary>
    public required string Key { get; init; }

    /// <summary>The full key.</summary>
    public required string FullKey { get; init; }

    /// <summary>Whether it is one of the project's own.</summary>
    public bool IsOwn { get; init; }

    /// <summary>Type that values have to have; null for any.</summary>
    public ProjectConfigType? Type { get; init; }

    /// <summary>Value where a stack gives none, or null.</summary>
    public ConfigValue? Default { get; init; }

    /// <summary>Values must be encrypted.</summary>
    public bool Secret { get; init; }
}

/// <summary>A type of <c>config:</c>: string, integer, boolean, object, or array with the type of its items.</summary>
internal sealed record ProjectConfigType(string Name, ProjectConfigType? Items)
{
    /// <inheritdoc/>
    public override string ToString() => Items is null ? Name : $"array<{Items}>";

    /// <summary>Whether a value is of this type. Text of a stack's file may be the number or boolean that it looks like.</summary>
    public bool Accepts(JsonNode? value) => (Name, value) switch
    {
        ("array", JsonArray list) => Items is not null && list.All(Items.Accepts),
        ("object", JsonObject) => true,
        ("string", JsonValue text) => text.GetValueKind() == JsonValueKind.String,
        ("boolean", JsonValue flag) => flag.GetValueKind() is JsonValueKind.True or JsonValueKind.False || flag.ToString() is "true" or "false",
        ("integer", JsonValue number) => number.GetValueKind() == JsonValueKind.String
            ? long.TryParse(number.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
            : number.GetValueKind() == JsonValueKind.Number && double.IsInteger(number.Deserialize<double>()),
        _ => false,
    };
}

/// <summary>Reads <c>config:</c> of Pulumi.yaml, and holds stacks to it.</summary>
internal static class ProjectConfig
{
    private static readonly string[] Types = ["string", "integer", "boolean", "object", "array"];

    /// <summary>Reads the section.</summary>
    /// <exception cref="EngineException">It contradicts itself.</exception>
    public static IReadOnlyList<ProjectConfigEntry> Read(YamlMappingNode section, string project, string file)
    {
        var entries = new List<ProjectConfigEntry>();
        foreach (var (key, node) in section)
        {
            var name = ((YamlScalarNode)key).Value ?? "";
            try
            {
                entries.Add(Read(name, node, project));
            }
            catch (EngineException error)
            {
                throw new EngineException($"{file}: configuration key '{name}' {error.Message}", 2);
            }
        }

        return entries;
    }

    /// <summary>Refuses a stack that lacks values, or has some of another type than the project says.</summary>
    /// <param name="entries">What the project says.</param>
    /// <param name="stack">Name of the stack.</param>
    /// <param name="values">Its values and the project's defaults, as they stand in the files.</param>
    /// <param name="plain">The same values, decrypted.</param>
    /// <exception cref="EngineException">The stack is not as it should be.</exception>
    public static void Require(IReadOnlyList<ProjectConfigEntry> entries, string stack, IReadOnlyDictionary<string, ConfigValue> values, IReadOnlyDictionary<string, string> plain)
    {
        var missing = entries.Where(entry => entry.IsOwn && !values.ContainsKey(entry.FullKey)).Select(entry => $"'{entry.Key}'").Order(StringComparer.Ordinal).ToList();
        if (missing.Count > 0)
        {
            var list = missing.Count == 1 ? missing[0] : $"{string.Join(", ", missing[..^1])} and {missing[^1]}";
            throw new EngineException(
                $"Stack '{stack}' is missing configuration {(missing.Count == 1 ? "value" : "values")} {list}; set {(missing.Count == 1 ? "it" : "them")} with 'reco config set KEY VALUE --stack {stack}'",
                2);
        }

        foreach (var entry in entries.Where(entry => entry.Type is not null).OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            var value = values[entry.FullKey];
            if (entry.Secret && !value.HasSecret)
            {
                throw new EngineException($"Stack '{stack}' with configuration key '{entry.Key}' must be encrypted as it's secret; set it with 'reco config set --secret {entry.Key}'", 2);
            }

            var content = value.IsObject ? JsonNode.Parse(plain[entry.FullKey]) : JsonValue.Create(plain[entry.FullKey]);
            if (!entry.Type!.Accepts(content))
            {
                throw new EngineException($"Stack '{stack}' with configuration key '{entry.Key}' must be of type '{entry.Type}'", 2);
            }
        }
    }

    private static ProjectConfigEntry Read(string name, YamlNode node, string project)
    {
        var own = !name.Contains(':', StringComparison.Ordinal) || name.StartsWith(project + ":", StringComparison.Ordinal);
        var full = name.Contains(':', StringComparison.Ordinal) ? name : $"{project}:{name}";
        if (node is not YamlMappingNode schema)
        {
            return new ProjectConfigEntry { Key = name, FullKey = full, IsOwn = own, Default = Value(node) };
        }

        var (value, standard) = (YamlFile.Child(schema, "value"), YamlFile.Child(schema, "default"));
        if (value is not null && standard is not null)
        {
            throw new EngineException("cannot have both a 'default' and a 'value'");
        }

        var type = YamlFile.Child(schema, "type") is null ? null : ReadType(schema);
        if (!own)
        {
            _ = type is not null ? throw new EngineException("is not namespaced by the project and should not define a type")
                : standard is not null ? throw new EngineException("is not namespaced by the project and should not define a default value; give it a 'value'")
                : value ?? throw new EngineException("is not namespaced by the project and must have a 'value'");
        }

        if (type is not null && standard is not null && !type.Accepts(YamlFile.ToJson(standard)))
        {
            throw new EngineException($"has a default value that is not of its type '{type}'");
        }

        return new ProjectConfigEntry
        {
            Key = name,
            FullKey = full,
            IsOwn = own,
            Type = type,
            Default = (value ?? standard) is { } given ? Value(given) : null,
            Secret = YamlFile.Text(schema, "secret") == "true",
        };
    }

    private static ProjectConfigType ReadType(YamlMappingNode schema)
    {
        var name = YamlFile.Text(schema, "type");
        if (!Types.Contains(name))
        {
            throw new EngineException($"has the type '{name}'; there are {string.Join(", ", Types)}");
        }

        return name != "array" ? new ProjectConfigType(name!, null)
            : YamlFile.Child(schema, "items") is YamlMappingNode items ? new ProjectConfigType(name, ReadType(items))
            : throw new EngineException("declares an array without the type of its 'items'");
    }

    private static ConfigValue? Value(YamlNode node) => node is YamlScalarNode scalar
        ? scalar.Value is { Length: > 0 } text ? new ConfigValue(text, false, false) : scalar.Style == YamlDotNet.Core.ScalarStyle.Plain ? null : new ConfigValue("", false, false)
        : new ConfigValue(YamlFile.ToConfigText(node), false, true);
}
