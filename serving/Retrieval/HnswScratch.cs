namespace Reco.Scoring.Retrieval;

/// <summary>What one search in a graph needs: kept from search to search.</summary>
internal sealed class HnswScratch(int count)
{
    private readonly ushort[] marks = new ushort[count];
    private ushort epoch;

    /// <summary>Nodes to go on from, best on top (by the complement of their keys).</summary>
    public KeyHeap Open { get; } = new();

    /// <summary>The best nodes so far, worst on top.</summary>
    public KeyHeap Best { get; } = new();

    /// <summary>Begins a search.</summary>
    public void Begin()
    {
        Open.Clear();
        Best.Clear();
        if (++epoch == 0)
        {
            Array.Clear(marks);
            epoch = 1;
        }
    }

    /// <summary>Marks a node; false where it is marked already.</summary>
    public bool Mark(int node)
    {
        ref var mark = ref marks[node];
        if (mark == epoch)
        {
            return false;
        }

        mark = epoch;
        return true;
    }
}
