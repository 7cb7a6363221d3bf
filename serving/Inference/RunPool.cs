using System.Collections.Concurrent;

namespace Reco.Scoring.Inference;

/// <summary>Keeps runs of small sizes for the next one who needs that size. There are as many of a size as threads ever needed at once.</summary>
/// <typeparam name="T">A run with its buffers.</typeparam>
/// <param name="make">Makes one of a size.</param>
/// <param name="largest">Size up to which they are kept; larger ones are made for each use.</param>
internal sealed class RunPool<T>(Func<int, T> make, int largest) : IDisposable
    where T : class, IDisposable
{
    private readonly ConcurrentBag<T>?[] kept = new ConcurrentBag<T>?[largest + 1];
    private volatile bool isDisposed;

    /// <summary>Uses a run of a size; nobody else does meanwhile.</summary>
    public Lease Rent(int size) => new(this, size, size <= largest && kept[size] is { } bag && bag.TryTake(out var run) ? run : make(size));

    /// <inheritdoc/>
    public void Dispose()
    {
        isDisposed = true;
        foreach (var bag in kept)
        {
            while (bag?.TryTake(out var run) == true)
            {
                run.Dispose();
            }
        }
    }

    private void Return(int size, T run)
    {
        if (size > largest || isDisposed)
        {
            run.Dispose();
            return;
        }

        var bag = kept[size] ?? Interlocked.CompareExchange(ref kept[size], [], null) ?? kept[size]!;
        bag.Add(run);
    }

    /// <summary>The use of a run.</summary>
    internal readonly struct Lease(RunPool<T> pool, int size, T run) : IDisposable
    {
        /// <summary>The run.</summary>
        public T Run => run;

        /// <inheritdoc/>
        public void Dispose() => pool.Return(size, run);
    }
}
