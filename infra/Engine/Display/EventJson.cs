using System.Text.Json.Nodes;
using Reco.Engine.Events;
using Reco.Engine.State;

namespace Reco.Engine.Display;

/// <summary>Events in the JSON shapes of Pulumi's engine events.</summary>
internal sealed class EventJson(bool showSecrets)
{
    private readonly StateValueCodec values = new(showSecrets ? null : _ => PropertyText.Secret, null);

    /// <summary>An event; null for one that has no JSON form.</summary>
    public JsonObject? Encode(EngineEvent @event) => @event switch
    {
        EngineEvent.Prelude prelude => new JsonObject { ["preludeEvent"] = new JsonObject { ["config"] = new JsonObject(prelude.Config.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))) } },
        EngineEvent.ResourcePre before => new JsonObject { ["resourcePreEvent"] = new JsonObject { ["metadata"] = Metadata(before.Step), ["planning"] = before.Planning } },
        EngineEvent.ResourceOutputs after => new JsonObject { ["resOutputsEvent"] = new JsonObject { ["metadata"] = Metadata(after.Step), ["planning"] = after.Planning } },
        EngineEvent.ResourceFailed failed => new JsonObject { ["resOpFailedEvent"] = new JsonObject { ["metadata"] = Metadata(failed.Step), ["status"] = 1, ["steps"] = 0 } },
        EngineEvent.Diagnostic message => new JsonObject
        {
            ["diagnosticEvent"] = new JsonObject
            {
                ["urn"] = message.Urn,
                ["message"] = message.Message,
                ["color"] = "never",
                ["severity"] = message.Severity,
                ["ephemeral"] = message.Ephemeral,
            },
        },
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
            },
        },
        EngineEvent.Cancelled => new JsonObject { ["cancelEvent"] = new JsonObject() },
        EngineEvent.Summary summary => new JsonObject
        {
            ["summaryEvent"] = new JsonObject
            {
                ["maybeCorrupt"] = summary.MaybeCorrupt,
                ["durationSeconds"] = (long)summary.Duration.TotalSeconds,
                ["resourceChanges"] = Counts(summary.Changes),
                ["policyPacks"] = new JsonObject(),
            },
        },
        _ => null,
    };

    /// <summary>Counts of steps by operation.</summary>
    public static JsonObject Counts(IReadOnlyDictionary<string, int> changes) => new(changes.Select(change => KeyValuePair.Create(change.Key, (JsonNode?)change.Value)));

    /// <summary>A resource as events and previews show it.</summary>
    public JsonObject State(ResourceState resource) => ResourceCodec.Encode(resource, values);

    /// <summary>Differences by path.</summary>
    public static JsonObject Detailed(StepInfo step) => new(step.DetailedDiff.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)new JsonObject
    {
        ["diffKind"] = pair.Value.Kind,
        ["kind"] = pair.Value.Kind,
        ["inputDiff"] = pair.Value.InputDiff,
    })));

    /// <summary>Names as a JSON list.</summary>
    public static JsonArray List(IEnumerable<string> names) => new([.. names.Select(name => JsonValue.Create(name))]);

    private JsonObject Metadata(StepInfo step) => new()
    {
        ["op"] = step.Op,
        ["urn"] = step.Urn,
        ["type"] = step.Type,
        ["old"] = step.Old is null ? null : Brief(step.Old),
        ["new"] = step.New is null ? null : Brief(step.New),
        ["keys"] = List(step.ReplaceKeys),
        ["diffs"] = List(step.Diffs),
        ["detailedDiff"] = Detailed(step),
        ["logical"] = step.Op is not ("create-replacement" or "delete-replaced" or "read-replacement" or "import-replacement"),
        ["provider"] = step.Provider,
    };

    private JsonObject Brief(ResourceState resource) => new()
    {
        ["type"] = resource.Type,
        ["urn"] = resource.Urn,
        ["custom"] = resource.Custom,
        ["id"] = resource.Id,
        ["parent"] = resource.Parent,
        ["protect"] = resource.Protect,
        ["inputs"] = values.Encode(resource.Inputs),
        ["outputs"] = values.Encode(resource.Outputs),
        ["provider"] = resource.Provider,
    };
}
