namespace Reco.Scoring.Retrieval;

/// <summary>Searches exactly until a graph is built and its recall is measured, so that a large catalogue is served as soon as it is
/// read. The graph takes over only where it finds what it must.</summary>
internal sealed class GrowingIndex(IItemIndex exact) : IItemIndex, IDisposable
{
    private const int SamplePlaces = 100;

    private static readonly int[] Breadths = [100, 150, 200, 300, 400, 600, 800, 1_200, 1_600];

    private readonly CancellationTokenSource gone = new();
    private volatile IItemIndex current = exact;

    /// <inheritdoc/>
    public string Kind => current.Kind;

    /// <inheritdoc/>
    public int Count => current.Count;

    /// <inheritdoc/>
    public int Dimension => current.Dimension;

    /// <inheritdoc/>
    public long Bytes => current.Bytes;

    /// <inheritdoc/>
    public double Recall { get; private set; } = 1;

    /// <inheritdoc/>
    public int Search(ReadOnlySpan<float> query, ItemFilter filter, Span<Hit> hits, float[]? weights = null) => current.Search(query, filter, hits, weights);

    /// <inheritdoc/>
    public float Score(int item, ReadOnlySpan<float> query) => current.Score(item, query);

    /// <inheritdoc/>
    public void CopyVector(int item, Span<float> vector) => current.CopyVector(item, vector);

    /// <summary>Builds a graph on a thread of its own.</summary>
    /// <param name="rows">The vectors.</param>
    /// <param name="queries">Queries as callers will send them, by which the recall is measured.</param>
    /// <param name="least">The recall that the graph must have.</param>
    /// <returns>The recall, and whether the graph took over; ended early without it where the index was disposed.</returns>
    public Task<(double Recall, bool TookOver)> GrowAsync<TRows>(TRows rows, float[][] queries, double least)
        where TRows : struct, IVectorRows
    {
        var cancellation = gone.Token;
        return Task.Factory.StartNew(() => Grow(rows, queries, least, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Stops the building.</summary>
    public void Dispose()
    {
        if (!gone.IsCancellationRequested)
        {
            gone.Cancel();
            gone.Dispose();
        }
    }

    private (double Recall, bool TookOver) Grow<TRows>(TRows rows, float[][] queries, double least, CancellationToken cancellation)
        where TRows : struct, IVectorRows
    {
        var graph = HnswIndex<TRows>.Build(rows, cancellation);
        var truth = Array.ConvertAll(queries, query => Find(current, query));
        var recall = 0.0;
        foreach (var breadth in Breadths)
        {
            cancellation.ThrowIfCancellationRequested();
            graph.Breadth = breadth;
            recall = queries.Zip(truth, (query, items) => Find(graph, query).Intersect(items).Count() / (double)items.Length).Average();
            if (recall >= least)
            {
                Recall = recall;
                current = graph;
                return (recall, true);
            }
        }

        return (recall, false);
    }

    private static int[] Find(IItemIndex index, float[] query)
    {
        var hits = new Hit[Math.Min(SamplePlaces, index.Count)];
        return Array.ConvertAll(hits[..index.Search(query, default, hits)], hit => hit.Item);
    }
}
