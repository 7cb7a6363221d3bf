namespace Reco.Scoring.Retrieval;

/// <summary>Searches exactly until approximate indices are built and their recall is measured, so that a large catalogue is served as
/// soon as it is read. One takes over only where it finds what it must; searches with a factor by item have an index of their own.</summary>
internal sealed class GrowingIndex : IItemIndex, IDisposable
{
    private const int SamplePlaces = 100;

    private readonly CancellationTokenSource gone = new();
    private readonly IItemIndex exact;
    private volatile IItemIndex plain;
    private volatile IItemIndex weighted;

    /// <summary>Makes an index that is exact as yet.</summary>
    /// <param name="exact">Answers until then, and is what recall is measured against.</param>
    public GrowingIndex(IItemIndex exact)
    {
        this.exact = plain = weighted = exact;
        Gone = gone.Token;
    }

    /// <inheritdoc/>
    public string Kind => plain.Kind;

    /// <inheritdoc/>
    public string WeightedKind => weighted.Kind;

    /// <inheritdoc/>
    public int Count => plain.Count;

    /// <inheritdoc/>
    public int Dimension => plain.Dimension;

    /// <inheritdoc/>
    public long Bytes => plain.Bytes;

    /// <inheritdoc/>
    public double Recall { get; private set; } = 1;

    /// <inheritdoc/>
    public double WeightedRecall { get; private set; } = 1;

    /// <summary>Ends when the index is not needed any more.</summary>
    public CancellationToken Gone { get; }

    /// <inheritdoc/>
    public int Search(ReadOnlySpan<float> query, ItemFilter filter, Span<Hit> hits, float[]? weights = null) =>
        (weights is null ? plain : weighted).Search(query, filter, hits, weights);

    /// <inheritdoc/>
    public float Score(int item, ReadOnlySpan<float> query) => plain.Score(item, query);

    /// <inheritdoc/>
    public void CopyVector(int item, Span<float> vector) => plain.CopyVector(item, vector);

    /// <summary>Lets an approximate index take over with the least effort that finds enough.</summary>
    /// <param name="index">The index, which is not in use yet.</param>
    /// <param name="queries">Queries as callers will send them, by which the recall is measured.</param>
    /// <param name="least">The recall that it must have.</param>
    /// <param name="weights">The factors by item with which it takes over; null: searches without any.</param>
    /// <returns>The recall, and whether it took over.</returns>
    /// <exception cref="OperationCanceledException">The index was disposed meanwhile.</exception>
    public (double Recall, bool TookOver) Offer(ITunableIndex index, float[][] queries, double least, float[]? weights = null)
    {
        var truth = Array.ConvertAll(queries, query => Find(exact, query, weights));
        var recall = 0.0;
        foreach (var effort in index.Efforts)
        {
            index.Effort = effort;
            recall = queries.Zip(truth, (query, items) => Share(Find(index, query, weights), items)).Average();
            if (recall < least)
            {
                continue;
            }

            if (weights is null)
            {
                Recall = recall;
                plain = index;
            }
            else
            {
                WeightedRecall = recall;
                weighted = index;
            }

            return (recall, true);
        }

        return (recall, false);
    }

    /// <summary>Whether some searches are still answered by what it began with.</summary>
    public bool IsPartlyExact => ReferenceEquals(plain, exact) || ReferenceEquals(weighted, exact);

    /// <summary>Lets another exact index answer what no approximate one does.</summary>
    public void Settle(IItemIndex faster)
    {
        plain = ReferenceEquals(plain, exact) ? faster : plain;
        weighted = ReferenceEquals(weighted, exact) ? faster : weighted;
    }

    /// <summary>Stops what is building for it.</summary>
    public void Dispose()
    {
        if (!gone.IsCancellationRequested)
        {
            gone.Cancel();
            gone.Dispose();
        }
    }

    private static double Share(int[] found, int[] items) => items.Length == 0 ? 1 : found.Intersect(items).Count() / (double)items.Length;

    private int[] Find(IItemIndex index, float[] query, float[]? weights)
    {
        Gone.ThrowIfCancellationRequested();
        var hits = new Hit[Math.Min(SamplePlaces, index.Count)];
        return Array.ConvertAll(hits[..index.Search(query, default, hits, weights)], hit => hit.Item);
    }
}
