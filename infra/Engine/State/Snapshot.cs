using System.Collections.Immutable;

namespace Reco.Engine.State;

/// <summary>The state of a stack at one moment. Resources stand in dependency order: parents, providers and
/// dependencies before what needs them.</summary>
public sealed record Snapshot
{
    /// <summary>A stack with nothing in it.</summary>
    public static readonly Snapshot Empty = new();

    /// <summary>Every resource, in dependency order.</summary>
    public ImmutableArray<ResourceState> Resources { get; init; } = [];

    /// <summary>Operations that had begun and of which no end was recorded.</summary>
    public ImmutableArray<PendingOperation> PendingOperations { get; init; } = [];

    /// <summary>JSON members of the deployment that this engine does not know, kept as they were (JSON text by name).</summary>
    public ImmutableSortedDictionary<string, string> Unrecognised { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>An operation that was in flight when the state was last written.</summary>
/// <param name="Resource">The resource as it was being made, changed, read or deleted.</param>
/// <param name="Type">Which operation.</param>
public sealed record PendingOperation(ResourceState Resource, PendingOperationType Type);

/// <summary>Kinds of operation that can be pending.</summary>
public enum PendingOperationType
{
    /// <summary>The provider was asked to create.</summary>
    Creating,

    /// <summary>The provider was asked to update.</summary>
    Updating,

    /// <summary>The provider was asked to delete.</summary>
    Deleting,

    /// <summary>The provider was asked to read.</summary>
    Reading,

    /// <summary>The provider was asked to import.</summary>
    Importing,
}
