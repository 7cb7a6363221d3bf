using System.Runtime.InteropServices;

namespace Reco.Training.Data;

/// <summary>What each user bought, in order of time: one row of times and one of items, user after user.</summary>
internal sealed class Histories
{
    private readonly int[] starts;
    private readonly ReadOnlyMemory<long> times;
    private readonly ReadOnlyMemory<int> items;

    /// <summary>Collects histories.</summary>
    /// <param name="log">Interactions.</param>
    /// <param name="users">Number of users.</param>
    public Histories(InteractionLog log, int users)
    {
        starts = new int[users + 1];
        foreach (var entry in log)
        {
            starts[entry.User + 1]++;
        }

        for (var user = 0; user < users; user++)
        {
            starts[user + 1] += starts[user];
        }

        var (allTimes, allItems) = (log.Storage.Room<long>(log.Length), log.Storage.Room<int>(log.Length));
        (times, items) = (allTimes, allItems);
        var time = allTimes.Span;
        var item = allItems.Span;
        var next = starts[..users];
        foreach (var entry in log)
        {
            var place = next[entry.User]++;
            (time[place], item[place]) = (entry.Time, entry.Item);
        }
    }

    /// <summary>Writes the user's latest items from strictly before a moment, as item index + 1, zero-padded.</summary>
    /// <param name="user">Index of the user.</param>
    /// <param name="before">Unix seconds; <see cref="long.MaxValue"/> for everything.</param>
    /// <param name="destination">As long as the history to write.</param>
    /// <returns>Number of items written.</returns>
    public int Write(int user, long before, Span<long> destination)
    {
        destination.Clear();
        var recent = Before(user, before, destination.Length);
        for (var k = 0; k < recent.Length; k++)
        {
            destination[k] = recent[^(k + 1)] + 1;
        }

        return recent.Length;
    }

    /// <summary>Number of users.</summary>
    public int Users => starts.Length - 1;

    /// <summary>The user's latest items from strictly before a moment, oldest first.</summary>
    /// <param name="user">Index of the user.</param>
    /// <param name="before">Unix seconds.</param>
    /// <param name="most">Most items.</param>
    public ReadOnlySpan<int> Before(int user, long before, int most)
    {
        var (start, end) = (starts[user], starts[user + 1]);
        end = start + LowerBound(times.Span[start..end], before);
        return items.Span[Math.Max(start, end - most)..end];
    }

    /// <summary>Everything the user bought, with repeats, oldest first.</summary>
    public ReadOnlySpan<int> Of(int user) => items.Span[starts[user]..starts[user + 1]];

    /// <summary>The same for queries.</summary>
    public IEnumerable<int> All(int user) => MemoryMarshal.ToEnumerable(items[starts[user]..starts[user + 1]]);

    private static int LowerBound(ReadOnlySpan<long> times, long time)
    {
        var (low, high) = (0, times.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = times[middle] < time ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
