using Reco.Engine.Planning;

namespace Reco.Engine.State;

/// <summary>Writes each step of an update into the stack's checkpoint, as Pulumi does: before it starts, as a pending
/// operation, and after it ends. Steps that end while a write is under way share the next one.</summary>
internal sealed class UpdateJournal(Snapshot start, Action<Snapshot> save) : IStateJournal
{
    private readonly Lock gate = new();
    private readonly SemaphoreSlim writing = new(1);
    private readonly List<ResourceState> entries = [.. start.Resources];
    private readonly Dictionary<long, PendingOperation> running = [];
    private long next;
    private long version;
    private long written;

    /// <inheritdoc/>
    public async Task<long> BeginAsync(PendingOperation operation, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        long token;
        long mine;
        lock (gate)
        {
            token = ++next;
            running[token] = operation;
            mine = ++version;
        }

        await WriteAsync(mine);
        return token;
    }

    /// <inheritdoc/>
    public async Task EndAsync(long? token, StateChange? change)
    {
        long mine;
        lock (gate)
        {
            if (token is { } known)
            {
                running.Remove(known);
            }

            if (change is not null)
            {
                Apply(change);
            }

            mine = ++version;
        }

        await WriteAsync(mine);
    }

    /// <inheritdoc/>
    public async Task CompleteAsync(Snapshot final)
    {
        await writing.WaitAsync();
        try
        {
            save(final);
        }
        finally
        {
            writing.Release();
        }
    }

    private void Apply(StateChange change)
    {
        var at = change.Remove is null ? -1 : entries.FindIndex(entry => ReferenceEquals(entry, change.Remove));
        if (at >= 0)
        {
            entries.RemoveAt(at);
        }

        if (change.Put is not null)
        {
            entries.Insert(at < 0 ? entries.Count : at, change.Put);
        }
    }

    private async Task WriteAsync(long mine)
    {
        await writing.WaitAsync();
        try
        {
            if (Volatile.Read(ref written) >= mine)
            {
                return;
            }

            Snapshot now;
            long reached;
            lock (gate)
            {
                reached = version;
                now = new Snapshot
                {
                    Resources = SnapshotAssembly.Assemble(entries),

                    // What an earlier run may have made stays on record until this one has dealt with it.
                    PendingOperations = [.. running.Values, .. start.PendingOperations.Where(operation => operation.Type == PendingOperationType.Creating)],
                };
            }

            save(now);
            Volatile.Write(ref written, reached);
        }
        finally
        {
            writing.Release();
        }
    }
}
