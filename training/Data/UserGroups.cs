using Reco.Training.Model;

namespace Reco.Training.Data;

/// <summary>Users in groups by what they buy. A profile holds the shares of a user's purchases by category, less what everybody buys, and of
/// length 1 so that how much somebody buys does not count; k-means (<see cref="KMeans"/>) groups the profiles. Users of whom too little
/// is known have no group.</summary>
internal sealed class UserGroups
{
    /// <summary>Purchases below which a profile says nothing.</summary>
    public const int LeastPurchases = 3;

    /// <summary>Users whose profiles the groups are learned from; where there are more, a random sample of them.</summary>
    public const int MostLearners = 20_000;

    /// <summary>Categories that a profile holds; where there are more, those that sell most.</summary>
    public const int MostCategories = 1_000;

    private const int MostItems = 200;
    private const int LabelLength = 3;

    private readonly IReadOnlyList<string> names;
    private readonly int[] dimensions;
    private readonly double[] usual;
    private readonly KMeans groups;

    private UserGroups(IReadOnlyList<string> names, int[] dimensions, double[] usual, KMeans groups, int[] of)
    {
        (this.names, this.dimensions, this.usual, this.groups, Of) = (names, dimensions, usual, groups, of);
        Labels = [.. Enumerable.Range(0, groups.Count).Select(Label)];
    }

    /// <summary>Number of groups.</summary>
    public int Count => groups.Count;

    /// <summary>Group of each user that it was made of, from 0; -1 for none.</summary>
    public int[] Of { get; }

    /// <summary>What each group buys more than others, for readers.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Name of a group in tables.</summary>
    public static string Name(int group) => $"group {group + 1}";

    /// <summary>Learns groups.</summary>
    /// <param name="shop">Catalogue and users.</param>
    /// <param name="train">Purchases that may be known.</param>
    /// <param name="k">Most groups.</param>
    /// <param name="seed">Seed of the first centres.</param>
    /// <returns>Null where no groups are wanted, or no two profiles differ.</returns>
    public static UserGroups? Learn(Shop shop, InteractionLog train, int k, int seed)
    {
        if (k < 2)
        {
            return null;
        }

        var (names, dimensions) = Dimensions(shop, train);
        var usual = new double[names.Count];
        foreach (var entry in train.Where(entry => dimensions[entry.Item] >= 0))
        {
            usual[dimensions[entry.Item]]++;
        }

        var sum = Math.Max(1, usual.Sum());
        usual = [.. usual.Select(count => Math.Sqrt(count / sum))];
        var profiles = new Profiles(train.Histories(shop.Users.Count), dimensions, usual);
        int[] known = [.. Enumerable.Range(0, shop.Users.Count).Where(profiles.Has)];
        if (known.Length == 0 || usual.Length < 2)
        {
            return null;
        }

        var groups = KMeans.Fit(profiles.Of(Learners(known, seed)), usual.Length, k, seed);
        if (groups.Count < 2)
        {
            return null;
        }

        var of = new int[shop.Users.Count];
        Array.Fill(of, -1);
        Parallel.ForEach(known, user => of[user] = groups.Of(profiles.Of([user])));
        return new UserGroups(names, dimensions, usual, groups, of);
    }

    /// <summary>Members of each group by purchases that may be others than those it was learned from, nearest to the centre first: those
    /// who stand for it.</summary>
    public int[][] Members(InteractionLog interactions)
    {
        var profiles = new Profiles(interactions.Histories(Of.Length), dimensions, usual);
        return [.. Enumerable.Range(0, Of.Length).AsParallel().AsOrdered().Where(profiles.Has)
            .Select(user =>
            {
                var profile = profiles.Of([user]);
                var group = groups.Of(profile);
                return (User: user, Group: group, Distance: groups.Distance(group, profile));
            })
            .AsSequential()
            .GroupBy(entry => entry.Group)
            .Aggregate(Enumerable.Range(0, Count).Select(_ => Array.Empty<int>()).ToArray(), (lists, group) =>
            {
                lists[group.Key] = [.. group.OrderBy(entry => entry.Distance).ThenBy(entry => entry.User).Select(entry => entry.User)];
                return lists;
            })];
    }

    private static int[] Learners(int[] known, int seed)
    {
        if (known.Length <= MostLearners)
        {
            return known;
        }

        int[] shuffled = [.. known];
        new Random(seed).Shuffle(shuffled);
        return [.. shuffled.Take(MostLearners).Order()];
    }

    /// <summary>Categories, as in the bundle the second column or else the first. Where the catalogue has none, the items that sell
    /// most.</summary>
    private static (IReadOnlyList<string> Names, int[] Of) Dimensions(Shop shop, InteractionLog train)
    {
        var column = Math.Min(1, shop.FeatureNames.Count - 1);
        var values = column < 0 ? [] : shop.Items.Select(item => item.Features[column]).Where(value => value.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        if (values.Length > 1)
        {
            values = Largest(values, shop, train, column);
            var numbers = values.Select((value, number) => (value, number)).ToDictionary(pair => pair.value, pair => pair.number, StringComparer.Ordinal);
            return (values, [.. shop.Items.Select(item => numbers.GetValueOrDefault(item.Features[column], -1))]);
        }

        var best = train.CountBy(entry => entry.Item).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).Take(MostItems).Select(pair => pair.Key).ToArray();
        var of = new int[shop.Items.Count];
        Array.Fill(of, -1);
        for (var number = 0; number < best.Length; number++)
        {
            of[best[number]] = number;
        }

        return ([.. best.Select(item => shop.Items[item].Name)], of);
    }

    private static string[] Largest(string[] values, Shop shop, InteractionLog train, int column)
    {
        if (values.Length <= MostCategories)
        {
            return values;
        }

        var sold = train.CountBy(entry => shop.Items[entry.Item].Features[column], StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        return [.. values.OrderByDescending(value => sold.GetValueOrDefault(value)).Take(MostCategories).Order(StringComparer.Ordinal)];
    }

    private string Label(int group) => string.Join(", ", Enumerable.Range(0, names.Count)
        .OrderByDescending(place => groups.Centres[(group * names.Count) + place]).ThenBy(place => place).Take(LabelLength).Select(place => names[place]));
}
