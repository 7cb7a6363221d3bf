using System.Text.Json.Nodes;
using Reco.Engine.Events;
using Reco.Engine.State;
using Reco.Engine.Values;

namespace Reco.Engine.Display;

/// <summary>Events in the JSON shapes of Pulumi's engine events.</summary>
internal sealed class EventJson(bool showSecrets)
{
    private readonly StateValueCodec values = new(showSecrets ? null : _ => PropertyText.Secret, null);

    /// <summary>An event; null for one that has no JSON form.</summary>
    public JsonObject? Encode(EngineEvent @event) => @event switch
    {
        EngineEvent.Prelude prelude => new JsonObject { ["preludeEvent"] = new JsonObject { ["config"] = new JsonObject(prelude.Config.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))) } },
        EngineEvent.ResourcePre before => new JsonObject { ["resourcePreEvent"] = new JsonObject { ["metadata"] = Metadata(before.Step), ["planning"] = Set(before.Planning) }.WithoutNulls() },
        EngineEvent.ResourceOutputs after => new JsonObject { ["resOutputsEvent"] = new JsonObject { ["metadata"] = Metadata(after.Step), ["planning"] = Set(after.Planning) }.WithoutNulls() },
        EngineEvent.ResourceFailed failed => new JsonObject { ["resOpFailedEvent"] = new JsonObject { ["metadata"] = Metadata(failed.Step), ["status"] = 1, ["steps"] = 0 } },
        EngineEvent.Diagnostic message => new JsonObject { ["diagnosticEvent"] = Diagnostic(message) },
        EngineEvent.PolicyViolation violation => new JsonObject
        {
            ["policyEvent"] = new JsonObject
            {
                ["resourceUrn"] = violation.Urn,
                ["message"] = violation.Message,
                ["color"] = "never",
                ["policyName"] = violation.Policy,
                ["policyPackName"] = violation.Pack,
                ["policyPackVersion"] = violation.PackVersion,
                ["policyPackVersionTag"] = violation.PackVersion,
                ["enforcementLevel"] = violation.Enforcement,
                ["severity"] = violation.Severity.Length > 0 ? violation.Severity : null,
            }.WithoutNulls(),
        },
        EngineEvent.PolicyRemediation remediation => new JsonObject
        {
            ["policyRemediationEvent"] = new JsonObject
            {
                ["resourceUrn"] = remediation.Urn,
                ["color"] = "never",
                ["policyName"] = remediation.Policy,
                ["policyPackName"] = remediation.Pack,
                ["policyPackVersion"] = remediation.PackVersion,
                ["policyPackVersionTag"] = remediation.PackVersion,
                ["before"] = values.Encode(remediation.Before),
                ["after"] = values.Encode(remediation.After),
            },
        },
        EngineEvent.Cancelled => new JsonObject { ["cancelEvent"] = new JsonObject() },
        EngineEvent.Summary summary => new JsonObject
        {
            ["summaryEvent"] = new JsonObject
            {
                ["maybeCorrupt"] = summary.MaybeCorrupt,
                ["durationSeconds"] = (long)Math.Ceiling(summary.Duration.TotalSeconds),
                ["resourceChanges"] = Counts(summary.Changes),
                ["PolicyPacks"] = new JsonObject(summary.PolicyPacks.Select(pack => KeyValuePair.Create(pack.Key, (JsonNode?)pack.Value))),
                ["isPreview"] = summary.IsPreview,
                ["result"] = summary.Result,
            },
        },
        _ => null,
    };

    /// <summary>Counts of steps by operation.</summary>
    public static JsonObject Counts(IReadOnlyDictionary<string, int> changes) => new(changes.Select(change => KeyValuePair.Create(change.Key, (JsonNode?)change.Value)));

    /// <summary>A resource as previews show it: an entry of a checkpoint with its secrets masked.</summary>
    public JsonObject State(ResourceState resource) => ResourceCodec.Encode(resource with { Inputs = Masked(resource.Inputs), Outputs = Masked(resource.Outputs) }, values);

    /// <summary>Differences by path; null where there are none.</summary>
    /// <param name="step">Step.</param>
    /// <param name="kind">What the kind is called: events and previews differ there.</param>
    public static JsonObject? Detailed(StepInfo step, string kind) => step.DetailedDiff.Count == 0 ? null : new(step.DetailedDiff.Select(pair =>
        KeyValuePair.Create(pair.Key, (JsonNode?)new JsonObject { [kind] = pair.Value.Kind, ["inputDiff"] = pair.Value.InputDiff })));

    /// <summary>True for a step that shows as such, and not only as a part of a replacement.</summary>
    public static bool IsLogical(StepInfo step) => step.Op is not ("create-replacement" or "delete-replaced" or "read-replacement" or "import-replacement" or "discard-replaced");

    /// <summary>Names as a JSON list.</summary>
    public static JsonArray List(IEnumerable<string> names) => new([.. names.Select(name => JsonValue.Create(name))]);

    private static JsonObject Diagnostic(EngineEvent.Diagnostic message) => new JsonObject
    {
        ["urn"] = message.Urn.Length > 0 ? message.Urn : null,
        ["prefix"] = message.Severity is "error" or "warning" or "debug" ? $"{message.Severity}: " : null,
        ["message"] = message.Message,
        ["color"] = "never",
        ["severity"] = message.Severity,
        ["ephemeral"] = Set(message.Ephemeral),
    }.WithoutNulls();

    private static JsonNode? Set(bool flag) => flag ? JsonValue.Create(true) : null;

    private static JsonArray? ListOrNone(IReadOnlyCollection<string> names) => names.Count > 0 ? List(names) : null;

    private PropertyMap Masked(PropertyMap map) => PropertyInspection.Map(map, value => PropertyInspection.Rewrite(value, item => item switch
    {
        PropertyValue.SecretValue secret when showSecrets => PropertyInspection.Plain(secret),
        PropertyValue.SecretValue => new PropertyValue.StringValue(PropertyText.Secret),
        _ => null,
    }));

    private JsonObject Metadata(StepInfo step)
    {
        var metadata = new JsonObject
        {
            ["op"] = step.Op,
            ["urn"] = step.Urn,
            ["type"] = step.Type,
            ["old"] = step.Old is null ? null : Brief(step.Old),
            ["new"] = step.New is null ? null : Brief(step.New),
        };
        if (ListOrNone(step.ReplaceKeys) is { } keys)
        {
            metadata["keys"] = keys;
        }

        if (ListOrNone(step.Diffs) is { } diffs)
        {
            metadata["diffs"] = diffs;
        }

        metadata["detailedDiff"] = Detailed(step, "diffKind");
        if (IsLogical(step))
        {
            metadata["logical"] = true;
        }

        metadata["provider"] = step.Provider;
        return metadata;
    }

    private JsonObject Brief(ResourceState resource) => new JsonObject
    {
        ["type"] = resource.Type,
        ["urn"] = resource.Urn,
        ["custom"] = Set(resource.Custom),
        ["delete"] = Set(resource.Delete),
        ["id"] = resource.Id,
        ["parent"] = resource.Parent,
        ["protect"] = Set(resource.Protect),
        ["taint"] = Set(resource.Taint),
        ["external"] = Set(resource.External),
        ["retainOnDelete"] = Set(resource.RetainOnDelete),
        ["inputs"] = values.Encode(resource.Inputs),
        ["outputs"] = values.Encode(resource.Outputs),
        ["provider"] = resource.Provider,
        ["initErrors"] = ListOrNone(resource.InitErrors),
        ["hideDiffs"] = ListOrNone(resource.HideDiffs),
    }.WithoutNulls();
}

/// <summary>JSON objects whose optional members are left out.</summary>
internal static class JsonObjects
{
    /// <summary>The object without members that are null.</summary>
    public static JsonObject WithoutNulls(this JsonObject node)
    {
        foreach (var name in node.Where(member => member.Value is null).Select(member => member.Key).ToList())
        {
            node.Remove(name);
        }

        return node;
    }
}
