using System.Collections.Concurrent;
using System.Numerics;

namespace Reco.Scoring.Retrieval;

/// <summary>Approximate search in a graph. What a graph is bad at is answered exactly: filters that let little through, factors by item,
/// and more items than it explores.</summary>
internal sealed class HnswIndex<TRows> : ITunableIndex
    where TRows : struct, IVectorRows
{
    /// <summary>Nodes that are explored for each insertion.</summary>
    private const int BuildBreadth = 200;

    /// <summary>Vectors that one kept node costs a search, about.</summary>
    private const int VectorsPerNode = HnswLinks.OnGround / 2;

    private readonly TRows rows;
    private readonly HnswGraph<TRows> graph;
    private readonly ConcurrentBag<HnswScratch> scratches = [];

    private HnswIndex(TRows rows, HnswGraph<TRows> graph)
    {
        this.rows = rows;
        this.graph = graph;
    }

    /// <summary>Number of best nodes that a search keeps while it explores: more find more, and take longer.</summary>
    public int Effort { get; set; } = 128;

    /// <inheritdoc/>
    public IReadOnlyList<int> Efforts { get; } = [100, 150, 200, 300, 400, 600, 800, 1_200, 1_600];

    /// <inheritdoc/>
    public string Kind => $"hnsw-{rows.Kind}";

    /// <inheritdoc/>
    public int Count => rows.Count;

    /// <inheritdoc/>
    public int Dimension => rows.Dimension;

    /// <inheritdoc/>
    public long Bytes => rows.Bytes + graph.Bytes;

    /// <summary>Builds the index on the calling thread.</summary>
    public static HnswIndex<TRows> Build(TRows rows, CancellationToken cancellation) => new(rows, HnswGraph<TRows>.Build(rows, BuildBreadth, cancellation));

    /// <summary>Reads an index that <see cref="Write"/> wrote.</summary>
    /// <exception cref="Reco.Bundle.BundleException">It is not one of such rows, or of another format.</exception>
    public static HnswIndex<TRows> Read(TRows rows, string path)
    {
        using var stream = File.OpenRead(path);
        return new(rows, HnswGraph<TRows>.Read(rows, stream, path));
    }

    /// <summary>Writes the graph; the vectors are the bundle's.</summary>
    public void Write(Stream stream) => graph.Write(stream);

    /// <inheritdoc/>
    public int Search(ReadOnlySpan<float> query, ItemFilter filter, Span<Hit> hits, float[]? weights = null)
    {
        var breadth = Math.Max(Effort, hits.Length);
        if (weights is not null || IsNarrow(filter, breadth))
        {
            return SearchExactly(query, filter, hits, weights);
        }

        var scratch = scratches.TryTake(out var idle) ? idle : new HnswScratch(Count);
        graph.Search(query, breadth, filter, scratch);
        var best = new TopK(hits.Length);
        foreach (var key in scratch.Best.Keys)
        {
            var hit = TopK.Read(key);
            best.Add(hit.Item, hit.Score);
        }

        scratches.Add(scratch);
        var found = best.Finish(hits);

        // Where less came than was asked for, there may be some that no link leads to.
        return found == hits.Length ? found : SearchExactly(query, filter, hits, weights);
    }

    /// <summary>Scores every item that passes.</summary>
    public int SearchExactly(ReadOnlySpan<float> query, ItemFilter filter, Span<Hit> hits, float[]? weights = null)
    {
        var best = new TopK(hits.Length);
        if (filter.Allowed.Length > 0)
        {
            for (var word = 0; word < filter.Allowed.Length; word++)
            {
                for (var bits = filter.Allowed[word]; bits != 0; bits &= bits - 1)
                {
                    Offer((word * 64) + BitOperations.TrailingZeroCount(bits), query, ref best);
                }
            }
        }
        else
        {
            for (var item = 0; item < Count; item++)
            {
                Offer(item, query, ref best);
            }
        }

        return best.Finish(hits);

        void Offer(int item, ReadOnlySpan<float> query, ref TopK best)
        {
            if (item < Count && filter.Passes(item))
            {
                best.Add(item, rows.Dot(item, query) * (weights?[item] ?? 1));
            }
        }
    }

    /// <inheritdoc/>
    public float Score(int item, ReadOnlySpan<float> query) => rows.Dot(item, query);

    /// <inheritdoc/>
    public void CopyVector(int item, Span<float> vector) => rows.Copy(item, vector);

    /// <summary>Whether exact search of what passes is cheaper: a graph goes through what does not pass, too, so that its cost grows with
    /// 1 / share, while that of exact search falls with the share.</summary>
    private bool IsNarrow(in ItemFilter filter, int breadth)
    {
        var nodes = (double)breadth * VectorsPerNode;
        if (filter.Allowed.Length == 0)
        {
            return nodes >= Count;
        }

        var allowed = filter.CountAllowed();
        return allowed == 0 || nodes * Count / allowed >= allowed;
    }
}
