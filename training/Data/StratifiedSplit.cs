namespace Reco.Training.Data;

/// <summary>A random split by user: of each user's interactions the same share is held out. It lets a model see the future of
/// other users, so that its figures are kinder than those of a split by time: for comparison with published ones.</summary>
internal sealed record StratifiedSplit(InteractionLog Train, IReadOnlyDictionary<int, int[]> Held)
{
    /// <summary>Splits.</summary>
    /// <param name="interactions">Interactions in any order.</param>
    /// <param name="share">Share of each user's interactions to train on; rounded, so that somebody with few may have none held
    /// out.</param>
    /// <param name="seed">Seed of the choice.</param>
    public static StratifiedSplit Make(IReadOnlyList<Interaction> interactions, double share, int seed)
    {
        var random = new Random(seed);
        var (train, held) = (new List<Interaction>(interactions.Count), new Dictionary<int, int[]>());
        foreach (var user in interactions.GroupBy(entry => entry.User).OrderBy(group => group.Key))
        {
            var own = user.ToArray();
            random.Shuffle(own);
            var kept = (int)Math.Round(share * own.Length, MidpointRounding.AwayFromZero);
            train.AddRange(own[..kept]);
            if (kept < own.Length)
            {
                held[user.Key] = [.. own[kept..].Select(entry => entry.Item).Distinct().Order()];
            }
        }

        return new StratifiedSplit([.. train.OrderBy(entry => entry.Time).ThenBy(entry => entry.User).ThenBy(entry => entry.Item)], held);
    }
}
