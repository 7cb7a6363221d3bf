namespace Reco.Training.Evaluation;

/// <summary>Scores every item for users: what full ranking needs of a model or baseline.</summary>
internal interface IRanker
{
    /// <summary>Name in tables.</summary>
    string Name { get; }

    /// <summary>Number of items.</summary>
    int Items { get; }

    /// <summary>Writes the score of every item for one user; called from several threads.</summary>
    void Score(int user, Span<float> scores);
}
