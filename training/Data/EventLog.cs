using System.Globalization;

namespace Reco.Training.Data;

/// <summary>One event as a file tells it, before it is checked.</summary>
/// <param name="User">The shop's user ID.</param>
/// <param name="Item">The shop's item ID.</param>
/// <param name="Time">Unix seconds; null where the file says none.</param>
/// <param name="Value">Quantity or rating; null where the file says none.</param>
/// <param name="Place">File and line or row.</param>
internal readonly record struct RawEvent(string User, string Item, long? Time, double? Value, string Place);

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

/// <summary>Checks events one by one as they stream in and keeps 16 bytes of each; whatever is wrong is counted with its first
/// example and dealt with by its policy, never silently.</summary>
internal sealed class EventCollector(ValidationRules rules, FindingCounter findings)
{
    private readonly Dictionary<string, int> users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> items = new(StringComparer.Ordinal);
    private readonly List<Interaction> kept = [];
    private long before = long.MinValue;

    /// <summary>IDs of users by index.</summary>
    public IReadOnlyCollection<string> Users => users.Keys;

    /// <summary>IDs of items by index.</summary>
    public IReadOnlyCollection<string> Items => items.Keys;

    /// <summary>Takes an event.</summary>
    /// <param name="entry">The event.</param>
    /// <param name="isKnown">Says whether the catalogue names an item; null where there is no catalogue.</param>
    /// <exception cref="TrainingException">It has a flaw whose policy is <see cref="Policy.Fail"/>.</exception>
    public void Add(in RawEvent entry, Func<string, bool>? isKnown = null)
    {
        if (entry.User.Length == 0 || entry.Item.Length == 0)
        {
            // An ID cannot be made up: filling means the same as dropping.
            if (Apply(rules.MissingId == Policy.Fill ? Policy.Drop : rules.MissingId, "events without user or item", entry.Place))
            {
                return;
            }
        }

        var time = entry.Time ?? (before == long.MinValue ? 0 : before);
        if (entry.Time is null && Apply(rules.MissingTime, "events without time", entry.Place))
        {
            return;
        }

        if ((entry.Value < rules.LeastValue || entry.Value > rules.MostValue)
            && Apply(rules.OutOfRange, string.Create(CultureInfo.InvariantCulture, $"events with a value outside {rules.LeastValue} to {rules.MostValue}"), entry.Place))
        {
            return;
        }

        if ((time < rules.Earliest || time > rules.Latest) && Apply(rules.OutOfRange, "events with a time out of range", entry.Place))
        {
            return;
        }

        if (time < before && Apply(rules.OutOfOrder, "events older than the one before", entry.Place))
        {
            return;
        }

        if (isKnown?.Invoke(entry.Item) == false && Apply(rules.UnknownItem, "events with an item that has no catalogue row", $"{entry.Place}: {entry.Item}"))
        {
            return;
        }

        before = Math.Max(before, time);
        kept.Add(new Interaction(Index(users, entry.User), Index(items, entry.Item), time));
    }

    /// <summary>Everything that was kept, ascending by time, user and item; duplicates dealt with.</summary>
    public Interaction[] Finish(string source)
    {
        if (kept.Count == 0)
        {
            throw new TrainingException($"{source} has no usable event; there is nothing to train on. {string.Join("; ", findings.ToList().Select(finding => $"{finding.Count} {finding.What}"))}");
        }

        kept.Sort((left, right) => (left.Time, left.User, left.Item).CompareTo((right.Time, right.User, right.Item)));
        var names = users.Keys.ToArray();
        var unique = new List<Interaction>(kept.Count);
        foreach (var entry in kept)
        {
            if (unique.Count > 0 && unique[^1] == entry && Apply(rules.Duplicate, "events that came twice (same user, item and second)", $"user {names[entry.User]} at {DateTimeOffset.FromUnixTimeSeconds(entry.Time):u}"))
            {
                continue;
            }

            unique.Add(entry);
        }

        return [.. unique];
    }

    /// <summary>Counts a flaw.</summary>
    /// <returns>True where the event is to be left out.</returns>
    private bool Apply(Policy policy, string what, string place)
    {
        if (policy == Policy.Fail)
        {
            throw new TrainingException($"{place}: {what}, and the policy for that is to fail. Mend the data, or choose drop, fill or keep.");
        }

        findings.Add(what, place, policy switch { Policy.Drop => "dropped", Policy.Fill => "filled in", _ => "kept" });
        return policy == Policy.Drop;
    }

    private static int Index(Dictionary<string, int> indices, string id)
    {
        if (!indices.TryGetValue(id, out var index))
        {
            indices.Add(id, index = indices.Count);
        }

        return index;
    }
}
