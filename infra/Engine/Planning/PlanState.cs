using System.Collections.Immutable;
using Reco.Engine.State;

namespace Reco.Engine.Planning;

/// <summary>What has been decided in this run so far. Guarded by <see cref="Gate"/>; nobody waits for an operation slot
/// while holding it.</summary>
internal sealed class PlanState : IDisposable
{
    /// <summary>Held while reading or changing the rest.</summary>
    public SemaphoreSlim Gate { get; } = new(1);

    /// <summary>URNs that were registered or read.</summary>
    public HashSet<string> Urns { get; } = new(StringComparer.Ordinal);

    /// <summary>Resources that stay.</summary>
    public HashSet<string> Sames { get; } = new(StringComparer.Ordinal);

    /// <summary>Resources that are new.</summary>
    public HashSet<string> Creates { get; } = new(StringComparer.Ordinal);

    /// <summary>Resources that change.</summary>
    public HashSet<string> Updates { get; } = new(StringComparer.Ordinal);

    /// <summary>Resources that are replaced.</summary>
    public HashSet<string> Replaces { get; } = new(StringComparer.Ordinal);

    /// <summary>Resources that were read.</summary>
    public HashSet<string> Reads { get; } = new(StringComparer.Ordinal);

    /// <summary>Resources whose deletion was decided.</summary>
    public HashSet<string> Deletes { get; } = new(StringComparer.Ordinal);

    /// <summary>Entries that were deleted before their replacement.</summary>
    public HashSet<ResourceState> DeletedEarly { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>When the early deletion of a URN is over.</summary>
    public Dictionary<string, Task> EarlyDeletions { get; } = new(StringComparer.Ordinal);

    /// <summary>Properties for which a resource was deleted with another one.</summary>
    public Dictionary<string, ImmutableArray<string>> DependentReplaceKeys { get; } = new(StringComparer.Ordinal);

    /// <summary>Resources that are not made since they are no target.</summary>
    public HashSet<string> SkippedCreates { get; } = new(StringComparer.Ordinal);

    /// <summary>Resources whose step failed, or that depend on one of those.</summary>
    public HashSet<string> Failed { get; } = new(StringComparer.Ordinal);

    /// <summary>New URN by former URN.</summary>
    public Dictionary<string, string> Aliased { get; } = new(StringComparer.Ordinal);

    /// <summary>Former URN by new URN.</summary>
    public Dictionary<string, string> FormerUrns { get; } = new(StringComparer.Ordinal);

    /// <summary>Provider resources of this run by URN and former URN.</summary>
    public Dictionary<string, ResourceState> Providers { get; } = new(StringComparer.Ordinal);

    /// <summary>Targets and what they imply.</summary>
    public required TargetSet Targets { get; init; }

    /// <summary>Exclusions.</summary>
    public required TargetSet Excludes { get; init; }

    /// <summary>True where something in this run takes the place of the old entry of this URN.</summary>
    public bool IsOperatedOn(string urn)
    {
        if (Aliased.TryGetValue(urn, out var renamed))
        {
            urn = renamed;
        }

        return Sames.Contains(urn) || Updates.Contains(urn) || Replaces.Contains(urn) || Reads.Contains(urn) || Creates.Contains(urn);
    }

    /// <summary>True where a decision about the URN has been made already.</summary>
    public bool IsDecided(string urn)
    {
        if (Aliased.TryGetValue(urn, out var renamed))
        {
            urn = renamed;
        }

        return Reads.Contains(urn) || Creates.Contains(urn) || Sames.Contains(urn) || Updates.Contains(urn) || Deletes.Contains(urn) || Replaces.Contains(urn);
    }

    /// <summary>True where the entry that the resource is to replace was deleted before, with something that it depends on.</summary>
    /// <param name="urn">URN of the resource.</param>
    /// <param name="old">Its entry, perhaps under a former URN.</param>
    public bool IsDeletedEarly(string urn, ResourceState? old) => Deletes.Contains(urn) || (old is not null && old.Urn != urn && Deletes.Contains(old.Urn));

    /// <inheritdoc/>
    public void Dispose() => Gate.Dispose();
}
