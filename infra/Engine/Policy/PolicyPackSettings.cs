using System.Text.Json;
using System.Text.Json.Nodes;
using Reco.Protocol;

namespace Reco.Engine.Policy;

/// <summary>What a policy pack's policies are told: levels and properties, from defaults of their schemas, the pack's own
/// initial configuration and a configuration file, the later over the earlier.</summary>
internal sealed class PolicyPackSettings
{
    private const string All = "all";
    private const string LevelKey = "enforcementLevel";

    private readonly Dictionary<string, (EnforcementLevel? Level, JsonObject Properties)> entries = new(StringComparer.Ordinal);

    /// <summary>Puts the settings of a pack together.</summary>
    /// <param name="info">What the pack says of itself.</param>
    /// <param name="file">Configuration file (JSON), or null.</param>
    /// <exception cref="EngineException">The file cannot be used, or is not what the policies ask for.</exception>
    public PolicyPackSettings(AnalyzerInfo info, string? file)
    {
        foreach (var policy in info.Policies)
        {
            var properties = new JsonObject();
            foreach (var (name, schema) in policy.ConfigSchema?.Properties?.Fields ?? [])
            {
                if (schema.StructValue?.Fields.TryGetValue("default", out var value) == true)
                {
                    properties[name] = JsonNode.Parse(Google.Protobuf.JsonFormatter.Default.Format(value));
                }
            }

            entries[policy.Name] = (policy.EnforcementLevel, properties);
        }

        Apply(info.InitialConfig.ToDictionary(
            entry => entry.Key,
            entry => ((EnforcementLevel?)entry.Value.EnforcementLevel, entry.Value.Properties is null ? [] : (JsonObject)JsonNode.Parse(entry.Value.Properties.ToString())!),
            StringComparer.Ordinal));
        if (file is not null)
        {
            Apply(Load(file));
        }

        RequireValid(info);
    }

    /// <summary>As the pack is told.</summary>
    public ConfigureAnalyzerRequest ToRequest()
    {
        var request = new ConfigureAnalyzerRequest();
        foreach (var (name, (level, properties)) in entries)
        {
            request.PolicyConfig[name] = new PolicyConfig
            {
                EnforcementLevel = level ?? EnforcementLevel.Advisory,
                Properties = Google.Protobuf.WellKnownTypes.Struct.Parser.ParseJson(properties.ToJsonString()),
            };
        }

        return request;
    }

    private static Dictionary<string, (EnforcementLevel? Level, JsonObject Properties)> Load(string file)
    {
        JsonObject root;
        try
        {
            var text = File.ReadAllText(file);
            root = text.Trim().Length == 0 ? [] : JsonNode.Parse(text) as JsonObject ?? throw new EngineException($"'{file}': the configuration of a policy pack is a JSON object", 2);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new EngineException($"the policy pack configuration '{file}' cannot be read: {error.Message}", 2);
        }

        return root.Where(entry => entry.Key != "environments").ToDictionary(
            entry => entry.Key,
            entry => entry.Value switch
            {
                JsonValue text when text.GetValueKind() == JsonValueKind.String => ((EnforcementLevel?)Level(file, entry.Key, text.GetValue<string>()), (JsonObject)[]),
                JsonObject settings => (
                    settings[LevelKey] is { } level ? Level(file, entry.Key, level.GetValueKind() == JsonValueKind.String ? level.GetValue<string>() : level.ToJsonString()) : null,
                    new JsonObject(settings.Where(member => member.Key != LevelKey).Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())))),
                _ => throw new EngineException($"'{file}': '{entry.Key}' should be an enforcement level or an object", 2),
            },
            StringComparer.Ordinal);
    }

    private static EnforcementLevel Level(string file, string policy, string text) => text switch
    {
        "advisory" => EnforcementLevel.Advisory,
        "mandatory" => EnforcementLevel.Mandatory,
        "remediate" => EnforcementLevel.Remediate,
        "disabled" => EnforcementLevel.Disabled,
        _ => throw new EngineException($"'{file}': '{text}' of '{policy}' is no enforcement level; there are advisory, mandatory, remediate and disabled", 2),
    };

    private void Apply(Dictionary<string, (EnforcementLevel? Level, JsonObject Properties)> more)
    {
        // "all" is a level for every policy that has none of its own.
        if (more.TryGetValue(All, out var all) && all.Level is { } level)
        {
            foreach (var name in entries.Keys.ToList())
            {
                entries[name] = (level, entries[name].Properties);
            }
        }

        foreach (var (name, (own, properties)) in more.Where(entry => entry.Key != All))
        {
            if (!entries.TryGetValue(name, out var present))
            {
                continue;
            }

            foreach (var (key, value) in properties)
            {
                present.Properties[key] = value?.DeepClone();
            }

            entries[name] = (own ?? present.Level, present.Properties);
        }
    }

    private void RequireValid(AnalyzerInfo info)
    {
        var problems = info.Policies
            .Where(policy => policy.ConfigSchema is not null)
            .SelectMany(policy => PolicySchema.Problems(Schema(policy.ConfigSchema), entries[policy.Name].Properties, "").Select(problem => $"{policy.Name}: {problem}"))
            .ToList();
        if (problems.Count > 0)
        {
            throw new EngineException($"the configuration of policy pack '{info.Name}' is not valid: {string.Join("; ", problems)}. Give it with --policy-pack-config", 2);
        }
    }

    private static JsonObject Schema(PolicyConfigSchema schema) => new()
    {
        ["properties"] = schema.Properties is null ? new JsonObject() : JsonNode.Parse(Google.Protobuf.JsonFormatter.Default.Format(schema.Properties)),
        ["required"] = new JsonArray([.. schema.Required.Select(name => JsonValue.Create(name))]),
    };
}
