namespace Reco.Infra.Configuration;

/// <summary>The second stage of a model.</summary>
internal enum RankerKind
{
    /// <summary>All kinds are tried; the smallest that orders as well as the best is kept.</summary>
    Auto,

    /// <summary>A network.</summary>
    Neural,

    /// <summary>Gradient-boosted trees (LambdaRank).</summary>
    Trees,

    /// <summary>A small network that learns from the better of the others.</summary>
    Distilled,

    /// <summary>No second stage: the towers' order is served.</summary>
    None,
}
