using Reco.Training.Data;

namespace Reco.Training.Evaluation;

/// <summary>How a model does where it has nothing to go by but the catalogue or popularity: items and users that no training
/// interaction names.</summary>
internal sealed record ColdStart
{
    /// <summary>Items without any training interaction: bought in the held-out period or not.</summary>
    public required int Items { get; init; }

    /// <summary>Purchases of them, ranked among the whole catalogue.</summary>
    public required Segment AmongAll { get; init; }

    /// <summary>Purchases of them, ranked among themselves: which new item for whom.</summary>
    public required ColdRanking AmongCold { get; init; }

    /// <summary>Users without any training interaction.</summary>
    public required Segment Users { get; init; }
}

/// <summary>nDCG@10 and recall@20 of a ranking of cold items only.</summary>
/// <param name="Users">Users who bought some.</param>
/// <param name="Model">nDCG@10 of the model.</param>
/// <param name="Category">nDCG@10 of ranking by how often the user bought of the item's category, then how often anybody did.</param>
/// <param name="Chance">Expected recall@20 of a random order.</param>
/// <param name="ModelRecall">recall@20 of the model.</param>
/// <param name="CategoryRecall">recall@20 by category.</param>
internal sealed record ColdRanking(int Users, Interval Model, Interval Category, double Chance, Interval ModelRecall, Interval CategoryRecall);

/// <summary>Measures <see cref="ColdStart"/>.</summary>
/// <param name="split">What was known, and what is asked.</param>
/// <param name="users">Number of users.</param>
/// <param name="categories">Category of each item.</param>
internal sealed class ColdStartEvaluator(TimeSplit split, int users, int[] categories)
{
    private const int Depth = 20;

    /// <summary>Measures a model.</summary>
    /// <param name="ranker">The model.</param>
    /// <param name="ndcg">Its nDCG@10 by held-out user, ascending.</param>
    /// <param name="popularity">Popularity's.</param>
    public ColdStart Measure(IRanker ranker, double[] ndcg, double[] popularity)
    {
        var warm = new bool[categories.Length];
        var known = new bool[users];
        foreach (var entry in split.Train)
        {
            warm[entry.Item] = true;
            known[entry.User] = true;
        }

        var held = split.Held.Select(user => (user.Key, Items: user.Value.Where(item => !warm[item]).ToArray()))
            .Where(user => user.Items.Length > 0).ToDictionary(user => user.Key, user => user.Items);
        var newcomers = split.Held.Keys.Order().Select((user, row) => (user, row)).Where(entry => !known[entry.user]).Select(entry => entry.row).ToArray();
        return new ColdStart
        {
            Items = warm.Count(bought => !bought),
            AmongAll = new Segment(held.Count, Ndcg(ranker, held), Ndcg(new PopularityRanker(split.Train, categories.Length), held)),
            AmongCold = AmongCold(ranker, held, warm),
            Users = new Segment(newcomers.Length, Bootstrap.Mean([.. newcomers.Select(row => ndcg[row])]), Bootstrap.Mean([.. newcomers.Select(row => popularity[row])])),
        };
    }

    private static Interval Ndcg(IRanker ranker, Dictionary<int, int[]> held) => Bootstrap.Mean(RankingMetrics.Evaluate(ranker, held, [10]).Of("ndcg@10"));

    private ColdRanking AmongCold(IRanker ranker, Dictionary<int, int[]> held, bool[] warm)
    {
        var model = RankingMetrics.Evaluate(new ColdOnly(ranker, warm), held, [10, Depth]);
        var category = RankingMetrics.Evaluate(new ColdOnly(new CategoryRanker(split.Train, users, categories), warm), held, [10, Depth]);
        var pool = warm.Count(bought => !bought);
        return new ColdRanking(
            held.Count, Bootstrap.Mean(model.Of("ndcg@10")), Bootstrap.Mean(category.Of("ndcg@10")),
            pool == 0 ? 0 : Math.Min(1, Depth / (double)pool), Bootstrap.Mean(model.Of($"recall@{Depth}")), Bootstrap.Mean(category.Of($"recall@{Depth}")));
    }

    /// <summary>Ranks the warm items last.</summary>
    private sealed class ColdOnly(IRanker inner, bool[] warm) : IRanker
    {
        public string Name => inner.Name;

        public int Items => inner.Items;

        public void Score(int user, Span<float> scores)
        {
            inner.Score(user, scores);
            for (var item = 0; item < scores.Length; item++)
            {
                scores[item] = warm[item] ? float.NegativeInfinity : scores[item];
            }
        }
    }
}

/// <summary>Ranks by how often the user bought of the item's category, then how often anybody did: what a shop without a model can
/// say of an item that nobody has bought yet.</summary>
internal sealed class CategoryRanker : IRanker
{
    private readonly Dictionary<int, float>[] own;
    private readonly float[] popularity;
    private readonly int[] categories;

    /// <summary>Counts purchases by category.</summary>
    public CategoryRanker(Interaction[] train, int users, int[] categories)
    {
        this.categories = categories;
        own = new Dictionary<int, float>[users];
        popularity = new float[categories.Length == 0 ? 0 : categories.Max() + 1];
        foreach (var entry in train)
        {
            var counts = own[entry.User] ??= [];
            var category = categories[entry.Item];
            counts[category] = counts.GetValueOrDefault(category) + 1;
            popularity[category] += 1f / train.Length;
        }
    }

    /// <inheritdoc/>
    public string Name => "category frequency";

    /// <inheritdoc/>
    public int Items => categories.Length;

    /// <inheritdoc/>
    public void Score(int user, Span<float> scores)
    {
        var counts = own[user];
        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = popularity[categories[item]] + (counts?.GetValueOrDefault(categories[item]) ?? 0);
        }
    }
}
