using System.Collections.Immutable;
using Reco.Engine.State;
using Reco.Engine.Values;

namespace Reco.Engine.Planning;

/// <summary>What the program wants a resource to be.</summary>
internal sealed record Goal
{
    /// <summary>Type token.</summary>
    public required string Type { get; init; }

    /// <summary>Name in the program.</summary>
    public required string Name { get; init; }

    /// <summary>True for a resource of a provider, false for a component.</summary>
    public bool Custom { get; init; }

    /// <summary>URN of the parent, or empty.</summary>
    public string Parent { get; init; } = "";

    /// <summary>Inputs, before the provider has checked them.</summary>
    public PropertyMap Inputs { get; init; } = PropertyMap.Empty;

    /// <summary>Provider reference, or empty.</summary>
    public string Provider { get; init; } = "";

    /// <summary>URNs that it depends on.</summary>
    public ImmutableArray<string> Dependencies { get; init; } = [];

    /// <summary>URNs by input property.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<string>> PropertyDependencies { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>Refuses deletion; null where the program does not say.</summary>
    public bool? Protect { get; init; }

    /// <summary>Keeps the real thing; null where the program does not say.</summary>
    public bool? RetainOnDelete { get; init; }

    /// <summary>Whether the old one goes first; null leaves that to the provider.</summary>
    public bool? DeleteBeforeReplace { get; init; }

    /// <summary>Property paths whose changes are ignored.</summary>
    public ImmutableArray<string> IgnoreChanges { get; init; } = [];

    /// <summary>Property paths whose changes replace.</summary>
    public ImmutableArray<string> ReplaceOnChanges { get; init; } = [];

    /// <summary>Property paths whose changes are not shown.</summary>
    public ImmutableArray<string> HideDiffs { get; init; } = [];

    /// <summary>Outputs that are secret.</summary>
    public ImmutableArray<string> AdditionalSecretOutputs { get; init; } = [];

    /// <summary>Names that it had before.</summary>
    public ImmutableArray<AliasSpec> Aliases { get; init; } = [];

    /// <summary>ID to import, or empty.</summary>
    public string ImportId { get; init; } = "";

    /// <summary>Time limits.</summary>
    public ResourceTimeouts? Timeouts { get; init; }

    /// <summary>URN of the resource with which it goes away, or empty.</summary>
    public string DeletedWith { get; init; } = "";

    /// <summary>URNs whose replacement replaces it.</summary>
    public ImmutableArray<string> ReplaceWith { get; init; } = [];

    /// <summary>Value whose change replaces, or null.</summary>
    public PropertyValue? ReplacementTrigger { get; init; }

    /// <summary>Names of the program's hooks by kind.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<string>> Hooks { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>Where the program registers it, or empty.</summary>
    public string SourcePosition { get; init; } = "";
}

/// <summary>A former name of a resource: a URN, or the parts of one that were different.</summary>
internal sealed record AliasSpec
{
    /// <summary>The whole URN; where it is set the rest does not count.</summary>
    public string Urn { get; init; } = "";

    /// <summary>Former name, or empty for the present one.</summary>
    public string Name { get; init; } = "";

    /// <summary>Former type, or empty.</summary>
    public string Type { get; init; } = "";

    /// <summary>Former stack, or empty.</summary>
    public string Stack { get; init; } = "";

    /// <summary>Former project, or empty.</summary>
    public string Project { get; init; } = "";

    /// <summary>Former parent, or empty for the present one.</summary>
    public string ParentUrn { get; init; } = "";

    /// <summary>It had no parent.</summary>
    public bool NoParent { get; init; }
}

/// <summary>How a registration ended.</summary>
internal enum RegistrationResult
{
    /// <summary>Done.</summary>
    Success,

    /// <summary>Its step failed.</summary>
    Failed,

    /// <summary>Something that it depends on failed.</summary>
    Skipped,
}

/// <summary>What a registration or read gives back to the program.</summary>
/// <param name="State">The resource.</param>
/// <param name="Result">How it ended.</param>
/// <param name="Unknown">True where it was not made because it is no target: its outputs are not known.</param>
internal sealed record Registration(ResourceState State, RegistrationResult Result = RegistrationResult.Success, bool Unknown = false);

/// <summary>The run is over or stopping, and the caller gets no answer any more. Whatever it is about has been told.</summary>
internal sealed class RunStoppedException() : Exception("The run is stopping.")
{
    /// <summary>How programs and providers are told.</summary>
    public const string Wire = "resource monitor shut down";
}
