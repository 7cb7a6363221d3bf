namespace Reco.Scoring.Retrieval;

/// <summary>Finds the items with the largest dot products with a query. Safe for use by several threads.</summary>
internal interface IItemIndex
{
    /// <summary>What it is, for people: <c>exact-fp32</c>.</summary>
    string Kind { get; }

    /// <summary>Number of items.</summary>
    int Count { get; }

    /// <summary>Length of a vector.</summary>
    int Dimension { get; }

    /// <summary>Bytes that the vectors take.</summary>
    long Bytes { get; }

    /// <summary>Share of the best items that a search finds, measured on sampled queries; 1 for an exact index.</summary>
    double Recall => 1;

    /// <summary>What answers searches with factors by item.</summary>
    string WeightedKind => Kind;

    /// <summary><see cref="Recall"/> of those.</summary>
    double WeightedRecall => 1;

    /// <summary>Finds the best items that pass the filter.</summary>
    /// <param name="query">Vector <c>[d]</c> of finite values.</param>
    /// <param name="filter">Which items may be found.</param>
    /// <param name="hits">Takes the items, best first; of equal scores the lower index is first. Its length is k.</param>
    /// <param name="weights">A factor of at least 0 for each item's score; null for none.</param>
    /// <returns>How many were found.</returns>
    int Search(ReadOnlySpan<float> query, ItemFilter filter, Span<Hit> hits, float[]? weights = null);

    /// <summary>The dot product of one item with a query: the very number that a search gives.</summary>
    float Score(int item, ReadOnlySpan<float> query);

    /// <summary>Copies the vector of an item.</summary>
    void CopyVector(int item, Span<float> vector);
}

/// <summary>An item that was found.</summary>
/// <param name="Item">Its index.</param>
/// <param name="Score">Its dot product with the query.</param>
internal readonly record struct Hit(int Item, float Score);
