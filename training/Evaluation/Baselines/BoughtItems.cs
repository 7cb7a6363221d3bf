using Reco.Training.Data;

namespace Reco.Training.Evaluation;

/// <summary>Who bought what and how often, in rows by user and by item; kept where the log is.</summary>
internal sealed class BoughtItems
{
    private readonly ReadOnlyMemory<(int Item, float Weight)> byUser;
    private readonly int[] userStarts;
    private readonly ReadOnlyMemory<int> byItem;
    private readonly int[] itemStarts;
    private readonly float[] popularity;
    private readonly float tieBreak;

    /// <summary>Collects interactions.</summary>
    public BoughtItems(InteractionLog train, int users, int items)
    {
        Items = items;
        var histories = train.Histories(users);
        userStarts = new int[users + 1];
        itemStarts = new int[items + 1];
        var last = new int[items];
        Array.Fill(last, -1);
        for (var user = 0; user < users; user++)
        {
            userStarts[user + 1] = userStarts[user];
            foreach (var item in histories.Of(user))
            {
                if (last[item] != user)
                {
                    last[item] = user;
                    userStarts[user + 1]++;
                    itemStarts[item + 1]++;
                }
            }
        }

        for (var item = 0; item < items; item++)
        {
            itemStarts[item + 1] += itemStarts[item];
        }

        var (pairs, buyers) = (train.Storage.Room<(int Item, float Weight)>(userStarts[users]), train.Storage.Room<int>(userStarts[users]));
        (byUser, byItem) = (pairs, buyers);
        Fill(histories, pairs.Span, buyers.Span, itemStarts[..items]);

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
    public ReadOnlySpan<(int Item, float Weight)> Of(int user) => byUser.Span[userStarts[user]..userStarts[user + 1]];

    /// <summary>Who bought an item.</summary>
    public ReadOnlySpan<int> Buyers(int item) => byItem.Span[itemStarts[item]..itemStarts[item + 1]];

    /// <summary>Writes for each item what orders it by popularity where nothing else does.</summary>
    public void WriteTieBreaks(Span<float> scores)
    {
        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = popularity[item] * tieBreak;
        }
    }

    private void Fill(Histories histories, Span<(int Item, float Weight)> pairs, Span<int> buyers, int[] next)
    {
        var (counts, place) = (new int[Items], 0);
        for (var user = 0; user < histories.Users; user++)
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
                    pairs[place++] = (item, MathF.Log(1 + counts[item]));
                    buyers[next[item]++] = user;
                    counts[item] = 0;
                }
            }
        }
    }
}
