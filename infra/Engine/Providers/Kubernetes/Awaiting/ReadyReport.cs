using System.Text.Json.Nodes;

namespace Reco.Providers.Kubernetes.Awaiting;

/// <summary>How far an object is.</summary>
internal enum ReadyState
{
    /// <summary>Not there yet.</summary>
    Waiting,

    /// <summary>There.</summary>
    Ready,

    /// <summary>It will not get there.</summary>
    Failed,
}

/// <summary>What one look at an object shows.</summary>
/// <param name="State">How far it is.</param>
/// <param name="Progress">One line for the person who waits, for example "2/3 replicas ready".</param>
/// <param name="Reasons">Why it is not ready, one line or block each.</param>
internal sealed record ReadyReport(ReadyState State, string Progress, IReadOnlyList<string> Reasons)
{
    /// <summary>Nothing to wait for.</summary>
    public static ReadyReport Ready { get; } = new(ReadyState.Ready, "", []);

    /// <summary>Not there yet.</summary>
    public static ReadyReport Waiting(string progress, params IReadOnlyList<string> reasons) => new(ReadyState.Waiting, progress, reasons);

    /// <summary>It will not get there.</summary>
    public static ReadyReport Failed(params IReadOnlyList<string> reasons) => new(ReadyState.Failed, "", reasons);
}

/// <summary>Tells whether objects of one kind are ready. One instance serves one wait.</summary>
internal interface IReadinessCheck : IAsyncDisposable
{
    /// <summary>Looks at the object as it is now.</summary>
    Task<ReadyReport> LookAsync(JsonObject live, CancellationToken cancellationToken);

    /// <summary>More reasons why the object is not ready, for the end of a wait: what takes too long to ask at every look.</summary>
    Task<IReadOnlyList<string>> ExplainAsync(JsonObject live, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);
}

/// <summary>A check that needs nothing but the object.</summary>
internal sealed class ObjectCheck(Func<JsonObject, ReadyReport> look) : IReadinessCheck
{
    /// <inheritdoc/>
    public Task<ReadyReport> LookAsync(JsonObject live, CancellationToken cancellationToken) => Task.FromResult(look(live));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
