namespace Reco.Scoring.Retrieval;

/// <summary>An approximate index that finds more when it may take longer.</summary>
internal interface ITunableIndex : IItemIndex
{
    /// <summary>Values of <see cref="Effort"/> that are worth a try, ascending.</summary>
    IReadOnlyList<int> Efforts { get; }

    /// <summary>How much a search looks at.</summary>
    int Effort { get; set; }
}
