using System.Globalization;
using Reco.Training.Data.Storage;

namespace Reco.Training.Data;

/// <summary>Checks events one by one as they stream in and keeps 16 bytes of each, in memory or, where there are too many, in a file
/// (<see cref="EventSorter"/>); whatever is wrong is counted with its first example and dealt with by its policy, never silently.</summary>
/// <param name="rules">Policies and bounds.</param>
/// <param name="findings">Is told of each flaw.</param>
/// <param name="catalogue">Items by ID; null where there is no catalogue.</param>
/// <param name="storage">Where events are kept.</param>
internal sealed class EventCollector(ValidationRules rules, FindingCounter findings, Dictionary<string, Item>? catalogue, EventStorage storage) : IDisposable
{
    private readonly string outOfRange = string.Create(CultureInfo.InvariantCulture, $"events with a value outside {rules.LeastValue} to {rules.MostValue}");
    private readonly EventSorter sorter = new(storage);
    private readonly Indices users = new();
    private readonly Indices items = new();
    private long before = long.MinValue;

    /// <summary>IDs of users by index.</summary>
    public IReadOnlyCollection<string> Users => users.Names;

    /// <summary>IDs of items by index.</summary>
    public IReadOnlyCollection<string> Items => items.Names;

    /// <summary>Takes an event.</summary>
    /// <exception cref="TrainingException">It has a flaw whose policy is <see cref="Policy.Fail"/>.</exception>
    public void Add(in RawEvent entry)
    {
        if (entry.User.IsEmpty || entry.Item.IsEmpty)
        {
            // An ID cannot be made up: filling means the same as dropping.
            if (Apply(rules.MissingId is Policy.Fail ? Policy.Fail : Policy.Drop, "events without user or item", entry.Place))
            {
                return;
            }
        }

        var time = entry.Time ?? (before == long.MinValue ? 0 : before);
        if ((entry.Time is null && Apply(rules.MissingTime, "events without time", entry.Place))
            || ((entry.Value < rules.LeastValue || entry.Value > rules.MostValue) && Apply(rules.OutOfRange, outOfRange, entry.Place))
            || ((time < rules.Earliest || time > rules.Latest) && Apply(rules.OutOfRange, "events with a time out of range", entry.Place))
            || (time < before && Apply(rules.OutOfOrder, "events older than the one before", entry.Place))
            || (IsUnknown(entry.Item) && Apply(rules.UnknownItem, "events with an item that has no catalogue row", entry.Place, entry.Item)))
        {
            return;
        }

        if (entry.Value <= 0 && double.IsNegativeInfinity(rules.LeastValue))
        {
            Apply(Policy.Keep, "events with a value of zero or less, which count like every other (rules.leastValue leaves them out)", entry.Place);
        }

        before = Math.Max(before, time);
        sorter.Add(new Interaction(users.Of(entry.User), items.Of(entry.Item), time));
    }

    /// <summary>Everything that was kept, ascending by time, user and item; duplicates dealt with.</summary>
    public InteractionLog Finish(string source, CancellationToken cancellation)
    {
        if (sorter.Count == 0)
        {
            var flaws = findings.ToList();
            throw new TrainingException($"{source} has no usable event; there is nothing to train on. "
                + (flaws.Count == 0 ? "The file has no rows." : $"Found: {string.Join("; ", flaws.Select(flaw => $"{flaw.Count} {flaw.What} (first: {flaw.Example}), {flaw.Policy}"))}. Mend the data, or choose other rules."));
        }

        var names = users.Names.ToArray();
        return sorter.Finish(
            entry => Apply(rules.Duplicate, "events that came twice (same user, item and second)", new TwicePlace(names[entry.User], entry.Time)), cancellation);
    }

    /// <inheritdoc/>
    public void Dispose() => sorter.Dispose();

    private bool IsUnknown(ReadOnlySpan<char> item) =>
        catalogue is not null && !catalogue.GetAlternateLookup<ReadOnlySpan<char>>().ContainsKey(item);

    /// <summary>Counts a flaw.</summary>
    /// <returns>True where the event is to be left out.</returns>
    private bool Apply<T>(Policy policy, string what, T place, ReadOnlySpan<char> detail = default)
        where T : struct
    {
        if (policy == Policy.Fail)
        {
            throw new TrainingException($"{Example(place, detail)}: {what}, and the policy for that is to fail. Mend the data, or choose drop, fill or keep.");
        }

        var done = policy switch { Policy.Drop => "dropped", Policy.Fill => "filled in", _ => "kept" };
        if (!findings.Count(what, done))
        {
            findings.Add(what, Example(place, detail), done);
        }

        return policy == Policy.Drop;
    }

    private static string Example<T>(T place, ReadOnlySpan<char> detail)
        where T : struct => detail.IsEmpty ? $"{place}" : $"{place}: {DataFile.Shown(detail)}";

    private readonly record struct TwicePlace(string User, long Time)
    {
        public override string ToString() => $"user {DataFile.Shown(User)} at {DateTimeOffset.FromUnixTimeSeconds(Time):u}";
    }
}
