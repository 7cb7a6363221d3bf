using System.Text.Json;
using System.Text.Json.Nodes;
using Reco.Engine.Events;
using Reco.Engine.Values;

namespace Reco.Engine.Display;

/// <summary>Collects a preview into the one JSON document of <c>preview --json</c>.</summary>
/// <param name="showSecrets">Shows secrets in plain text.</param>
/// <param name="showSames">Shows resources that do not change.</param>
/// <param name="showReplacementSteps">Shows the parts of replacements, too.</param>
internal sealed class PreviewDigest(bool showSecrets, bool showSames = false, bool showReplacementSteps = false) : IEventDisplay
{
    private static readonly JsonSerializerOptions Indented = DeepJson.Indented(4);
    private readonly EventJson json = new(showSecrets);
    private readonly JsonArray steps = [];
    private readonly JsonArray diagnostics = [];
    private readonly Dictionary<string, int> refreshes = new(StringComparer.Ordinal);
    private EngineEvent.Summary? summary;

    /// <inheritdoc/>
    public void Handle(EngineEvent @event)
    {
        switch (@event)
        {
            case EngineEvent.ResourcePre before when IsShown(before.Step):
                refreshes[before.Step.Urn] = steps.Count;
                steps.Add(Step(before.Step));
                break;
            case EngineEvent.ResourceOutputs { Step.Op: "update" or "delete" } after when refreshes.TryGetValue(after.Step.Urn, out var at) && (string?)steps[at]!["op"] == "refresh":
                // What a refresh has found shows in the place of the refresh itself.
                steps[at] = Step(after.Step);
                break;
            case EngineEvent.Diagnostic { Ephemeral: false, Severity: not "debug" } message:
                diagnostics.Add(new JsonObject
                {
                    ["urn"] = message.Urn.Length > 0 ? message.Urn : null,
                    ["message"] = message.Severity is "error" or "warning" ? $"{message.Severity}: {message.Message}" : message.Message,
                    ["severity"] = message.Severity,
                }.WithoutNulls());
                break;
            case EngineEvent.Summary end:
                summary = end;
                break;
        }
    }

    /// <summary>The document.</summary>
    public string ToJson(IReadOnlyDictionary<string, string> config, IReadOnlySet<string> secretKeys)
    {
        var document = new JsonObject();
        if (config.Count > 0)
        {
            document["config"] = new JsonObject(config.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)(secretKeys.Contains(pair.Key) && !showSecrets ? PropertyText.Secret : pair.Value))));
        }

        document["steps"] = steps.DeepClone();
        if (diagnostics.Count > 0)
        {
            document["diagnostics"] = diagnostics.DeepClone();
        }

        document["duration"] = (long)((summary?.Duration.TotalMilliseconds ?? 0) * 1_000_000);
        document["changeSummary"] = EventJson.Counts(summary?.Changes ?? new Dictionary<string, int>() as IReadOnlyDictionary<string, int>);
        if (summary?.MaybeCorrupt == true)
        {
            document["maybeCorrupt"] = true;
        }

        return document.ToJsonString(Indented);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private bool IsShown(StepInfo step) => step.Op == "same"
        ? showSames || step.Type == Planning.Urn.RootStackType || step.Old?.Protect != step.New?.Protect
        : showReplacementSteps || EventJson.IsLogical(step);

    private JsonObject Step(StepInfo step)
    {
        var entry = new JsonObject { ["op"] = step.Op, ["urn"] = step.Urn };
        if (step.Provider.Length > 0)
        {
            entry["provider"] = step.Provider;
        }

        if (step.Old is not null)
        {
            entry["oldState"] = json.State(step.Old);
        }

        if (step.New is not null)
        {
            entry["newState"] = json.State(step.New);
        }

        if (step.Diffs.Length > 0)
        {
            entry["diffReasons"] = EventJson.List(step.Diffs);
        }

        if (step.ReplaceKeys.Length > 0)
        {
            entry["replaceReasons"] = EventJson.List(step.ReplaceKeys);
        }

        entry["detailedDiff"] = EventJson.Detailed(step, "kind");
        return entry;
    }
}
