namespace Reco.Training.Data;

/// <summary>A split by time: what a model may learn from, and what it is asked about afterwards. Nothing from the held-out
/// period reaches the training side: neither interactions nor counts, histories or vocabularies made from them.</summary>
internal sealed record TimeSplit
{
    /// <summary>Interactions before <see cref="Cut"/>, ascending by time.</summary>
    public required Interaction[] Train { get; init; }

    /// <summary>First moment of the held-out period, Unix seconds.</summary>
    public required long Cut { get; init; }

    /// <summary>Distinct items by user in the held-out period; only users who bought something in it.</summary>
    public required IReadOnlyDictionary<int, int[]> Held { get; init; }

    /// <summary>Splits off the last days of the data.</summary>
    /// <param name="interactions">Ascending by time.</param>
    /// <param name="days">Length of the held-out period.</param>
    /// <exception cref="TrainingException">One side is empty.</exception>
    public static TimeSplit Last(IReadOnlyList<Interaction> interactions, int days)
    {
        if (interactions.Count == 0)
        {
            throw new TrainingException("There is no interaction to split.");
        }

        var cut = interactions[^1].Time - (days * 86_400L) + 1;
        var train = interactions.TakeWhile(entry => entry.Time < cut).ToArray();
        if (train.Length == 0)
        {
            var span = (interactions[^1].Time - interactions[0].Time) / 86_400;
            throw new TrainingException($"--holdout-days={days} leaves nothing to train on: the data spans {span} days. Use fewer days.");
        }

        var held = interactions.Skip(train.Length).GroupBy(entry => entry.User)
            .ToDictionary(user => user.Key, user => user.Select(entry => entry.Item).Distinct().Order().ToArray());
        return new TimeSplit { Train = train, Cut = cut, Held = held };
    }
}
