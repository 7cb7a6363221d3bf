namespace Reco.Training.Data;

/// <summary>A split by time: what a model may learn from, and what it is asked about afterwards. Nothing from the held-out
/// period reaches the training side: neither interactions nor counts, histories or vocabularies made from them.</summary>
internal sealed record TimeSplit
{
    /// <summary>Users that a validation period should have.</summary>
    public const int ValidationUsers = 150;

    /// <summary>Interactions before <see cref="Cut"/>, ascending by time.</summary>
    public required InteractionLog Train { get; init; }

    /// <summary>First moment of the held-out period, Unix seconds.</summary>
    public required long Cut { get; init; }

    /// <summary>Distinct items by user in the held-out period; only users who bought something in it, or a sample of them.</summary>
    public required IReadOnlyDictionary<int, int[]> Held { get; init; }

    /// <summary>How many users bought something in the held-out period, asked about or not.</summary>
    public required int HeldUsers { get; init; }

    /// <summary>Splits off the last days of the data.</summary>
    /// <param name="interactions">Ascending by time.</param>
    /// <param name="days">Length of the held-out period.</param>
    /// <exception cref="TrainingException">One side is empty.</exception>
    public static TimeSplit Last(InteractionLog interactions, int days)
    {
        if (interactions.Length == 0)
        {
            throw new TrainingException("There is no interaction to split.");
        }

        var cut = Start(interactions, days);
        var train = interactions[..interactions.Before(cut)];
        if (train.Length == 0)
        {
            var span = (interactions[^1].Time - interactions[0].Time) / 86_400;
            throw new TrainingException(span > 2
                ? $"--holdout-days={days} leaves nothing to train on: what is left of the data spans {span} days. Use fewer days."
                : $"--holdout-days={days} leaves nothing to train on: all events that are left are within {span + 1} days. A split by time, of a held-out period and of a validation period before it, takes events of more than three days, each with its time.");
        }

        var held = HeldOut(interactions[train.Length..]);
        return new TimeSplit { Train = train, Cut = cut, Held = held, HeldUsers = held.Count };
    }

    /// <summary>Splits a validation period off the training side: as long as the held-out one, or longer where too few users bought in that, as
    /// long as half of the interactions are left to learn from. Whatever is chosen by a handful of users is chosen by chance.</summary>
    /// <param name="train">The training side.</param>
    /// <param name="days">Length of the held-out period.</param>
    public static TimeSplit Validation(InteractionLog train, int days)
    {
        var period = Last(train, days);
        for (var longer = 2L * days; period.HeldUsers < ValidationUsers && train.Before(Start(train, longer)) >= train.Length / 2; longer *= 2)
        {
            period = Last(train, (int)longer);
        }

        return period;
    }

    private static long Start(InteractionLog interactions, long days) => interactions[^1].Time - (days * 86_400L) + 1;

    /// <summary>Asks about a random sample of the held-out users only, where there are more: the same one for the same seed. Ranking every item
    /// for everybody takes time that grows with users times items, and intervals are narrow long before that.</summary>
    /// <param name="most">Most users.</param>
    /// <param name="seed">Seed of the sample.</param>
    public TimeSplit Sample(int most, int seed)
    {
        if (Held.Count <= most)
        {
            return this;
        }

        var users = Held.Keys.Order().ToArray();
        new Random(seed).Shuffle(users);
        return this with { Held = users.Take(most).Order().ToDictionary(user => user, user => Held[user]) };
    }

    /// <summary>Distinct pairs by sorting, eight bytes for each purchase of the period; users in the order in which they come in it.</summary>
    private static Dictionary<int, int[]> HeldOut(InteractionLog period)
    {
        var held = new Dictionary<int, int[]>();
        var pairs = new long[period.Length];
        for (var place = 0; place < pairs.Length; place++)
        {
            var (user, item, _) = period[place];
            pairs[place] = ((long)user << 32) | (uint)item;
            held.TryAdd(user, []);
        }

        Array.Sort(pairs);
        var items = new List<int>();
        for (var place = 0; place < pairs.Length; place++)
        {
            if (place == 0 || pairs[place] != pairs[place - 1])
            {
                items.Add((int)pairs[place]);
            }

            var user = (int)(pairs[place] >> 32);
            if (place + 1 == pairs.Length || user != (int)(pairs[place + 1] >> 32))
            {
                held[user] = [.. items];
                items.Clear();
            }
        }

        return held;
    }
}
