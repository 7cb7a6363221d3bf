namespace Reco.Scoring.Retrieval;

/// <summary>A hierarchical navigable small world graph (Malkov and Yashunin, 2016) over dot products. A search descends through the
/// levels to a node near the query and explores from there.</summary>
internal sealed class HnswGraph<TRows>
    where TRows : struct, IVectorRows
{
    private const int HighestLevel = 15;

    private readonly TRows rows;
    private readonly HnswLinks links;
    private int entry;
    private int top;

    private HnswGraph(TRows rows, HnswLinks links)
    {
        this.rows = rows;
        this.links = links;
    }

    /// <summary>Bytes that the graph takes beside the vectors.</summary>
    public long Bytes => links.Bytes;

    /// <summary>Builds the graph on the calling thread: the same rows give the same graph.</summary>
    /// <param name="rows">The vectors; at least one.</param>
    /// <param name="breadth">Nodes that are explored for each insertion: more give a better graph, later.</param>
    /// <param name="cancellation">Stops the building.</param>
    public static HnswGraph<TRows> Build(TRows rows, int breadth, CancellationToken cancellation)
    {
        var graph = new HnswGraph<TRows>(rows, new HnswLinks(rows.Count));
        var random = new Random(1);
        var scratch = new HnswScratch(rows.Count);
        var vector = new float[rows.Dimension];
        for (var node = 0; node < rows.Count; node++)
        {
            cancellation.ThrowIfCancellationRequested();
            var level = Math.Min(HighestLevel, (int)(-Math.Log(1 - random.NextDouble()) / Math.Log(HnswLinks.PerLevel)));
            rows.Copy(node, vector);
            graph.Insert(node, level, vector, breadth, scratch);
        }

        return graph;
    }

    /// <summary>Reads the graph of some rows.</summary>
    /// <exception cref="Reco.Bundle.BundleException">It is not one of such rows, or of another format.</exception>
    public static HnswGraph<TRows> Read(TRows rows, Stream stream, string path)
    {
        var entry = HnswFile.ReadHeader(stream, path, rows.Count, rows.Dimension);
        var links = new HnswLinks(rows.Count);
        HnswFile.ReadLinks(stream, path, links, rows.Count);
        return new HnswGraph<TRows>(rows, links) { entry = entry, top = links.Top(entry) };
    }

    /// <summary>Writes the graph without its rows.</summary>
    public void Write(Stream stream) => HnswFile.Write(stream, links, rows.Count, rows.Dimension, entry);

    /// <summary>Finds nodes near a query; they are in <see cref="HnswScratch.Best"/>.</summary>
    /// <param name="query">The query.</param>
    /// <param name="breadth">Number of best nodes that are kept while it explores.</param>
    /// <param name="filter">Nodes that do not pass are gone through, but not kept.</param>
    /// <param name="scratch">Memory of the search.</param>
    public void Search(ReadOnlySpan<float> query, int breadth, in ItemFilter filter, HnswScratch scratch)
    {
        var start = Descend(query, top, 0);
        Explore(query, start, breadth, 0, filter, scratch);
    }

    private void Insert(int node, int level, ReadOnlySpan<float> vector, int breadth, HnswScratch scratch)
    {
        links.Add(node, level);
        if (node == 0)
        {
            (entry, top) = (0, level);
            return;
        }

        var start = Descend(vector, top, level);
        Span<int> chosen = stackalloc int[HnswLinks.OnGround];
        for (var at = Math.Min(level, top); at >= 0; at--)
        {
            Explore(vector, start, breadth, at, default, scratch);
            scratch.Best.Keys.Sort();
            start = TopK.Read(scratch.Best.Keys[^1]).Item;
            var count = Choose(scratch.Best.Keys, HnswLinks.PerLevel, chosen);
            links.Set(node, at, chosen[..count]);
            foreach (var other in chosen[..count])
            {
                if (!links.TryAdd(other, at, node))
                {
                    Cut(other, at, node);
                }
            }
        }

        if (level > top)
        {
            (entry, top) = (node, level);
        }
    }

    /// <summary>Goes greedily from the entry to the level below <paramref name="from"/> that is asked for.</summary>
    private int Descend(ReadOnlySpan<float> query, int from, int to)
    {
        var best = entry;
        var score = rows.Dot(best, query);
        for (var level = from; level > to; level--)
        {
            for (var better = true; better;)
            {
                better = false;
                foreach (var other in links.Of(best, level))
                {
                    var candidate = rows.Dot(other, query);
                    if (candidate > score)
                    {
                        (best, score, better) = (other, candidate, true);
                    }
                }
            }
        }

        return best;
    }

    private void Explore(ReadOnlySpan<float> query, int start, int breadth, int level, in ItemFilter filter, HnswScratch scratch)
    {
        scratch.Begin();
        var (open, best) = (scratch.Open, scratch.Best);
        Span<int> fresh = stackalloc int[HnswLinks.OnGround];
        scratch.Mark(start);
        Offer(start, rows.Dot(start, query), filter);
        while (open.Count > 0)
        {
            var key = ~open.Pop();
            if (best.Count >= breadth && key < best.Least)
            {
                return;
            }

            var count = 0;
            foreach (var other in links.Of(TopK.Read(key).Item, level))
            {
                if (scratch.Mark(other))
                {
                    rows.Prefetch(other);
                    fresh[count++] = other;
                }
            }

            foreach (var other in fresh[..count])
            {
                Offer(other, rows.Dot(other, query), filter);
            }
        }

        void Offer(int node, float score, in ItemFilter filter)
        {
            var key = TopK.Key(node, score);
            if (best.Count >= breadth && key < best.Least)
            {
                return;
            }

            open.Push(~key);
            if (!filter.Passes(node))
            {
                return;
            }

            if (best.Count < breadth)
            {
                best.Push(key);
            }
            else
            {
                best.ReplaceLeast(key);
            }
        }
    }

    /// <summary>Chooses links in different directions: a node that is nearer to one that was chosen than to the new node is reached
    /// through that one. What is left of the places goes to the best of those that were passed over.</summary>
    /// <param name="ascending">Keys of the candidates.</param>
    /// <param name="most">Number of places.</param>
    /// <param name="chosen">Takes the links.</param>
    private int Choose(ReadOnlySpan<ulong> ascending, int most, Span<int> chosen)
    {
        var count = 0;
        Span<int> passed = stackalloc int[HnswLinks.OnGround];
        var passedCount = 0;
        var vector = new float[rows.Dimension];
        for (var i = ascending.Length - 1; i >= 0 && count < most; i--)
        {
            var hit = TopK.Read(ascending[i]);
            rows.Copy(hit.Item, vector);
            var isOwnDirection = true;
            foreach (var other in chosen[..count])
            {
                if (rows.Dot(other, vector) > hit.Score)
                {
                    isOwnDirection = false;
                    break;
                }
            }

            if (isOwnDirection)
            {
                chosen[count++] = hit.Item;
            }
            else if (passedCount < passed.Length)
            {
                passed[passedCount++] = hit.Item;
            }
        }

        for (var i = 0; i < passedCount && count < most; i++)
        {
            chosen[count++] = passed[i];
        }

        return count;
    }

    /// <summary>Chooses anew where a node has all links that it may and gets another.</summary>
    private void Cut(int node, int level, int added)
    {
        var vector = new float[rows.Dimension];
        rows.Copy(node, vector);
        var others = links.Of(node, level);
        Span<ulong> keys = stackalloc ulong[HnswLinks.OnGround + 1];
        for (var i = 0; i < others.Length; i++)
        {
            keys[i] = TopK.Key(others[i], rows.Dot(others[i], vector));
        }

        keys[others.Length] = TopK.Key(added, rows.Dot(added, vector));
        keys = keys[..(others.Length + 1)];
        keys.Sort();
        Span<int> chosen = stackalloc int[HnswLinks.OnGround];
        links.Set(node, level, chosen[..Choose(keys, HnswLinks.Most(level), chosen)]);
    }
}
