namespace Reco.Scoring.Client;

/// <summary>What is to be recommended to whom.</summary>
public sealed record RecommendRequest
{
    /// <summary>User ID.</summary>
    public string? User { get; init; }

    /// <summary>Items of this visit, most recent first.</summary>
    public IReadOnlyList<string>? Items { get; init; }

    /// <summary>Who stands for somebody unknown: known users, or groups of the model (<see cref="ScoringClient.GroupsAsync"/>).</summary>
    public IReadOnlyList<string>? Group { get; init; }

    /// <summary>How many items.</summary>
    public int K { get; init; } = 10;

    /// <summary>Leaves out what the user has interacted with.</summary>
    public bool ExcludeSeen { get; init; }

    /// <summary>Items that are left out.</summary>
    public IReadOnlyList<string>? ExcludeItems { get; init; }

    /// <summary>Values that attributes may have, by attribute.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Filter { get; init; }

    /// <summary>From 0 (by score alone) to 1 (as unlike one another as can be).</summary>
    public double Diversify { get; init; }

    /// <summary>Adds category and attributes of the items.</summary>
    public bool Attributes { get; init; }
}

/// <summary>Items like which.</summary>
public sealed record SimilarRequest
{
    /// <summary>Item ID.</summary>
    public string? Item { get; init; }

    /// <summary>What an unknown item is called.</summary>
    public string? Text { get; init; }

    /// <summary>How many items.</summary>
    public int K { get; init; } = 10;

    /// <summary>Values that attributes may have, by attribute.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Filter { get; init; }

    /// <summary>Adds category and attributes of the items.</summary>
    public bool Attributes { get; init; }
}

/// <summary>What is searched for.</summary>
public sealed record SearchRequest
{
    /// <summary>What a person typed.</summary>
    public required string Query { get; init; }

    /// <summary>How many items.</summary>
    public int K { get; init; } = 10;

    /// <summary>Values that attributes may have, by attribute.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Filter { get; init; }

    /// <summary>Adds category and attributes of the items.</summary>
    public bool Attributes { get; init; }
}

/// <summary>A pair to score.</summary>
public sealed record PairRequest
{
    /// <summary>User ID.</summary>
    public string? UserId { get; init; }

    /// <summary>Item ID.</summary>
    public string? ItemId { get; init; }

    /// <summary>Items of this visit, most recent first.</summary>
    public IReadOnlyList<string>? Items { get; init; }

    /// <summary>What an unknown item is called.</summary>
    public string? Text { get; init; }
}
