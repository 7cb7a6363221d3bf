namespace Reco.Scoring.Client;

/// <summary>A list of items.</summary>
public sealed record ItemsAnswer
{
    /// <summary>Name of the model that answered.</summary>
    public required string Model { get; init; }

    /// <summary>Its version.</summary>
    public required string Version { get; init; }

    /// <summary>Which way the answer was found: <c>user</c>, <c>recent-items</c>, <c>unknown-user</c>, ...</summary>
    public required string Path { get; init; }

    /// <summary>Whether the model's second stage put the items in order.</summary>
    public bool Ranked { get; init; }

    /// <summary>Recent items that the model does not know.</summary>
    public IReadOnlyList<string> UnknownItems { get; init; } = [];

    /// <summary>The items, best first.</summary>
    public required IReadOnlyList<ScoredItem> Items { get; init; }
}

/// <summary>A group of users who buy alike.</summary>
public sealed record UserGroup
{
    /// <summary>What a request gives as group.</summary>
    public required string Id { get; init; }

    /// <summary>What it buys more than others.</summary>
    public required string Label { get; init; }

    /// <summary>Number of its users.</summary>
    public required int Users { get; init; }
}

/// <summary>An item of an answer.</summary>
public sealed record ScoredItem
{
    /// <summary>Item ID.</summary>
    public required string Id { get; init; }

    /// <summary>What a person reads.</summary>
    public required string Name { get; init; }

    /// <summary>Its category, where attributes were asked for.</summary>
    public string? Category { get; init; }

    /// <summary>Its attributes, where they were asked for.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    /// <summary>Its score.</summary>
    public double Score { get; init; }
}

/// <summary>The score of a pair.</summary>
public sealed record PairAnswer
{
    /// <summary>User ID.</summary>
    public string? UserId { get; init; }

    /// <summary>Item ID.</summary>
    public string? ItemId { get; init; }

    /// <summary>How the user was found.</summary>
    public required string Path { get; init; }

    /// <summary>How the item was found.</summary>
    public required string ItemPath { get; init; }

    /// <summary>Whether the model's second stage has a part in the score.</summary>
    public bool Ranked { get; init; }

    /// <summary>The score.</summary>
    public double Score { get; init; }
}
