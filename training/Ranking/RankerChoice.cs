namespace Reco.Training.Ranking;

/// <summary>Kinds of ranker.</summary>
internal enum RankerKind
{
    /// <summary>All are tried, and the smallest is kept that orders as well as the best.</summary>
    Auto,

    /// <summary>A small network on the purchases.</summary>
    Neural,

    /// <summary>Gradient-boosted trees, by LambdaRank.</summary>
    Trees,

    /// <summary>A smaller network that learns from the better of the two.</summary>
    Distilled,

    /// <summary>None: the towers' order is served.</summary>
    None,
}

/// <summary>What was found of one kind of ranker on users that it did not see.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Ndcg">nDCG@10, by folds.</param>
/// <param name="Steps">Passes over the lists, or trees, at which that was best; 0: the towers' order was better all the time.</param>
/// <param name="Bytes">Bytes of its parameters.</param>
/// <param name="Kept">Whether it is the one that is served.</param>
internal sealed record RankerChoice(RankerKind Kind, double Ndcg, int Steps, int Bytes, bool Kept)
{
    /// <summary>Name of the kind, as <c>--ranker</c> takes it.</summary>
    public string Name => Kind.ToString().ToLowerInvariant();
}

/// <summary>A search for the ranker.</summary>
/// <param name="Weights">What is kept; null where the towers' own order was better.</param>
/// <param name="Choices">What was tried.</param>
/// <param name="TowersNdcg">nDCG@10 of the towers' own order on the same users.</param>
internal sealed record RankerSearch(RankerWeights? Weights, IReadOnlyList<RankerChoice> Choices, double TowersNdcg)
{
    /// <summary>No ranker was wanted or could be learned.</summary>
    public static RankerSearch None { get; } = new(null, [], 0);
}
