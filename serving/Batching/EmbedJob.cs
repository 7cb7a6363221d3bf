using System.Diagnostics;

namespace Reco.Scoring.Batching;

/// <summary>Rows for the user tower that one request brings.</summary>
internal sealed class EmbedJob
{
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Users <c>[rows]</c>.</summary>
    public required Memory<long> Users { get; init; }

    /// <summary>Histories <c>[rows, H]</c>.</summary>
    public required Memory<long> Histories { get; init; }

    /// <summary>Takes the vectors <c>[rows, d]</c>.</summary>
    public required Memory<float> Embeddings { get; init; }

    /// <summary>How long it may take and how urgent it is.</summary>
    public required CallLimits Limits { get; init; }

    /// <summary>Number of rows.</summary>
    public int Rows => Users.Length;

    /// <summary>When it was handed in: a value of <see cref="Stopwatch.GetTimestamp"/>.</summary>
    public long Arrived { get; } = Stopwatch.GetTimestamp();

    /// <summary>Ends when the vectors are there.</summary>
    public Task Done => done.Task;

    /// <summary>The vectors are there.</summary>
    public void Complete() => done.TrySetResult();

    /// <summary>There will be none.</summary>
    public void Fail(Exception error) => done.TrySetException(error);
}

/// <summary>How urgent a request is. In a full queue, the more urgent goes first.</summary>
internal enum Priority
{
    /// <summary>Somebody waits for a page.</summary>
    High,

    /// <summary>The default.</summary>
    Normal,

    /// <summary>Nobody waits: mailings, warm-up of caches.</summary>
    Low,
}

/// <summary>What one call may take.</summary>
/// <param name="Deadline">Latest moment at which its work may begin, a value of <see cref="Stopwatch.GetTimestamp"/>.</param>
/// <param name="Priority">How urgent it is.</param>
/// <param name="Aborted">Ends when the caller has gone.</param>
internal readonly record struct CallLimits(long Deadline, Priority Priority, CancellationToken Aborted)
{
    /// <summary>No limits.</summary>
    public static CallLimits None => new(long.MaxValue, Priority.Normal, CancellationToken.None);

    /// <summary>Whether it is too late.</summary>
    public bool IsExpired(long now) => now > Deadline;
}
