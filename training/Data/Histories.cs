using System.Runtime.InteropServices;

namespace Reco.Training.Data;

/// <summary>What each user bought, most recent first.</summary>
internal sealed class Histories
{
    private readonly List<(long Time, int Item)>[] byUser;

    /// <summary>Collects histories.</summary>
    /// <param name="interactions">Ascending by time.</param>
    /// <param name="users">Number of users.</param>
    public Histories(IEnumerable<Interaction> interactions, int users)
    {
        byUser = new List<(long, int)>[users];
        foreach (var (user, item, time) in interactions)
        {
            (byUser[user] ??= []).Add((time, item));
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
        if (byUser[user] is not { } events)
        {
            return 0;
        }

        var end = LowerBound(events, before);
        var length = Math.Min(end, destination.Length);
        for (var k = 0; k < length; k++)
        {
            destination[k] = events[end - 1 - k].Item + 1;
        }

        return length;
    }

    /// <summary>Number of users.</summary>
    public int Users => byUser.Length;

    /// <summary>The user's latest items from strictly before a moment, oldest first.</summary>
    /// <param name="user">Index of the user.</param>
    /// <param name="before">Unix seconds.</param>
    /// <param name="most">Most items.</param>
    public ReadOnlySpan<(long Time, int Item)> Before(int user, long before, int most)
    {
        if (byUser[user] is not { } events)
        {
            return [];
        }

        var end = LowerBound(events, before);
        return CollectionsMarshal.AsSpan(events)[Math.Max(0, end - most)..end];
    }

    /// <summary>Everything the user bought, with repeats, oldest first.</summary>
    public IEnumerable<int> All(int user) => byUser[user]?.Select(entry => entry.Item) ?? [];

    private static int LowerBound(List<(long Time, int Item)> events, long time)
    {
        var (low, high) = (0, events.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (events[middle].Time < time)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
