namespace Reco.Scoring.Retrieval;

/// <summary>A heap of numbers with the least one on top. It keeps its memory from search to search.</summary>
internal sealed class KeyHeap
{
    private ulong[] keys = new ulong[256];

    /// <summary>Number of keys.</summary>
    public int Count { get; private set; }

    /// <summary>The least key.</summary>
    public ulong Least => keys[0];

    /// <summary>All keys, in no order.</summary>
    public Span<ulong> Keys => keys.AsSpan(0, Count);

    /// <summary>Removes all.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds a key.</summary>
    public void Push(ulong key)
    {
        if (Count == keys.Length)
        {
            Array.Resize(ref keys, Count * 2);
        }

        var place = Count++;
        while (place > 0 && keys[(place - 1) >> 1] > key)
        {
            keys[place] = keys[(place - 1) >> 1];
            place = (place - 1) >> 1;
        }

        keys[place] = key;
    }

    /// <summary>Takes the least key.</summary>
    public ulong Pop()
    {
        var least = keys[0];
        var last = keys[--Count];
        if (Count > 0)
        {
            Sink(last);
        }

        return least;
    }

    /// <summary>Puts a key in the place of the least one.</summary>
    public void ReplaceLeast(ulong key) => Sink(key);

    private void Sink(ulong key)
    {
        var place = 0;
        while (true)
        {
            var child = (2 * place) + 1;
            if (child >= Count)
            {
                break;
            }

            if (child + 1 < Count && keys[child + 1] < keys[child])
            {
                child++;
            }

            if (keys[child] >= key)
            {
                break;
            }

            keys[place] = keys[child];
            place = child;
        }

        keys[place] = key;
    }
}
