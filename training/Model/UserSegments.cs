using Reco.Training.Data;

namespace Reco.Training.Model;

/// <summary>What is known of the users before a fit.</summary>
/// <param name="Rows">Group of each user + 1 behind that of the unknown user, 0 for none <c>[users + 1]</c>.</param>
/// <param name="Count">Number of groups.</param>
/// <param name="Known">True for each user with training purchases <c>[users]</c>.</param>
internal sealed record UserSegments(long[] Rows, int Count, bool[] Known)
{
    /// <summary>Users who are all known, without groups.</summary>
    public static UserSegments None(int users) => new(new long[users + 1], 0, [.. Enumerable.Repeat(true, users)]);

    /// <summary>Users by their training purchases.</summary>
    public static UserSegments Of(InteractionLog train, int users, UserGroups? groups)
    {
        var known = new bool[users];
        foreach (var entry in train)
        {
            known[entry.User] = true;
        }

        return new UserSegments([0, .. Enumerable.Range(0, users).Select(user => (groups?.Of[user] ?? -1) + 1L)], groups?.Count ?? 0, known);
    }
}
