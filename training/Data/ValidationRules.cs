namespace Reco.Training.Data;

/// <summary>What is done with an event that is not as it should be.</summary>
internal enum Policy
{
    /// <summary>It is left out.</summary>
    Drop,

    /// <summary>What is missing is filled in.</summary>
    Fill,

    /// <summary>The run stops.</summary>
    Fail,

    /// <summary>It stays as it is.</summary>
    Keep,
}

/// <summary>A policy for each kind of flaw, and the bounds that say what one is.</summary>
internal sealed record ValidationRules
{
    /// <summary>No user or item ID: it cannot be filled.</summary>
    public Policy MissingId { get; init; } = Policy.Drop;

    /// <summary>No time: filled with the time of the event before it in the file.</summary>
    public Policy MissingTime { get; init; } = Policy.Drop;

    /// <summary>The same user, item and second again.</summary>
    public Policy Duplicate { get; init; } = Policy.Drop;

    /// <summary>A value below <see cref="LeastValue"/> or above <see cref="MostValue"/>, or a time outside the bounds.</summary>
    public Policy OutOfRange { get; init; } = Policy.Drop;

    /// <summary>An item that the catalogue does not name; filled with an entry named by ID.</summary>
    public Policy UnknownItem { get; init; } = Policy.Fill;

    /// <summary>An event older than the one before it in the file; events are sorted in any case.</summary>
    public Policy OutOfOrder { get; init; } = Policy.Keep;

    /// <summary>Least value; events without a value pass.</summary>
    public double LeastValue { get; init; } = double.NegativeInfinity;

    /// <summary>Greatest value.</summary>
    public double MostValue { get; init; } = double.PositiveInfinity;

    /// <summary>Earliest time, Unix seconds.</summary>
    public long Earliest { get; init; }

    /// <summary>Latest time, Unix seconds (the end of 2100).</summary>
    public long Latest { get; init; } = 4_133_980_799;
}
