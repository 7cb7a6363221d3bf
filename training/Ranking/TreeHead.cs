namespace Reco.Training.Ranking;

/// <summary>A sum of regression trees, all in flat arrays by node.</summary>
/// <param name="Roots">First node of each tree.</param>
/// <param name="Feature">Feature that a node asks; -1: the node is a leaf.</param>
/// <param name="Value">Threshold (up to it, inclusive, one goes left) or a leaf's value.</param>
/// <param name="Left">Left child.</param>
/// <param name="Right">Right child.</param>
internal sealed record TreeHead(int[] Roots, int[] Feature, float[] Value, int[] Left, int[] Right) : RankerHead
{
    /// <inheritdoc/>
    public override int Bytes => sizeof(int) * (Roots.Length + (4 * Feature.Length));

    /// <inheritdoc/>
    public override float Score(ReadOnlySpan<float> features)
    {
        var sum = 0f;
        foreach (var root in Roots)
        {
            sum += Tree(root, features);
        }

        return sum;
    }

    /// <summary>What the tree of a root adds.</summary>
    public float Tree(int root, ReadOnlySpan<float> features)
    {
        var node = root;
        while (Feature[node] >= 0)
        {
            node = features[Feature[node]] <= Value[node] ? Left[node] : Right[node];
        }

        return Value[node];
    }

    /// <summary>The first trees alone; all where there are no more.</summary>
    public TreeHead Take(int trees)
    {
        trees = Math.Min(trees, Roots.Length);
        var end = trees < Roots.Length ? Roots[trees] : Feature.Length;
        return new TreeHead(Roots[..trees], Feature[..end], Value[..end], Left[..end], Right[..end]);
    }
}
