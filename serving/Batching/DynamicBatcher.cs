using System.Diagnostics;
using Reco.Scoring.Configuration;
using Reco.Scoring.Hosting;

namespace Reco.Scoring.Batching;

/// <summary>Runs rows of several requests together. Work-conserving: a request that finds an instance free and nobody before it
/// runs at once, on its own thread. While the instances are busy, requests queue; who comes free takes as many as fit. Only
/// where <see cref="BatchingOptions.MaxDelay"/> is set does a run wait for company, and never when there is no other traffic.</summary>
internal sealed class DynamicBatcher
{
    private static readonly int Priorities = Enum.GetValues<Priority>().Length;

    private readonly BatchingOptions options;
    private readonly Action<ReadOnlyMemory<EmbedJob>> execute;
    private readonly IBatchObserver observer;
    private readonly Lock gate = new();
    private readonly Queue<EmbedJob>[] queues;
    private int queuedJobs;
    private int queuedRows;
    private int freeInstances;

    /// <summary>Makes a batcher.</summary>
    /// <param name="options">Sizes, delay, instances.</param>
    /// <param name="execute">Computes the vectors of some jobs; called by at most as many threads as there are instances.</param>
    /// <param name="observer">Told of queues and runs.</param>
    public DynamicBatcher(BatchingOptions options, Action<ReadOnlyMemory<EmbedJob>> execute, IBatchObserver observer)
    {
        this.options = options;
        this.execute = execute;
        this.observer = observer;
        freeInstances = options.Instances > 0 ? options.Instances : Environment.ProcessorCount;
        queues = [.. Enumerable.Range(0, Priorities).Select(_ => new Queue<EmbedJob>())];
    }

    /// <summary>Jobs that wait.</summary>
    public int Queued => Volatile.Read(ref queuedJobs);

    /// <summary>Computes the vectors of a job.</summary>
    /// <exception cref="ApiException">The queue is full (429), or the job's deadline has passed (504).</exception>
    public Task RunAsync(EmbedJob job)
    {
        var startWorker = false;
        lock (gate)
        {
            if (freeInstances > 0 && queuedJobs == 0 && !IsCrowded())
            {
                freeInstances--;
            }
            else
            {
                if (queuedJobs >= options.MaxQueue)
                {
                    observer.Rejected("queue");
                    throw new ApiException(StatusCodes.Status429TooManyRequests, $"{options.MaxQueue} requests are waiting; try again later");
                }

                queues[(int)job.Limits.Priority].Enqueue(job);
                queuedJobs++;
                queuedRows += job.Rows;
                if (freeInstances > 0)
                {
                    freeInstances--;
                    startWorker = true;
                }

                if (!startWorker)
                {
                    return job.Done;
                }
            }
        }

        if (startWorker)
        {
            // Behind what the pool has to do already: those requests reach the queue first and share the run.
            ThreadPool.UnsafeQueueUserWorkItem(static batcher => batcher.Drain(), this, preferLocal: false);
            return job.Done;
        }

        try
        {
            Execute(new[] { job });
        }
        finally
        {
            Release();
        }

        return job.Done;
    }

    /// <summary>Whether other requests wait for a thread: then a run for one alone would waste what they could share.</summary>
    private bool IsCrowded() => options.MaxBatch > 1 && ThreadPool.PendingWorkItemCount > options.CrowdedAt;

    /// <summary>Runs batches until the queue is empty.</summary>
    private void Drain()
    {
        var batch = new EmbedJob[options.MaxBatch];
        while (true)
        {
            var count = Take(batch);
            if (count == 0)
            {
                lock (gate)
                {
                    if (queuedJobs == 0)
                    {
                        freeInstances++;
                        return;
                    }
                }

                continue;
            }

            Execute(batch.AsMemory(0, count));
            Array.Clear(batch, 0, count);
        }
    }

    private void Release()
    {
        lock (gate)
        {
            if (queuedJobs == 0)
            {
                freeInstances++;
                return;
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(static batcher => batcher.Drain(), this, preferLocal: false);
    }

    /// <summary>Takes the most urgent jobs that fit; those whose caller has gone or whose time is up take no place.</summary>
    private int Take(EmbedJob[] batch)
    {
        WaitForCompany();
        List<EmbedJob>? late = null;
        var (count, rows) = (0, 0);
        var now = Stopwatch.GetTimestamp();
        lock (gate)
        {
            foreach (var queue in queues)
            {
                while (count < batch.Length && queue.TryPeek(out var job) && (count == 0 || rows + job.Rows <= options.MaxBatch))
                {
                    queue.Dequeue();
                    queuedJobs--;
                    queuedRows -= job.Rows;
                    if (job.Limits.IsExpired(now) || job.Limits.Aborted.IsCancellationRequested)
                    {
                        (late ??= []).Add(job);
                        continue;
                    }

                    batch[count++] = job;
                    rows += job.Rows;
                }
            }
        }

        foreach (var job in late ?? [])
        {
            if (job.Limits.Aborted.IsCancellationRequested)
            {
                job.Fail(new OperationCanceledException(job.Limits.Aborted));
            }
            else
            {
                observer.Rejected("deadline");
                job.Fail(new ApiException(StatusCodes.Status504GatewayTimeout, "the request's time was up before its turn came; ask for less or allow more"));
            }
        }

        return count;
    }

    /// <summary>With a delay configured, waits for the next preferred size, but no longer than the oldest may wait.</summary>
    private void WaitForCompany()
    {
        if (options.MaxDelay <= TimeSpan.Zero)
        {
            return;
        }

        while (true)
        {
            int rows;
            long oldest;
            lock (gate)
            {
                rows = queuedRows;
                oldest = queues.Where(queue => queue.Count > 0).Select(queue => queue.Peek().Arrived).DefaultIfEmpty(0).Min();
            }

            // Alone: there is nobody to wait for.
            if (rows <= 1 || rows >= Preferred(rows) || Stopwatch.GetElapsedTime(oldest) >= options.MaxDelay)
            {
                return;
            }

            Thread.Sleep(0);
        }
    }

    private int Preferred(int rows)
    {
        foreach (var size in options.PreferredSizes)
        {
            if (size >= rows)
            {
                return size;
            }
        }

        return options.MaxBatch;
    }

    private void Execute(ReadOnlyMemory<EmbedJob> jobs)
    {
        var start = Stopwatch.GetTimestamp();
        var rows = 0;
        foreach (var job in jobs.Span)
        {
            rows += job.Rows;
            observer.Queued(Stopwatch.GetElapsedTime(job.Arrived, start));
        }

        try
        {
            execute(jobs);
            observer.Ran(jobs.Length, rows, Stopwatch.GetElapsedTime(start));
            foreach (var job in jobs.Span)
            {
                job.Complete();
            }
        }
        catch (Exception error)
        {
            foreach (var job in jobs.Span)
            {
                job.Fail(error);
            }
        }
    }
}

/// <summary>Told of what a batcher does.</summary>
internal interface IBatchObserver
{
    /// <summary>A job waited so long before it ran.</summary>
    void Queued(TimeSpan wait);

    /// <summary>A batch ran.</summary>
    void Ran(int jobs, int rows, TimeSpan duration);

    /// <summary>A job was turned away: <c>queue</c> or <c>deadline</c>.</summary>
    void Rejected(string reason);
}
