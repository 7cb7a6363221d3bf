namespace Reco.Scoring.Retrieval;

/// <summary>Links of a hierarchical navigable small world graph: every node has links on the ground level, one in
/// <see cref="PerLevel"/> has some on the level above, and so on.</summary>
internal sealed class HnswLinks(int count)
{
    /// <summary>Most links of a node on a level above the ground.</summary>
    public const int PerLevel = 16;

    /// <summary>Most links of a node on the ground.</summary>
    public const int OnGround = 2 * PerLevel;

    private const int GroundStride = OnGround + 1;
    private const int LevelStride = PerLevel + 1;

    private readonly int[] ground = new int[checked(count * GroundStride)];
    private readonly int[]?[] above = new int[count][];
    private long aboveBytes;

    /// <summary>All links on the ground: for each node their number, then so many places.</summary>
    public Span<int> Ground => ground;

    /// <summary>Nodes that have levels above the ground, with their links there in the form of <see cref="Ground"/>.</summary>
    public IEnumerable<(int Node, int[] Links)> Above => above.Select((links, node) => (node, links!)).Where(entry => entry.Item2 is not null);

    /// <summary>Bytes that the links take.</summary>
    public long Bytes => ((long)ground.Length * sizeof(int)) + ((long)above.Length * IntPtr.Size) + aboveBytes;

    /// <summary>Makes room for the levels of a node.</summary>
    public void Add(int node, int level)
    {
        if (level > 0)
        {
            above[node] = new int[level * LevelStride];
            aboveBytes += level * LevelStride * sizeof(int);
        }
    }

    /// <summary>Highest level of a node.</summary>
    public int Top(int node) => (above[node]?.Length ?? 0) / LevelStride;

    /// <summary>The nodes that a node is linked to.</summary>
    public ReadOnlySpan<int> Of(int node, int level)
    {
        var all = Slots(node, level);
        return all.Slice(1, all[0]);
    }

    /// <summary>Sets a node's links.</summary>
    public void Set(int node, int level, ReadOnlySpan<int> nodes)
    {
        var all = Slots(node, level);
        nodes.CopyTo(all[1..]);
        all[0] = nodes.Length;
    }

    /// <summary>Adds a link; false where the node has as many as it may.</summary>
    public bool TryAdd(int node, int level, int other)
    {
        var all = Slots(node, level);
        if (all[0] == Most(level))
        {
            return false;
        }

        all[++all[0]] = other;
        return true;
    }

    /// <summary>Most links on a level.</summary>
    public static int Most(int level) => level == 0 ? OnGround : PerLevel;

    /// <summary>The places of a node above the ground, to fill.</summary>
    public Span<int> Places(int node) => above[node];

    /// <summary>Whether every link leads to a node that is there and has that level: what cannot be said of links from elsewhere.</summary>
    public bool AreSound()
    {
        for (var node = 0; node < count; node++)
        {
            for (var level = 0; level <= Top(node); level++)
            {
                var all = Slots(node, level);
                if (all[0] < 0 || all[0] > Most(level))
                {
                    return false;
                }

                foreach (var other in all.Slice(1, all[0]))
                {
                    if ((uint)other >= (uint)count || (level > 0 && Top(other) < level))
                    {
                        return false;
                    }
                }
            }
        }

        return true;
    }

    private Span<int> Slots(int node, int level) =>
        level == 0 ? ground.AsSpan(node * GroundStride, GroundStride) : above[node].AsSpan((level - 1) * LevelStride, LevelStride);
}
