using Reco.Training.Data;

namespace Reco.Training.Evaluation;

/// <summary>Item-kNN (Sarwar et al. 2001; Deshpande and Karypis 2004): cosine between the users of two items; the score of an
/// item is the sum of its similarities to what the user bought. An item is its own neighbour with similarity 1, so that
/// repeat purchases count: without that the baseline would be weak in a grocery shop.</summary>
internal sealed class ItemKnnRanker : IRanker
{
    private readonly (int Item, float Similarity)[][] neighbours;
    private readonly (int Item, float Weight)[][] bought;
    private readonly float tieBreak;
    private readonly float[] popularity;

    /// <summary>Finds each item's nearest neighbours.</summary>
    /// <param name="train">Training interactions.</param>
    /// <param name="users">Number of users.</param>
    /// <param name="items">Number of items.</param>
    /// <param name="settings">Size of the neighbourhood and shrinkage of similarities by few common users.</param>
    public ItemKnnRanker(InteractionLog train, int users, int items, ItemKnnSettings settings)
    {
        Settings = settings;
        Items = items;
        bought = new (int, float)[users][];
        var histories = train.Histories(users);
        var byUser = new (int Item, int Count)[users][];
        var owners = new List<int>[items];
        for (var user = 0; user < users; user++)
        {
            (int Item, int Count)[] own = [.. histories.All(user).CountBy(item => item).Select(item => (item.Key, item.Value))];
            byUser[user] = own;
            bought[user] = [.. own.Select(entry => (entry.Item, MathF.Log(1 + entry.Count)))];
            foreach (var (item, _) in own)
            {
                (owners[item] ??= []).Add(user);
            }
        }

        neighbours = new (int, float)[items][];
        Parallel.For(0, items, item => neighbours[item] = Nearest(item, owners, byUser, settings));
        popularity = new float[items];
        foreach (var entry in train)
        {
            popularity[entry.Item]++;
        }

        tieBreak = 1e-6f / Math.Max(1, popularity.Max());
    }

    /// <summary>The settings it was made with.</summary>
    public ItemKnnSettings Settings { get; }

    /// <inheritdoc/>
    public string Name => "item-kNN";

    /// <inheritdoc/>
    public int Items { get; }

    /// <summary>Tries a grid of settings and keeps the one that is best on a validation period.</summary>
    public static ItemKnnSettings Tune(InteractionLog train, IReadOnlyDictionary<int, int[]> held, int users, int items) =>
        new[] { 20, 100, 400 }.SelectMany(size => new[] { 0f, 10f, 50f }.Select(shrink => new ItemKnnSettings(size, shrink)))
            .MaxBy(settings => RankingMetrics.Evaluate(new ItemKnnRanker(train, users, items, settings), held, [10]).Of("ndcg@10").Average())!;

    /// <inheritdoc/>
    public void Score(int user, Span<float> scores)
    {
        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = popularity[item] * tieBreak;
        }

        foreach (var (item, weight) in bought[user])
        {
            scores[item] += weight;
            foreach (var (neighbour, similarity) in neighbours[item])
            {
                scores[neighbour] += weight * similarity;
            }
        }
    }

    private static (int Item, float Similarity)[] Nearest(
        int item, List<int>[] owners, (int Item, int Count)[][] byUser, ItemKnnSettings settings)
    {
        if (owners[item] is not { } own)
        {
            return [];
        }

        var common = new Dictionary<int, int>();
        foreach (var user in own)
        {
            foreach (var (other, _) in byUser[user])
            {
                if (other != item)
                {
                    common[other] = common.GetValueOrDefault(other) + 1;
                }
            }
        }

        return [.. common
            .Select(pair => (Item: pair.Key, Similarity: pair.Value / (MathF.Sqrt((float)own.Count * owners[pair.Key].Count) + settings.Shrink)))
            .OrderByDescending(pair => pair.Similarity).ThenBy(pair => pair.Item).Take(settings.Neighbours)];
    }
}

/// <summary>Settings of item-kNN.</summary>
/// <param name="Neighbours">Neighbours kept for each item.</param>
/// <param name="Shrink">Added to the cosine's denominator.</param>
internal sealed record ItemKnnSettings(int Neighbours, float Shrink);
