using System.Buffers;
using System.Numerics;
using Reco.Scoring.Hosting;

namespace Reco.Scoring.Retrieval;

/// <summary>Search that scores every item, block by block. Large matrices are split between threads while threads are
/// free.</summary>
internal abstract class ScanIndex(int count, int dimension) : IItemIndex
{
    /// <summary>Items that a register holds one coordinate of.</summary>
    protected const int Lanes = 16;

    /// <summary>Groups of <see cref="Lanes"/> items that are scored together.</summary>
    protected const int GroupsAtOnce = 4;

    private const int Block = Lanes * GroupsAtOnce;

    /// <summary>A part that is worth a thread: about a tenth of a millisecond.</summary>
    private const long BytesPerThread = 1 << 21;

    /// <summary>One in so many items allowed: then those are looked up one by one.</summary>
    private const int Sparse = 64;

    /// <inheritdoc/>
    public abstract string Kind { get; }

    /// <inheritdoc/>
    public abstract long Bytes { get; }

    /// <inheritdoc/>
    public int Count => count;

    /// <inheritdoc/>
    public int Dimension => dimension;

    /// <summary>Bytes that a scan reads.</summary>
    protected virtual long BytesOfScan => Bytes;

    /// <summary>Number of groups, rounded up so that a block is always whole.</summary>
    protected int Groups => (count + Block - 1) / Block * GroupsAtOnce;

    /// <inheritdoc/>
    public abstract float Score(int item, ReadOnlySpan<float> query);

    /// <inheritdoc/>
    public abstract void CopyVector(int item, Span<float> vector);

    /// <inheritdoc/>
    public int Search(ReadOnlySpan<float> query, ItemFilter filter, Span<Hit> hits, float[]? weights = null)
    {
        if (filter.Allowed.Length > 0 && filter.CountAllowed() <= count / Sparse)
        {
            return SearchAllowed(query, filter, hits, weights);
        }

        return SearchAll(query, filter, hits, weights);
    }

    /// <summary>Scans every item.</summary>
    protected virtual int SearchAll(ReadOnlySpan<float> query, ItemFilter filter, Span<Hit> hits, float[]? weights)
    {
        var copy = ArrayPool<float>.Shared.Rent(dimension);
        try
        {
            query.CopyTo(copy);
            return Scan(new ArraySegment<float>(copy, 0, dimension), filter, hits, weights);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(copy);
        }
    }

    /// <summary>Scores a block of 64 items. Implementations are optimised when they first run, not when they have run often: a start
    /// and the first requests scan millions of rows.</summary>
    /// <param name="group">First group of the block.</param>
    /// <param name="query">The query in the form that <see cref="Scan"/> was given.</param>
    /// <param name="scores">Takes the scores.</param>
    protected abstract void ScoreBlock(int group, ReadOnlySpan<float> query, Span<float> scores);

    /// <summary>Scans every item by <see cref="ScoreBlock"/>.</summary>
    protected int Scan(ArraySegment<float> query, ItemFilter filter, Span<Hit> hits, float[]? weights)
    {
        var blocks = (count + Block - 1) / Block;
        var parts = (int)Math.Min(Environment.ProcessorCount, BytesOfScan / BytesPerThread);
        if (parts < 2 || QuietThread.IsCurrent || ThreadPool.PendingWorkItemCount > 0)
        {
            return ScanPart(query, filter, hits, weights, 0, blocks);
        }

        var k = hits.Length;
        var found = new Hit[parts][];
        Parallel.For(0, parts, part =>
        {
            var mine = new Hit[k];
            found[part] = mine[..ScanPart(query, filter, mine, weights, (int)((long)blocks * part / parts), (int)((long)blocks * (part + 1) / parts))];
        });
        var best = new TopK(k);
        foreach (var hit in found.SelectMany(part => part).OrderBy(hit => hit.Item))
        {
            best.Add(hit.Item, hit.Score);
        }

        return best.Finish(hits);
    }

    private int ScanPart(ReadOnlySpan<float> query, ItemFilter filter, Span<Hit> hits, float[]? weights, int firstBlock, int endBlock)
    {
        var best = new TopK(hits.Length);
        Span<float> scores = stackalloc float[Block];
        for (var block = firstBlock; block < endBlock; block++)
        {
            ScoreBlock(block * GroupsAtOnce, query, scores);
            var first = block * Block;
            var size = Math.Min(Block, count - first);
            if (weights is not null)
            {
                for (var i = 0; i < size; i++)
                {
                    scores[i] *= weights[first + i];
                }
            }

            best.AddRange(first, scores[..size], filter);
        }

        return best.Finish(hits);
    }

    private int SearchAllowed(ReadOnlySpan<float> query, ItemFilter filter, Span<Hit> hits, float[]? weights)
    {
        var best = new TopK(hits.Length);
        for (var word = 0; word < filter.Allowed.Length; word++)
        {
            for (var bits = filter.Allowed[word]; bits != 0; bits &= bits - 1)
            {
                var item = (word * 64) + BitOperations.TrailingZeroCount(bits);
                if (item < count && filter.Passes(item))
                {
                    best.Add(item, Score(item, query) * (weights?[item] ?? 1));
                }
            }
        }

        return best.Finish(hits);
    }
}
