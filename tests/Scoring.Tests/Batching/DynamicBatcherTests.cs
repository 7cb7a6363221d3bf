using System.Diagnostics;
using Reco.Scoring.Batching;
using Reco.Scoring.Configuration;
using Reco.Scoring.Hosting;

namespace Reco.Scoring.Tests.Batching;

public sealed class DynamicBatcherTests
{
    [Fact]
    public async Task RunAsync_Lonely_RunsAtOnceOnTheCallersThread()
    {
        var thread = 0;
        var batcher = new DynamicBatcher(new BatchingOptions { MaxDelay = TimeSpan.FromSeconds(1), CrowdedAt = int.MaxValue }, _ => thread = Environment.CurrentManagedThreadId, new Observer());
        var caller = Environment.CurrentManagedThreadId;
        var run = batcher.RunAsync(Job());
        Assert.True(run.IsCompletedSuccessfully);
        Assert.Equal(caller, thread);
        await run;
    }

    [Fact]
    public async Task RunAsync_WhileTheInstanceIsBusy_SharesTheNextRun()
    {
        using var gate = new ManualResetEventSlim();
        var sizes = new List<int>();
        var batcher = new DynamicBatcher(new BatchingOptions { Instances = 1, MaxBatch = 8, CrowdedAt = int.MaxValue }, jobs =>
        {
            lock (sizes)
            {
                sizes.Add(jobs.Length);
            }

            gate.Wait();
        }, new Observer());
        var first = Task.Run(() => batcher.RunAsync(Job()));
        await UntilAsync(() => sizes.Count == 1);
        var rest = Enumerable.Range(0, 10).Select(_ => batcher.RunAsync(Job())).ToArray();
        gate.Set();
        await Task.WhenAll(rest.Append(first));
        Assert.Equal([1, 8, 2], sizes);
    }

    [Fact]
    public async Task RunAsync_FullQueue_Is429AndTheOthersAreServed()
    {
        using var gate = new ManualResetEventSlim();
        var observer = new Observer();
        var running = 0;
        var batcher = new DynamicBatcher(new BatchingOptions { Instances = 1, MaxQueue = 3, CrowdedAt = int.MaxValue }, _ =>
        {
            Interlocked.Increment(ref running);
            gate.Wait();
        }, observer);
        var first = Task.Run(() => batcher.RunAsync(Job()));
        await UntilAsync(() => Volatile.Read(ref running) == 1);
        var waiting = Enumerable.Range(0, 3).Select(_ => batcher.RunAsync(Job())).ToArray();
        Assert.Equal(429, (await Assert.ThrowsAsync<ApiException>(() => batcher.RunAsync(Job()))).Status);
        Assert.Contains("queue", observer.Reasons);
        gate.Set();
        await Task.WhenAll(waiting.Append(first));
    }

    [Fact]
    public async Task RunAsync_Priorities_UrgentOnesGoFirst()
    {
        using var gate = new ManualResetEventSlim();
        var order = new List<Priority>();
        var batcher = new DynamicBatcher(new BatchingOptions { Instances = 1, MaxBatch = 1, CrowdedAt = int.MaxValue }, jobs =>
        {
            lock (order)
            {
                order.Add(jobs.Span[0].Limits.Priority);
            }

            gate.Wait();
        }, new Observer());
        var first = Task.Run(() => batcher.RunAsync(Job()));
        await UntilAsync(() => order.Count == 1);
        var rest = new[] { Priority.Low, Priority.Normal, Priority.High, Priority.Low, Priority.High }
            .Select(priority => batcher.RunAsync(Job(CallLimits.None with { Priority = priority }))).ToArray();
        gate.Set();
        await Task.WhenAll(rest.Append(first));
        Assert.Equal([Priority.Normal, Priority.High, Priority.High, Priority.Normal, Priority.Low, Priority.Low], order);
    }

    [Fact]
    public async Task RunAsync_LateOrAbandonedJobs_TakeNoPlaceInARun()
    {
        using var gate = new ManualResetEventSlim();
        using var gone = new CancellationTokenSource();
        var runs = 0;
        var batcher = new DynamicBatcher(new BatchingOptions { Instances = 1, CrowdedAt = int.MaxValue }, jobs =>
        {
            Interlocked.Add(ref runs, jobs.Length);
            gate.Wait();
        }, new Observer());
        var first = Task.Run(() => batcher.RunAsync(Job()));
        await UntilAsync(() => Volatile.Read(ref runs) == 1);
        var late = batcher.RunAsync(Job(CallLimits.None with { Deadline = Stopwatch.GetTimestamp() }));
        var abandoned = batcher.RunAsync(Job(CallLimits.None with { Aborted = gone.Token }));
        var kept = batcher.RunAsync(Job());
        await gone.CancelAsync();
        gate.Set();
        await kept;
        Assert.Equal(504, (await Assert.ThrowsAsync<ApiException>(() => late)).Status);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => abandoned);
        await first;
        Assert.Equal(2, runs);
    }

    [Fact]
    public async Task RunAsync_FailingRun_FailsItsJobsAndTheNextWorks()
    {
        var fail = true;
        var batcher = new DynamicBatcher(new BatchingOptions { Instances = 1 }, _ =>
        {
            if (fail)
            {
                throw new InvalidDataException("broken");
            }
        }, new Observer());
        await Assert.ThrowsAsync<InvalidDataException>(() => batcher.RunAsync(Job()));
        fail = false;
        await batcher.RunAsync(Job());
    }

    [Fact]
    public async Task RunAsync_ManyThreads_EveryJobRunsOnce()
    {
        var runs = 0;
        var rows = 0;
        var batcher = new DynamicBatcher(new BatchingOptions { Instances = 2, MaxBatch = 16, MaxQueue = 100_000, CrowdedAt = 0 }, jobs =>
        {
            Interlocked.Increment(ref runs);
            foreach (var job in jobs.Span)
            {
                Interlocked.Add(ref rows, job.Rows);
                job.Embeddings.Span[0]++;
            }
        }, new Observer());
        var all = Enumerable.Range(0, 2_000).Select(_ => Job()).ToArray();
        await Task.WhenAll(all.Select(job => Task.Run(() => batcher.RunAsync(job))));
        Assert.Equal(2_000, rows);
        Assert.All(all, job => Assert.Equal(1f, job.Embeddings.Span[0]));
        Assert.InRange(runs, 1, 2_000);
    }

    private static EmbedJob Job(CallLimits? limits = null) =>
        new() { Users = new long[1], Histories = new long[4], Embeddings = new float[4], Limits = limits ?? CallLimits.None };

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var waited = 0; !condition(); waited++)
        {
            Assert.True(waited < 3_000, "it did not happen within 30 s");
            await Task.Delay(10);
        }
    }

    private sealed class Observer : IBatchObserver
    {
        public List<string> Reasons { get; } = [];

        public void Queued(TimeSpan wait)
        {
        }

        public void Ran(int jobs, int rows, TimeSpan duration)
        {
        }

        public void Rejected(string reason) => Reasons.Add(reason);
    }
}
