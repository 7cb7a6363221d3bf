using System.Collections.Immutable;
using Reco.Engine.State;
using Reco.Engine.Values;

namespace Reco.Engine.Events;

/// <summary>Something that a running preview, update, refresh or destroy tells its display. Carries secrets as
/// <see cref="PropertyValue.SecretValue"/>: every display masks them.</summary>
public abstract record EngineEvent
{
    private EngineEvent() { }

    /// <summary>The run starts.</summary>
    public sealed record Prelude(ImmutableSortedDictionary<string, string> Config) : EngineEvent;

    /// <summary>A step is about to run (or would run, in a preview).</summary>
    public sealed record ResourcePre(StepInfo Step, bool Planning) : EngineEvent;

    /// <summary>A step has run.</summary>
    public sealed record ResourceOutputs(StepInfo Step, bool Planning, TimeSpan Duration) : EngineEvent;

    /// <summary>A step has failed.</summary>
    public sealed record ResourceFailed(StepInfo Step, string Message) : EngineEvent;

    /// <summary>A message from the program, a provider or the engine.</summary>
    /// <param name="Severity">debug, info, info#err, warning or error.</param>
    /// <param name="Message">Text; secrets already masked.</param>
    /// <param name="Urn">The resource it is about, or empty.</param>
    /// <param name="Ephemeral">True for status text that only a live display shows.</param>
    public sealed record Diagnostic(string Severity, string Message, string Urn, bool Ephemeral) : EngineEvent;

    /// <summary>A policy was violated.</summary>
    public sealed record PolicyViolation(string Urn, string Pack, string PackVersion, string Policy, string Enforcement, string Message, string Severity = "") : EngineEvent;

    /// <summary>A policy has changed a resource's inputs.</summary>
    public sealed record PolicyRemediation(string Urn, string Pack, string PackVersion, string Policy, PropertyMap Before, PropertyMap After) : EngineEvent;

    /// <summary>The run was cancelled.</summary>
    public sealed record Cancelled : EngineEvent;

    /// <summary>The run ended.</summary>
    /// <param name="Changes">Number of steps by operation name (names as Pulumi spells them).</param>
    /// <param name="Duration">Wall time.</param>
    /// <param name="Outputs">The stack's outputs after the run, or null when it failed before they were known.</param>
    /// <param name="OldOutputs">The stack's outputs before the run.</param>
    /// <param name="MaybeCorrupt">True where the state may not hold everything that happened.</param>
    public sealed record Summary(ImmutableSortedDictionary<string, int> Changes, TimeSpan Duration, PropertyMap? Outputs, PropertyMap? OldOutputs, bool MaybeCorrupt) : EngineEvent
    {
        /// <summary>True for a preview.</summary>
        public bool IsPreview { get; init; }

        /// <summary>succeeded, failed or canceled.</summary>
        public string Result { get; init; } = "succeeded";

        /// <summary>Versions of the policy packs that ran, by name.</summary>
        public ImmutableSortedDictionary<string, string> PolicyPacks { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
    }
}

/// <summary>One step, as displays, event logs and <c>--json</c> show it.</summary>
public sealed record StepInfo
{
    /// <summary>Operation as Pulumi spells it: same, create, update, delete, replace, create-replacement,
    /// delete-replaced, read, read-replacement, refresh, discard, import, import-replacement.</summary>
    public required string Op { get; init; }

    /// <summary>URN of the resource.</summary>
    public required string Urn { get; init; }

    /// <summary>Its type token.</summary>
    public required string Type { get; init; }

    /// <summary>Its provider reference.</summary>
    public string Provider { get; init; } = "";

    /// <summary>State before, or null.</summary>
    public ResourceState? Old { get; init; }

    /// <summary>State after (planned, in a preview), or null.</summary>
    public ResourceState? New { get; init; }

    /// <summary>Property names that differ.</summary>
    public ImmutableArray<string> Diffs { get; init; } = [];

    /// <summary>Property names that force a replacement.</summary>
    public ImmutableArray<string> ReplaceKeys { get; init; } = [];

    /// <summary>Differences by property path, as the provider gave them or as the engine computed them.</summary>
    public ImmutableSortedDictionary<string, PropertyDifference> DetailedDiff { get; init; } = ImmutableSortedDictionary<string, PropertyDifference>.Empty;
}

/// <summary>One difference of a detailed diff.</summary>
/// <param name="Kind">add, add-replace, delete, delete-replace, update or update-replace.</param>
/// <param name="InputDiff">True where the difference is between old and new inputs rather than state and inputs.</param>
public sealed record PropertyDifference(string Kind, bool InputDiff);
