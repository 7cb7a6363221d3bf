using Reco.Training.Data;

namespace Reco.Training.Evaluation;

/// <summary>How a model does where it has nothing to go by but the catalogue or popularity: items and users that no training
/// interaction names.</summary>
internal sealed record ColdStart
{
    /// <summary>Items without any training interaction: bought in the held-out period or not.</summary>
    public required int Items { get; init; }

    /// <summary>Purchases of them, ranked among the whole catalogue: nDCG@10.</summary>
    public required Segment AmongAll { get; init; }

    /// <summary>Share of the same users with one of them in the top 10 of the whole catalogue.</summary>
    public required Segment HitAmongAll { get; init; }

    /// <summary>Share of the same users with one of them in the top <see cref="ReachDepth"/> of the whole catalogue.</summary>
    public required Segment ReachAmongAll { get; init; }

    /// <summary>Depth of <see cref="ReachAmongAll"/>: about a hundredth of a catalogue of 20,000, as many as the ranker sees by default.</summary>
    public int ReachDepth { get; init; } = 200;

    /// <summary>What belongs into a top 10: an item whose chance to be bought by a user is no less than that of what stands tenth.</summary>
    public required ColdChances Chances { get; init; }

    /// <summary>Purchases of them, ranked among themselves: which new item for whom.</summary>
    public required ColdRanking AmongCold { get; init; }

    /// <summary>Users without any training interaction.</summary>
    public required Segment Users { get; init; }
}

/// <summary>Shares of held-out users, by which one sees whether a cold item can belong into a top 10.</summary>
/// <param name="ColdItem">Who bought a given cold item, mean over cold items.</param>
/// <param name="BestColdItem">Who bought the cold item that stands first among cold ones in their list.</param>
/// <param name="Tenth">Who bought the item that stands tenth in their list of the whole catalogue.</param>
internal sealed record ColdChances(double ColdItem, double BestColdItem, double Tenth);

/// <summary>nDCG@10, hit rate and recall@20 of a ranking of cold items only.</summary>
/// <param name="Users">Users who bought some.</param>
/// <param name="Model">nDCG@10 of the model.</param>
/// <param name="Category">nDCG@10 of ranking by how often the user bought of the item's category, then how often anybody did.</param>
/// <param name="Chance">Expected recall@20 of a random order.</param>
/// <param name="ModelRecall">recall@20 of the model.</param>
/// <param name="CategoryRecall">recall@20 by category.</param>
/// <param name="ModelHit">Share of users with one of their items in the model's top 10.</param>
/// <param name="CategoryHit">The same by category.</param>
internal sealed record ColdRanking(
    int Users, Interval Model, Interval Category, double Chance, Interval ModelRecall, Interval CategoryRecall, Interval ModelHit, Interval CategoryHit);

/// <summary>Measures <see cref="ColdStart"/>.</summary>
/// <param name="split">What was known, and what is asked.</param>
/// <param name="users">Number of users.</param>
/// <param name="categories">Category of each item.</param>
internal sealed class ColdStartEvaluator(TimeSplit split, int users, int[] categories)
{
    private const int Depth = 20;
    private const int Reach = 200;

    /// <summary>Measures a model.</summary>
    /// <param name="ranker">The model.</param>
    /// <param name="metrics">Its lists for all held-out users.</param>
    /// <param name="popularity">Popularity's.</param>
    public ColdStart Measure(IRanker ranker, RankingMetrics metrics, RankingMetrics popularity)
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
        var (all, popular) = (RankingMetrics.Evaluate(ranker, held, [10, Reach]), RankingMetrics.Evaluate(new PopularityRanker(split.Train, categories.Length), held, [10, Reach]));
        var only = RankingMetrics.Evaluate(new ColdOnlyRanker(ranker, warm), split.Held, [1]);
        var pool = warm.Count(bought => !bought);
        Segment Of(string metric) => new(held.Count, Bootstrap.Mean(all.Of(metric)), Bootstrap.Mean(popular.Of(metric)));
        Interval Newcomers(RankingMetrics of) => Bootstrap.Mean([.. newcomers.Select(row => of.Of("ndcg@10")[row])]);
        return new ColdStart
        {
            Items = pool,
            AmongAll = Of("ndcg@10"),
            HitAmongAll = Of("hit@10"),
            ReachAmongAll = Of($"hit@{Reach}"),
            ReachDepth = Reach,
            Chances = new ColdChances(
                held.Values.Sum(items => items.Length) / Math.Max(1.0, (double)pool * split.Held.Count),
                pool == 0 ? 0 : only.Of("hit@1").DefaultIfEmpty(0).Average(),
                metrics.Lists.Select(list => list.Items.Length > 9 && Array.BinarySearch(split.Held[list.User], list.Items[9]) >= 0 ? 1.0 : 0).DefaultIfEmpty(0).Average()),
            AmongCold = AmongCold(ranker, held, warm),
            Users = new Segment(newcomers.Length, Newcomers(metrics), Newcomers(popularity)),
        };
    }

    private ColdRanking AmongCold(IRanker ranker, Dictionary<int, int[]> held, bool[] warm)
    {
        var model = RankingMetrics.Evaluate(new ColdOnlyRanker(ranker, warm), held, [10, Depth]);
        var category = RankingMetrics.Evaluate(new ColdOnlyRanker(new CategoryRanker(split.Train, users, categories), warm), held, [10, Depth]);
        var pool = warm.Count(bought => !bought);
        return new ColdRanking(
            held.Count, Bootstrap.Mean(model.Of("ndcg@10")), Bootstrap.Mean(category.Of("ndcg@10")),
            pool == 0 ? 0 : Math.Min(1, Depth / (double)pool), Bootstrap.Mean(model.Of($"recall@{Depth}")), Bootstrap.Mean(category.Of($"recall@{Depth}")),
            Bootstrap.Mean(model.Of("hit@10")), Bootstrap.Mean(category.Of("hit@10")));
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
    public CategoryRanker(InteractionLog train, int users, int[] categories)
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
