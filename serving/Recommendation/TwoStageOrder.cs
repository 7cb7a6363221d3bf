using System.Buffers;
using System.Diagnostics;
using Reco.Scoring.Inference;
using Reco.Scoring.Models;
using Reco.Scoring.Retrieval;
using Reco.Scoring.Telemetry;

namespace Reco.Scoring.Recommendation;

/// <summary>Every item in the order that towers and ranker give it for one subject, as training measures it: the candidates in
/// the ranker's order, then all others in the towers'. The scale goes on below the candidates, so that a better place never has
/// a lower score, and a pair has the score that a list gives it.</summary>
internal sealed class TwoStageOrder
{
    private readonly ServedModel model;
    private readonly Hit[] ranked;
    private readonly Hit[] towers;

    private TwoStageOrder(ServedModel model, Hit[] ranked, Hit[] towers)
    {
        this.model = model;
        this.ranked = ranked;
        this.towers = towers;
    }

    /// <summary>The towers' best items with their dot products, best first.</summary>
    public ReadOnlySpan<Hit> Towers => towers;

    /// <summary>How long it took to retrieve the candidates.</summary>
    public required TimeSpan RetrieveTime { get; init; }

    /// <summary>How long it took to rank them.</summary>
    public required TimeSpan RankTime { get; init; }

    /// <summary>Retrieves candidates and ranks them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ranker">Its second stage.</param>
    /// <param name="vector">The subject's vector.</param>
    /// <param name="history">The history that the vector was made of.</param>
    public static TwoStageOrder Make(ServedModel model, Ranker ranker, ReadOnlySpan<float> vector, ReadOnlySpan<long> history)
    {
        var start = Stopwatch.GetTimestamp();
        var towers = new Hit[Math.Min(ranker.Candidates, model.Items.Count)];
        var found = model.Index.Search(vector, default, towers);
        towers = found == towers.Length ? towers : towers[..found];
        var most = towers.Length + (ranker.IncludeHistory ? history.Length : 0);
        var (items, scores, ranking, keys) = (ArrayPool<long>.Shared.Rent(most), ArrayPool<float>.Shared.Rent(most), ArrayPool<float>.Shared.Rent(most), ArrayPool<ulong>.Shared.Rent(most));
        try
        {
            for (var place = 0; place < found; place++)
            {
                (items[place], scores[place]) = (towers[place].Item + 1L, towers[place].Score);
            }

            var count = ranker.IncludeHistory ? AddMissing(model, found, vector, history, items, scores) : found;
            var retrieved = Stopwatch.GetTimestamp();
            using (ScoringMetrics.Source.StartActivity("rank"))
            {
                ranker.Rank(history, items.AsSpan(0, count), scores.AsSpan(0, count), ranking.AsSpan(0, count));
            }

            return new TwoStageOrder(model, Sort(items.AsSpan(0, count), ranking, keys), towers)
            {
                RetrieveTime = Stopwatch.GetElapsedTime(start, retrieved),
                RankTime = Stopwatch.GetElapsedTime(retrieved),
            };
        }
        finally
        {
            ArrayPool<long>.Shared.Return(items);
            ArrayPool<float>.Shared.Return(scores);
            ArrayPool<float>.Shared.Return(ranking);
            ArrayPool<ulong>.Shared.Return(keys);
        }
    }

    /// <summary>Finds the first items of the order that pass a filter.</summary>
    /// <param name="vector">The subject's vector.</param>
    /// <param name="excluded">Items that may not be found, ascending.</param>
    /// <param name="allowed">One bit an item that may be found; empty for all.</param>
    /// <param name="hits">Takes the items, best first.</param>
    /// <returns>How many were found.</returns>
    public int Find(ReadOnlySpan<float> vector, int[] excluded, ulong[] allowed, Span<Hit> hits)
    {
        var filter = new ItemFilter(excluded, allowed);
        var found = 0;
        foreach (var hit in ranked)
        {
            if (found == hits.Length)
            {
                return found;
            }

            if (filter.Passes(hit.Item))
            {
                hits[found++] = hit;
            }
        }

        if (found == hits.Length || ranked.Length == model.Items.Count)
        {
            return found;
        }

        int[] known = [.. excluded.Union(ranked.Select(hit => hit.Item)).Order()];
        var rest = hits[found..];
        var more = model.Index.Search(vector, new ItemFilter(known, allowed), rest);
        foreach (ref var hit in rest[..more])
        {
            hit = hit with { Score = Below(hit.Score) };
        }

        return found + more;
    }

    /// <summary>The score of one item: the very number that a list gives it.</summary>
    public float Score(int item, ReadOnlySpan<float> vector)
    {
        foreach (var hit in ranked)
        {
            if (hit.Item == item)
            {
                return hit.Score;
            }
        }

        return Below(model.Index.Score(item, vector));
    }

    /// <summary>The candidates by their final scores, best first; of equal ones the lower item.</summary>
    private static Hit[] Sort(ReadOnlySpan<long> items, ReadOnlySpan<float> ranking, ulong[] keys)
    {
        for (var place = 0; place < items.Length; place++)
        {
            keys[place] = TopK.Key((int)items[place] - 1, ranking[place]);
        }

        keys.AsSpan(0, items.Length).Sort();
        var ranked = new Hit[items.Length];
        for (var place = 0; place < ranked.Length; place++)
        {
            ranked[place] = TopK.Read(keys[ranked.Length - 1 - place]);
        }

        return ranked;
    }

    /// <summary>Adds the items of the history that the towers did not put among the best.</summary>
    /// <returns>Number of candidates.</returns>
    private static int AddMissing(ServedModel model, int found, ReadOnlySpan<float> vector, ReadOnlySpan<long> history, long[] items, float[] scores)
    {
        var count = found;
        foreach (var entry in history)
        {
            // A few hundred numbers are compared 8 at a time sooner than they are hashed.
            if (entry > 0 && !items.AsSpan(0, count).Contains(entry))
            {
                (items[count], scores[count]) = (entry, model.Index.Score((int)entry - 1, vector));
                count++;
            }
        }

        return count;
    }

    /// <summary>Where the towers' scale goes on below the last candidate. Scores of a scan may differ from single ones in their
    /// last digit, hence the bound.</summary>
    private float Below(float score) => ranked[^1].Score + Math.Min(0, score - towers[^1].Score);
}
