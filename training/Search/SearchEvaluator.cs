using System.Collections.Immutable;
using Reco.Training.Data;
using Reco.Training.Evaluation;

namespace Reco.Training.Search;

/// <summary>How well texts find items: by set of queries, then by searcher.</summary>
/// <param name="Queries">Number of queries by set.</param>
/// <param name="Sets">Figures by set and searcher.</param>
/// <param name="PopularityWeight">What an item's popularity adds to its cosine, at most.</param>
internal sealed record SearchReport(
    ImmutableSortedDictionary<string, int> Queries, ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, SearchFigures>> Sets, float PopularityWeight);

/// <summary>Figures of one searcher on one set of queries.</summary>
/// <param name="Mrr10">Mean reciprocal rank of the first relevant item, 0 beyond the tenth place.</param>
/// <param name="Ndcg10">nDCG@10, relevance binary.</param>
internal sealed record SearchFigures(Interval Mrr10, Interval Ndcg10);

/// <summary>A search that was trained.</summary>
/// <param name="Weights">The query tower and its items.</param>
/// <param name="Report">How good it is.</param>
/// <param name="Queries">Some queries to check the export with.</param>
internal sealed record SearchResult(SearchWeights Weights, SearchReport Report, IReadOnlyList<string> Queries);

/// <summary>Trains and evaluates search. A tenth of the distinct texts gives the queries that are reported, a tenth those that settings
/// are chosen by; training draws no query from either.</summary>
internal static class SearchEvaluator
{
    private const int MostQueries = 500;

    /// <summary>Trains and evaluates.</summary>
    /// <returns>The tower that is packaged; null where the catalogue has too few texts to search in.</returns>
    public static SearchResult? Run(Shop shop, TimeSplit split, TimeSplit validation, int seed, CancellationToken cancellation)
    {
        const int LeastTexts = 50;
        var texts = Queries.Texts(shop.Items);
        var groups = texts.Select((text, item) => (text, item)).GroupBy(entry => entry.text, entry => entry.item, StringComparer.Ordinal).Select(group => group.ToArray()).ToArray();
        if (groups.Length < LeastTexts)
        {
            return null;
        }

        new Random(seed).Shuffle(groups);
        var tenth = groups.Length / 10;
        int[] Sources(Range range) => [.. groups[range].Select(group => group[0]).Take(MostQueries)];
        int[] learned = [.. groups[(2 * tenth)..].SelectMany(group => group).Order()];
        var column = Math.Min(1, shop.FeatureNames.Count - 1);
        var trainer = new SearchTrainer(shop, seed);
        Query[][] choosing =
        [
            Queries.KnownItem(texts, Sources(tenth..(2 * tenth)), 3, typos: false, seed + 1),
            Queries.KnownItem(texts, Sources(tenth..(2 * tenth)), 3, typos: true, seed + 2),
            .. column < 0 ? Array.Empty<Query[]>() : [Queries.ByCategory(shop.Items, column, validation.Held)],
        ];
        var (chosen, bias) = trainer.Fit(validation.Train, learned, choosing, cancellation);

        // What is evaluated and packaged knows the popularity of the whole training side.
        var tower = trainer.WithPopularity(chosen, split.Train, bias);
        var sets = new Dictionary<string, Query[]>
        {
            ["three words"] = Queries.KnownItem(texts, Sources(..tenth), 3, typos: false, seed + 3),
            ["three words, mistyped"] = Queries.KnownItem(texts, Sources(..tenth), 3, typos: true, seed + 4),
        };
        if (column >= 0)
        {
            sets["category, for what is bought of it"] = Queries.ByCategory(shop.Items, column, split.Held);
        }

        ISearcher bm25 = new Bm25(texts);
        ISearcher[] searchers = [bm25, tower, new FusedSearcher(bm25, tower, shop.Items.Count)];
        var report = new SearchReport(
            sets.ToImmutableSortedDictionary(set => set.Key, set => set.Value.Length, StringComparer.Ordinal),
            sets.ToImmutableSortedDictionary(
                set => set.Key,
                set => searchers.ToImmutableSortedDictionary(searcher => searcher.Name, searcher => Measure(searcher, set.Value, shop.Items.Count), StringComparer.Ordinal),
                StringComparer.Ordinal),
            bias);

        return new SearchResult(tower, report, [.. sets.Values.SelectMany(set => set.Take(20)).Select(query => query.Text)]);
    }

    /// <summary>Mean nDCG@10.</summary>
    public static double Ndcg(ISearcher searcher, Query[] queries, int items) => queries.Length == 0 ? 0 : Values(searcher, queries, items).Average(value => value.Ndcg);

    private static SearchFigures Measure(ISearcher searcher, Query[] queries, int items)
    {
        var values = Values(searcher, queries, items);
        return new SearchFigures(Bootstrap.Mean([.. values.Select(value => value.Mrr)]), Bootstrap.Mean([.. values.Select(value => value.Ndcg)]));
    }

    private static (double Mrr, double Ndcg)[] Values(ISearcher searcher, Query[] queries, int items)
    {
        var values = new (double, double)[queries.Length];
        Parallel.For(0, queries.Length, index =>
        {
            var scores = new float[items];
            searcher.Score(queries[index].Text, scores);
            var top = RankingMetrics.Top(scores, 10);
            var (ndcg, _, _, _, _, mrr) = RankingMetrics.Measure(top, queries[index].Relevant, 10);
            values[index] = (mrr, ndcg);
        });
        return values;
    }
}
