namespace Reco.Training.Model;

/// <summary>Sizes of a two-tower model.</summary>
/// <param name="Users">Known users.</param>
/// <param name="Items">Items of the catalogue.</param>
/// <param name="FeatureValues">Size of the content's vocabulary: feature values, words, and 0 for none.</param>
/// <param name="History">Most recent items that describe a user.</param>
/// <param name="Dimension">Length of user and item vectors.</param>
internal sealed record TwoTowerShape(int Users, int Items, int FeatureValues, int History, int Dimension);

/// <summary>The weights of a trained model in plain arrays, row-major.</summary>
internal sealed record TowerWeights
{
    /// <summary>Sizes.</summary>
    public required TwoTowerShape Shape { get; init; }

    /// <summary>Learned item coordinates <c>[items, d-1]</c>.</summary>
    public required float[] Items { get; init; }

    /// <summary>Item coordinates as parts of a history <c>[items, d-1]</c>: those of <see cref="Items"/> in the neural model,
    /// others in the linear one. Those of <see cref="Items"/> where none are given.</summary>
    public float[] HistoryItems { get => field ?? Items; init; }

    /// <summary>True where one item table serves both towers, as gradient descent fits it.</summary>
    public bool IsNeural => ReferenceEquals(Items, HistoryItems) || Items.AsSpan().SequenceEqual(HistoryItems);

    /// <summary>Item biases <c>[items]</c>.</summary>
    public required float[] ItemBias { get; init; }

    /// <summary>Last coordinate of every user vector, by which the item's bias counts: 1 in the neural model. In the linear one it is small, so
    /// that biases are small beside all other scores but not beside the item's coordinates: with them they are rounded to 8 bits.</summary>
    public float BiasWeight { get; init; } = 1;

    /// <summary>User embeddings <c>[users + 1, d-1]</c>; row 0 is the unknown user.</summary>
    public required float[] Users { get; init; }

    /// <summary>Transformation of the pooled history <c>[d-1, d-1]</c>.</summary>
    public required float[] History { get; init; }

    /// <summary>Recency logits <c>[history]</c>, most recent first.</summary>
    public required float[] Recency { get; init; }

    /// <summary>Hidden layer at the top of the user tower; null for none. That of the item tower is in <see cref="Items"/> already.</summary>
    public TopWeights? Top { get; init; }

    /// <summary>Item vectors with the bias as their last coordinate <c>[items, d]</c>.</summary>
    public float[] ItemVectors()
    {
        var (width, d) = (Shape.Dimension - 1, Shape.Dimension);
        var vectors = new float[Shape.Items * d];
        for (var item = 0; item < Shape.Items; item++)
        {
            Items.AsSpan(item * width, width).CopyTo(vectors.AsSpan(item * d));
            vectors[(item * d) + width] = ItemBias[item];
        }

        return vectors;
    }
}
