namespace Reco.Scoring.Recommendation;

/// <summary>What a caller wants recommended.</summary>
internal sealed record RecommendQuery
{
    /// <summary>A user's ID; null where only recent items are known.</summary>
    public string? User { get; init; }

    /// <summary>IDs of the items of this visit, most recent first; they come before the user's known history.</summary>
    public IReadOnlyList<string> RecentItems { get; init; } = [];

    /// <summary>How many items.</summary>
    public int K { get; init; } = 10;

    /// <summary>Leaves out what the user has interacted with.</summary>
    public bool ExcludeSeen { get; init; }

    /// <summary>Adds category and attributes of the items to the answer.</summary>
    public bool Attributes { get; init; }
}

/// <summary>By which way a vector was found for somebody.</summary>
internal enum UserPath
{
    /// <summary>A known user with the history in the bundle.</summary>
    User,

    /// <summary>A known user, with recent items of this visit before the known history.</summary>
    UserWithRecentItems,

    /// <summary>Nobody known, by recent items.</summary>
    RecentItems,

    /// <summary>Nobody known, nothing recent: what the model gives to everybody.</summary>
    Unknown,
}
