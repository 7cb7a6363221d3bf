using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Reco.Engine.Values;

namespace Reco.Engine.State;

/// <summary>Entries of checkpoints (resource, version 3).</summary>
internal static class ResourceCodec
{
    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.FFFFFFFZ";
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "urn", "custom", "delete", "id", "type", "inputs", "outputs", "parent", "protect", "taint", "external", "dependencies", "initErrors",
        "provider", "propertyDependencies", "pendingReplacement", "additionalSecretOutputs", "aliases", "customTimeouts", "importID",
        "retainOnDelete", "deletedWith", "replaceWith", "created", "modified", "sourcePosition", "ignoreChanges", "replaceOnChanges",
        "hideDiff", "replacementTrigger", "resourceHooks",
    };

    /// <summary>An entry as JSON; members stand in the official order, and empty ones are left out.</summary>
    public static JsonObject Encode(ResourceState resource, StateValueCodec values)
    {
        var entry = new JsonObject { ["urn"] = resource.Urn, ["custom"] = resource.Custom };
        Flag(entry, "delete", resource.Delete);
        Text(entry, "id", resource.Id);
        entry["type"] = resource.Type;
        if (resource.Inputs.Count > 0)
        {
            entry["inputs"] = values.Encode(resource.Inputs);
        }

        if (resource.Outputs.Count > 0)
        {
            entry["outputs"] = values.Encode(resource.Outputs);
        }

        Text(entry, "parent", resource.Parent);
        Flag(entry, "protect", resource.Protect);
        Flag(entry, "taint", resource.Taint);
        Flag(entry, "external", resource.External);
        List(entry, "dependencies", resource.Dependencies);
        List(entry, "initErrors", resource.InitErrors);
        Text(entry, "provider", resource.Provider);
        if (resource.PropertyDependencies.Count > 0)
        {
            entry["propertyDependencies"] = new JsonObject(resource.PropertyDependencies.Select(pair =>
                KeyValuePair.Create(pair.Key, pair.Value.IsDefaultOrEmpty ? null : (JsonNode?)Array(pair.Value))));
        }

        Flag(entry, "pendingReplacement", resource.PendingReplacement);
        List(entry, "additionalSecretOutputs", resource.AdditionalSecretOutputs);
        List(entry, "aliases", resource.Aliases);
        if (resource.CustomTimeouts is { } timeouts)
        {
            var limits = new JsonObject();
            foreach (var (name, seconds) in new[] { ("create", timeouts.Create), ("update", timeouts.Update), ("delete", timeouts.Delete), ("read", timeouts.Read) })
            {
                if (seconds > 0)
                {
                    limits[name] = seconds;
                }
            }

            entry["customTimeouts"] = limits;
        }

        Text(entry, "importID", resource.ImportId);
        Flag(entry, "retainOnDelete", resource.RetainOnDelete);
        Text(entry, "deletedWith", resource.DeletedWith);
        List(entry, "replaceWith", resource.ReplaceWith);
        Time(entry, "created", resource.Created);
        Time(entry, "modified", resource.Modified);
        Text(entry, "sourcePosition", resource.SourcePosition);
        List(entry, "ignoreChanges", resource.IgnoreChanges);
        List(entry, "hideDiff", resource.HideDiffs);
        List(entry, "replaceOnChanges", resource.ReplaceOnChanges);
        if (resource.ReplacementTrigger is { } trigger)
        {
            entry["replacementTrigger"] = values.Encode(trigger);
        }

        if (resource.Hooks.Count > 0)
        {
            entry["resourceHooks"] = new JsonObject(resource.Hooks.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)Array(pair.Value))));
        }

        foreach (var (name, json) in resource.Unrecognised)
        {
            entry[name] = DeepJson.Parse(json);
        }

        return entry;
    }

    /// <summary>An entry from JSON.</summary>
    /// <exception cref="CheckpointFormatException">A member is missing or of the wrong kind.</exception>
    public static ResourceState Decode(JsonNode? node, StateValueCodec values)
    {
        if (node is not JsonObject entry)
        {
            throw new CheckpointFormatException("a resource is not an object");
        }

        var urn = entry["urn"]?.GetValue<string>() ?? throw new CheckpointFormatException("a resource has no urn");
        try
        {
            return new ResourceState
            {
                Urn = urn,
                Type = Text(entry, "type") is { Length: > 0 } type ? type : Planning.Urn.Type(urn),
                Custom = Flag(entry, "custom"),
                Delete = Flag(entry, "delete"),
                Id = Text(entry, "id"),
                Inputs = values.DecodeMap(entry["inputs"]),
                Outputs = values.DecodeMap(entry["outputs"]),
                Parent = Text(entry, "parent"),
                Protect = Flag(entry, "protect"),
                Taint = Flag(entry, "taint"),
                External = Flag(entry, "external"),
                Dependencies = List(entry["dependencies"]),
                InitErrors = List(entry["initErrors"]),
                Provider = Text(entry, "provider"),
                PropertyDependencies = (entry["propertyDependencies"] as JsonObject ?? []).ToImmutableSortedDictionary(pair => pair.Key, pair => List(pair.Value), StringComparer.Ordinal),
                PendingReplacement = Flag(entry, "pendingReplacement"),
                AdditionalSecretOutputs = List(entry["additionalSecretOutputs"]),
                Aliases = List(entry["aliases"]),
                CustomTimeouts = entry["customTimeouts"] is JsonObject limits
                    ? new ResourceTimeouts(Seconds(limits, "create"), Seconds(limits, "update"), Seconds(limits, "delete"), Seconds(limits, "read")) : null,
                ImportId = Text(entry, "importID"),
                RetainOnDelete = Flag(entry, "retainOnDelete"),
                DeletedWith = Text(entry, "deletedWith"),
                ReplaceWith = List(entry["replaceWith"]),
                Created = Time(entry, "created"),
                Modified = Time(entry, "modified"),
                SourcePosition = Text(entry, "sourcePosition"),
                IgnoreChanges = List(entry["ignoreChanges"]),
                HideDiffs = List(entry["hideDiff"]),
                ReplaceOnChanges = List(entry["replaceOnChanges"]),
                ReplacementTrigger = entry["replacementTrigger"] is { } trigger ? values.Decode(trigger) : null,
                Hooks = (entry["resourceHooks"] as JsonObject ?? []).ToImmutableSortedDictionary(pair => pair.Key, pair => List(pair.Value), StringComparer.Ordinal),
                Unrecognised = entry.Where(pair => !Known.Contains(pair.Key)).ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value?.ToJsonString(DeepJson.Line) ?? "null", StringComparer.Ordinal),
            };
        }
        catch (Exception error) when (error is InvalidOperationException or FormatException)
        {
            throw new CheckpointFormatException($"resource {urn}: {error.Message}", error);
        }
    }

    private static void Text(JsonObject entry, string name, string value)
    {
        if (value.Length > 0)
        {
            entry[name] = value;
        }
    }

    private static void Flag(JsonObject entry, string name, bool value)
    {
        if (value)
        {
            entry[name] = true;
        }
    }

    private static void List(JsonObject entry, string name, ImmutableArray<string> values)
    {
        if (!values.IsDefaultOrEmpty)
        {
            entry[name] = Array(values);
        }
    }

    private static JsonArray Array(ImmutableArray<string> values) => new([.. values.Select(value => JsonValue.Create(value))]);

    private static void Time(JsonObject entry, string name, DateTimeOffset? time)
    {
        if (time is { } moment)
        {
            entry[name] = moment.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);
        }
    }

    private static string Text(JsonObject entry, string name) => entry[name]?.GetValue<string>() ?? "";

    private static bool Flag(JsonObject entry, string name) => entry[name]?.GetValue<bool>() ?? false;

    private static double Seconds(JsonObject entry, string name) => entry[name]?.GetValue<double>() ?? 0;

    private static ImmutableArray<string> List(JsonNode? node) => node is JsonArray list ? [.. list.Select(item => item?.GetValue<string>() ?? "")] : [];

    private static DateTimeOffset? Time(JsonObject entry, string name) =>
        Text(entry, name) is { Length: > 0 } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) : null;
}
