namespace Reco.Training.Data;

/// <summary>A split that holds out each user's last interaction, for comparison with published figures. Somebody with a single
/// interaction keeps it.</summary>
internal sealed record LeaveLastOutSplit(InteractionLog Train, IReadOnlyDictionary<int, int[]> Held)
{
    /// <summary>Splits.</summary>
    /// <param name="interactions">Ascending by time.</param>
    public static LeaveLastOutSplit Make(IReadOnlyList<Interaction> interactions)
    {
        var last = new Dictionary<int, int>();
        var counts = interactions.CountBy(entry => entry.User).ToDictionary();
        for (var index = 0; index < interactions.Count; index++)
        {
            last[interactions[index].User] = index;
        }

        var held = last.Where(user => counts[user.Key] > 1).ToDictionary(user => user.Key, user => user.Value);
        var removed = held.Values.ToHashSet();
        return new LeaveLastOutSplit(
            [.. interactions.Where((_, index) => !removed.Contains(index))],
            held.ToDictionary(user => user.Key, user => new[] { interactions[user.Value].Item }));
    }
}
