namespace Reco.Scoring.Recommendation;

/// <summary>Of whom something is asked.</summary>
internal sealed record Subject
{
    /// <summary>A user's ID; null where only other things are known.</summary>
    public string? User { get; init; }

    /// <summary>IDs of the items of this visit, most recent first; they come before the user's known history.</summary>
    public IReadOnlyList<string> RecentItems { get; init; } = [];

    /// <summary>Who stands for somebody unknown: IDs of known users, members of the same segment, or names of the model's groups.</summary>
    public IReadOnlyList<string> Group { get; init; } = [];
}

/// <summary>What a caller wants recommended.</summary>
internal sealed record RecommendQuery
{
    /// <summary>For whom.</summary>
    public required Subject Subject { get; init; }

    /// <summary>How many items.</summary>
    public int K { get; init; } = 10;

    /// <summary>Leaves out what the user has interacted with.</summary>
    public bool ExcludeSeen { get; init; }

    /// <summary>IDs of items that are left out.</summary>
    public IReadOnlyList<string> ExcludeItems { get; init; } = [];

    /// <summary>Values that attributes may have, by attribute.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Filter { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>From 0 (by score alone) to 1 (as different from one another as can be).</summary>
    public double Diversify { get; init; }

    /// <summary>Adds category and attributes of the items to the answer.</summary>
    public bool Attributes { get; init; }
}

/// <summary>Which way an answer was found.</summary>
internal enum AnswerPath
{
    /// <summary>A known user with the history in the bundle.</summary>
    User,

    /// <summary>A known user, with recent items of this visit before the known history.</summary>
    UserWithRecentItems,

    /// <summary>Nobody known, by recent items.</summary>
    RecentItems,

    /// <summary>Nobody known, by the mean of known users or of those who stand for a group.</summary>
    Group,

    /// <summary>Nobody known, nothing recent: what the model gives to everybody.</summary>
    Unknown,

    /// <summary>By the vector of a known item.</summary>
    Item,

    /// <summary>An unknown item, by the vectors of known items with a similar text.</summary>
    ItemByText,

    /// <summary>By words alone: the bundle has no tower for queries.</summary>
    Bm25,

    /// <summary>By words and by the vector of the query together.</summary>
    Hybrid,
}
