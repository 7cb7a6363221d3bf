namespace Reco.Bundle;

/// <summary>Fusion of lists by reciprocal ranks (Cormack, Clarke and Büttcher 2009), by the constants that training measures search with
/// and the service must search with.</summary>
public static class ReciprocalRanks
{
    /// <summary>Length of the lists that are fused.</summary>
    public const int Depth = 100;

    private const float Offset = 60;

    /// <summary>What a place in a list adds to an item's score.</summary>
    /// <param name="rank">The place, from 0.</param>
    public static float Weight(int rank) => 1 / (Offset + rank + 1);
}
