using System.Collections.Immutable;
using Reco.Engine.Values;

namespace Reco.Engine.State;

/// <summary>What the engine knows of one resource: an entry of the checkpoint. Field names and meanings are those of
/// Pulumi's checkpoint format (resource, version 3).</summary>
public sealed record ResourceState
{
    /// <summary>The resource's URN. Unique in a snapshot but for entries that are pending deletion.</summary>
    public required string Urn { get; init; }

    /// <summary>Type token, for example <c>kubernetes:batch/v1:Job</c>.</summary>
    public required string Type { get; init; }

    /// <summary>True for a resource that a provider manages, false for a component.</summary>
    public bool Custom { get; init; }

    /// <summary>True for an old copy that was replaced and awaits deletion.</summary>
    public bool Delete { get; init; }

    /// <summary>The provider's ID of the resource; empty for components.</summary>
    public string Id { get; init; } = "";

    /// <summary>Checked inputs.</summary>
    public PropertyMap Inputs { get; init; } = PropertyMap.Empty;

    /// <summary>Outputs, as the provider (or the program, for a component) gave them.</summary>
    public PropertyMap Outputs { get; init; } = PropertyMap.Empty;

    /// <summary>URN of the parent; empty for the stack itself.</summary>
    public string Parent { get; init; } = "";

    /// <summary>Refuses deletion.</summary>
    public bool Protect { get; init; }

    /// <summary>Taint: the next update replaces it.</summary>
    public bool Taint { get; init; }

    /// <summary>True for a resource that was read, not managed.</summary>
    public bool External { get; init; }

    /// <summary>URNs that it depends on.</summary>
    public ImmutableArray<string> Dependencies { get; init; } = [];

    /// <summary>What went wrong when it was made, where it exists but is not ready.</summary>
    public ImmutableArray<string> InitErrors { get; init; } = [];

    /// <summary>Provider reference <c>urn::id</c>; empty for components.</summary>
    public string Provider { get; init; } = "";

    /// <summary>URNs by input property.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<string>> PropertyDependencies { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>True where delete-before-replace has deleted it and its successor is not made yet.</summary>
    public bool PendingReplacement { get; init; }

    /// <summary>Names of outputs that are secret beyond what the provider says.</summary>
    public ImmutableArray<string> AdditionalSecretOutputs { get; init; } = [];

    /// <summary>URNs that it had before.</summary>
    public ImmutableArray<string> Aliases { get; init; } = [];

    /// <summary>Time limits of its operations.</summary>
    public ResourceTimeouts? CustomTimeouts { get; init; }

    /// <summary>ID it was imported by, or empty.</summary>
    public string ImportId { get; init; } = "";

    /// <summary>True: leaving the program does not delete the real thing.</summary>
    public bool RetainOnDelete { get; init; }

    /// <summary>URN of the resource with which it goes away, or empty.</summary>
    public string DeletedWith { get; init; } = "";

    /// <summary>URNs whose replacement replaces this one.</summary>
    public ImmutableArray<string> ReplaceWith { get; init; } = [];

    /// <summary>When it was made.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>When it was last changed.</summary>
    public DateTimeOffset? Modified { get; init; }

    /// <summary>Where the program registers it (<c>file#line,column</c>), or empty.</summary>
    public string SourcePosition { get; init; } = "";

    /// <summary>Property paths whose changes it ignores.</summary>
    public ImmutableArray<string> IgnoreChanges { get; init; } = [];

    /// <summary>Property paths whose changes replace it.</summary>
    public ImmutableArray<string> ReplaceOnChanges { get; init; } = [];

    /// <summary>Property paths whose changes are not shown.</summary>
    public ImmutableArray<string> HideDiffs { get; init; } = [];

    /// <summary>Value whose change replaces it, or null.</summary>
    public PropertyValue? ReplacementTrigger { get; init; }

    /// <summary>Names of the program's hooks by kind (<c>BeforeCreate</c> ...).</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<string>> Hooks { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>JSON members of the checkpoint entry that this engine does not know, kept as they were (JSON text by name).</summary>
    public ImmutableSortedDictionary<string, string> Unrecognised { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>Time limits of a resource's operations, in seconds; zero: the provider's default.</summary>
public sealed record ResourceTimeouts(double Create, double Update, double Delete, double Read = 0);
