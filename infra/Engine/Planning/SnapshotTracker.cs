using System.Collections.Immutable;
using Reco.Engine.State;

namespace Reco.Engine.Planning;

/// <summary>Follows the state through a run and writes each step to the journal. Entries are told apart by reference: a
/// URN can have several. Safe for use by many steps at once.</summary>
/// <param name="start">State before the run.</param>
/// <param name="journal">Where steps are recorded; null in a dry run.</param>
internal sealed class SnapshotTracker(Snapshot start, IStateJournal? journal)
{
    private readonly Lock gate = new();
    private readonly List<ResourceState?> before = [.. start.Resources];
    private readonly List<ResourceState?> made = [];
    private readonly List<PendingOperation> unsettled = [.. start.PendingOperations];
    private readonly Dictionary<ResourceState, Place> places = Index(start.Resources);
    private readonly Dictionary<ResourceState, ResourceState> successors = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<ResourceState, PendingOperation> running = new(ReferenceEqualityComparer.Instance);

    /// <summary>Operations of earlier runs of which it is not known what they have done.</summary>
    public List<PendingOperation> Unsettled()
    {
        lock (gate)
        {
            return [.. unsettled];
        }
    }

    /// <summary>Forgets an operation of an earlier run: what it has done is known now.</summary>
    public void Settle(PendingOperation operation)
    {
        lock (gate)
        {
            unsettled.Remove(operation);
        }
    }

    /// <summary>Entries of the state before the run that still stand, in order, as they are now.</summary>
    public List<ResourceState> Remaining()
    {
        lock (gate)
        {
            return [.. before.OfType<ResourceState>()];
        }
    }

    /// <summary>All entries that stand now, those of this run first.</summary>
    public List<ResourceState> All()
    {
        lock (gate)
        {
            return [.. made.Concat(before).OfType<ResourceState>()];
        }
    }

    /// <summary>The entry as it is now: steps that change an entry in its place make a new one.</summary>
    public ResourceState Latest(ResourceState entry)
    {
        lock (gate)
        {
            while (successors.TryGetValue(entry, out var next))
            {
                entry = next;
            }

            return entry;
        }
    }

    /// <summary>True where the entry still stands.</summary>
    public bool Contains(ResourceState entry)
    {
        lock (gate)
        {
            return places.ContainsKey(entry);
        }
    }

    /// <summary>Records that a provider is about to be asked for an operation.</summary>
    /// <returns>A token for <see cref="EndAsync"/>.</returns>
    public async Task<OperationToken> BeginAsync(ResourceState resource, PendingOperationType type, CancellationToken cancellation)
    {
        var operation = new PendingOperation(resource, type);
        long? token = journal is null ? null : await journal.BeginAsync(operation, cancellation);
        lock (gate)
        {
            running[resource] = operation;
        }

        return new OperationToken(resource, token);
    }

    /// <summary>Records that an operation changed nothing.</summary>
    public async Task FailAsync(OperationToken operation)
    {
        Finish(operation);
        if (journal is not null)
        {
            await journal.EndAsync(operation.Token, null);
        }
    }

    /// <summary>Records the effect of a step.</summary>
    /// <param name="operation">What <see cref="BeginAsync"/> gave; null for a step that calls no provider.</param>
    /// <param name="remove">Entry that goes; null for none.</param>
    /// <param name="put">Entry that comes; null for none.</param>
    /// <param name="inPlace">True where it stays among the old entries; else it joins the new ones.</param>
    public async Task EndAsync(OperationToken? operation, ResourceState? remove, ResourceState? put, bool inPlace = false)
    {
        Apply(operation, remove, put, inPlace);
        if (journal is not null)
        {
            await journal.EndAsync(operation?.Token, remove is null && put is null ? null : new StateChange(remove, put));
        }
    }

    /// <summary>Takes over an entry that did not change; nothing has to be written down.</summary>
    public void Keep(ResourceState entry) => Apply(null, entry, entry, inPlace: false);

    /// <summary>The state as it is now, in dependency order.</summary>
    /// <param name="keepPendingCreates">Keeps operations of earlier runs that may have made something.</param>
    public Snapshot Build(bool keepPendingCreates)
    {
        lock (gate)
        {
            var operations = running.Values.ToList();
            if (keepPendingCreates)
            {
                operations.AddRange(unsettled.Where(operation => operation.Type == PendingOperationType.Creating));
            }

            return new Snapshot
            {
                Resources = SnapshotAssembly.Assemble([.. made.Concat(before).OfType<ResourceState>()]),
                PendingOperations = [.. operations],
            };
        }
    }

    private static Dictionary<ResourceState, Place> Index(ImmutableArray<ResourceState> entries)
    {
        var index = new Dictionary<ResourceState, Place>(entries.Length, ReferenceEqualityComparer.Instance);
        for (var at = 0; at < entries.Length; at++)
        {
            index[entries[at]] = new Place(false, at);
        }

        return index;
    }

    private void Finish(OperationToken operation)
    {
        lock (gate)
        {
            running.Remove(operation.Resource);
        }
    }

    private void Apply(OperationToken? operation, ResourceState? remove, ResourceState? put, bool inPlace)
    {
        lock (gate)
        {
            if (operation is not null)
            {
                running.Remove(operation.Resource);
            }

            Place? free = null;
            if (remove is not null && places.Remove(remove, out var place))
            {
                (place.Made ? made : before)[place.At] = null;
                free = place;
                if (put is not null && !ReferenceEquals(put, remove))
                {
                    successors[remove] = put;
                }
            }

            if (put is null)
            {
                return;
            }

            if (free is { } taken && (taken.Made || inPlace))
            {
                (taken.Made ? made : before)[taken.At] = put;
                places[put] = taken;
            }
            else if (inPlace)
            {
                before.Add(put);
                places[put] = new Place(false, before.Count - 1);
            }
            else
            {
                made.Add(put);
                places[put] = new Place(true, made.Count - 1);
            }
        }
    }

    private readonly record struct Place(bool Made, int At);
}

/// <summary>An operation that has begun.</summary>
/// <param name="Resource">The resource as it was given to the journal.</param>
/// <param name="Token">The journal's token; null in a dry run.</param>
internal sealed record OperationToken(ResourceState Resource, long? Token);
