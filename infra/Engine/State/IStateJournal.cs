namespace Reco.Engine.State;

/// <summary>Where a running update records its steps. Implementations make each call durable before they return:
/// after a crash at any moment, <c>base + journal</c> gives every object that exists or may exist.</summary>
public interface IStateJournal
{
    /// <summary>Records that an operation is about to start; durable before the provider is called.</summary>
    /// <returns>A token for <see cref="EndAsync"/>.</returns>
    Task<long> BeginAsync(PendingOperation operation, CancellationToken cancellation);

    /// <summary>Records how an operation ended. Not cancellable: what happened must be written down.</summary>
    /// <param name="token">What <see cref="BeginAsync"/> returned; null for steps that call no provider (same, component create).</param>
    /// <param name="change">The effect on the snapshot; null when the operation failed and changed nothing.</param>
    Task EndAsync(long? token, StateChange? change);

    /// <summary>Writes the final snapshot of the update, in dependency order, and retires the journal.</summary>
    Task CompleteAsync(Snapshot final);
}

/// <summary>The effect of one step on the snapshot.</summary>
/// <param name="Remove">The old entry that goes, by reference to the base snapshot or an earlier change; null for none.</param>
/// <param name="Put">The entry that comes in its place, or at the end; null for none.</param>
public sealed record StateChange(ResourceState? Remove, ResourceState? Put);
