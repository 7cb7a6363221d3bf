using Reco.Training.Data;

namespace Reco.Training.Evaluation;

/// <summary>Who bought what and how often, in rows by user and by item.</summary>
internal sealed class BoughtItems
{
    private readonly (int Item, float Weight)[] byUser;
    private readonly int[] userStarts;
    private readonly int[] byItem;
    private readonly int[] itemStarts;
    private readonly float[] popularity;
    private readonly float tieBreak;

    /// <summary>Collects interactions.</summary>
    public BoughtItems(InteractionLog train, int users, int items)
    {
        Items = items;
        var histories = train.Histories(users);
        var pairs = new List<(int Item, float Weight)>();
        userStarts = new int[users + 1];
        itemStarts = new int[items + 1];
        var counts = new int[items];
        for (var user = 0; user < users; user++)
        {
            var own = histories.Of(user);
            foreach (var item in own)
            {
                counts[item]++;
            }

            // By first purchase; what was counted is set back on the way.
            foreach (var item in own)
            {
                if (counts[item] > 0)
                {
                    pairs.Add((item, MathF.Log(1 + counts[item])));
                    itemStarts[item + 1]++;
                    counts[item] = 0;
                }
            }

            userStarts[user + 1] = pairs.Count;
        }

        byUser = [.. pairs];
        for (var item = 0; item < items; item++)
        {
            itemStarts[item + 1] += itemStarts[item];
        }

        byItem = new int[byUser.Length];
        var next = itemStarts[..items];
        for (var user = 0; user < users; user++)
        {
            foreach (var (item, _) in Of(user))
            {
                byItem[next[item]++] = user;
            }
        }

        popularity = new float[items];
        foreach (var entry in train)
        {
            popularity[entry.Item]++;
        }

        tieBreak = 1e-6f / Math.Max(1, popularity.DefaultIfEmpty().Max());
    }

    /// <summary>Number of items.</summary>
    public int Items { get; }

    /// <summary>What a user bought, in order of the first purchase, with the logarithm of one more than the count.</summary>
    public ReadOnlySpan<(int Item, float Weight)> Of(int user) => byUser.AsSpan(userStarts[user]..userStarts[user + 1]);

    /// <summary>Who bought an item.</summary>
    public ReadOnlySpan<int> Buyers(int item) => byItem.AsSpan(itemStarts[item]..itemStarts[item + 1]);

    /// <summary>Writes for each item what orders it by popularity where nothing else does.</summary>
    public void WriteTieBreaks(Span<float> scores)
    {
        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = popularity[item] * tieBreak;
        }
    }
}
