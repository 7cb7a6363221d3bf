namespace Reco.Training.Data;

/// <summary>One purchase: who, what, when. Users and items are indices into <see cref="Shop"/>.</summary>
/// <param name="User">Index of the user.</param>
/// <param name="Item">Index of the item.</param>
/// <param name="Time">When, in Unix seconds.</param>
internal readonly record struct Interaction(int User, int Item, long Time) : IComparable<Interaction>
{
    /// <summary>Bytes of one in memory and in files.</summary>
    public const int Size = 16;

    /// <summary>Orders by time, user and item.</summary>
    public int CompareTo(Interaction other) =>
        Time != other.Time ? Time.CompareTo(other.Time) : User != other.User ? User.CompareTo(other.User) : Item.CompareTo(other.Item);
}

/// <summary>An item of the catalogue.</summary>
/// <param name="Id">The shop's ID.</param>
/// <param name="Name">What a person reads.</param>
/// <param name="Features">Values of the catalogue's categorical columns, in the order of <see cref="Shop.FeatureNames"/>;
/// empty where the catalogue has none.</param>
internal sealed record Item(string Id, string Name, string[] Features)
{
    /// <summary>Items by index: those of the events in their order, then the rest of the catalogue.</summary>
    /// <param name="ids">IDs in the events.</param>
    /// <param name="catalogue">Items by ID, or null.</param>
    /// <param name="unknown">Makes an item that the catalogue does not name.</param>
    public static IReadOnlyList<Item> Join(IReadOnlyCollection<string> ids, Dictionary<string, Item>? catalogue, Func<string, Item> unknown)
    {
        var known = ids.ToHashSet(StringComparer.Ordinal);
        return [.. ids.Select(id => catalogue?.GetValueOrDefault(id) ?? unknown(id)), .. catalogue?.Values.Where(item => !known.Contains(item.Id)) ?? []];
    }
}

/// <summary>A data set: interactions in order of time, with the users and items that they name.</summary>
internal sealed record Shop
{
    /// <summary>What the data set is called.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of its files in hex.</summary>
    public required string Hash { get; init; }

    /// <summary>IDs of the users, by index.</summary>
    public required IReadOnlyList<string> Users { get; init; }

    /// <summary>Items, by index: those that were bought first, then the rest of the catalogue.</summary>
    public required IReadOnlyList<Item> Items { get; init; }

    /// <summary>Names of the items' categorical columns.</summary>
    public required IReadOnlyList<string> FeatureNames { get; init; }

    /// <summary>Every interaction, ascending by time, then by user and item.</summary>
    public required InteractionLog Interactions { get; init; }

    /// <summary>What the loader found and how it dealt with it: printed, and kept in the bundle.</summary>
    public required IReadOnlyList<DataFinding> Findings { get; init; }
}

/// <summary>Something that a loader found in the data.</summary>
/// <param name="What">What, in words.</param>
/// <param name="Count">How often.</param>
/// <param name="Example">One place.</param>
/// <param name="Policy">What was done: kept, filled or dropped.</param>
internal sealed record DataFinding(string What, long Count, string Example, string Policy);
