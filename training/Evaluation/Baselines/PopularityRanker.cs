using Reco.Training.Data;

namespace Reco.Training.Evaluation;

/// <summary>Ranks by how often an item was bought in the training period.</summary>
internal sealed class PopularityRanker : IRanker
{
    private readonly float[] counts;

    /// <summary>Counts purchases.</summary>
    public PopularityRanker(InteractionLog train, int items)
    {
        counts = new float[items];
        foreach (var entry in train)
        {
            counts[entry.Item]++;
        }
    }

    /// <inheritdoc/>
    public string Name => "popularity";

    /// <inheritdoc/>
    public int Items => counts.Length;

    /// <inheritdoc/>
    public void Score(int user, Span<float> scores) => counts.CopyTo(scores);
}

/// <summary>Ranks what a user bought before by how often, then everything by popularity: in a grocery shop a hard one to
/// beat.</summary>
internal sealed class PersonalFrequencyRanker : IRanker
{
    private readonly PopularityRanker popularity;
    private readonly Histories histories;
    private readonly float above;

    /// <summary>Counts purchases.</summary>
    public PersonalFrequencyRanker(InteractionLog train, int users, int items)
    {
        popularity = new PopularityRanker(train, items);
        histories = train.Histories(users);
        above = train.Length + 1;
    }

    /// <inheritdoc/>
    public string Name => "personal frequency";

    /// <inheritdoc/>
    public int Items => popularity.Items;

    /// <inheritdoc/>
    public void Score(int user, Span<float> scores)
    {
        popularity.Score(user, scores);
        foreach (var item in histories.All(user))
        {
            scores[item] += above;
        }
    }
}
