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
    public static TwoStageOrder Make(ServedModel model, Ranker ranker, ReadOnlySpan<float> vector, Memory<long> history)
    {
        var start = Stopwatch.GetTimestamp();
        var towers = new Hit[Math.Min(ranker.Candidates, model.Items.Count)];
        towers = towers[..model.Index.Search(vector, default, towers)];
        Hit[] candidates = ranker.IncludeHistory ? [.. towers, .. Missing(model, towers, vector, history.Span)] : [.. towers];
        var items = Array.ConvertAll(candidates, hit => hit.Item + 1L);
        var ranking = new float[items.Length];
        var retrieved = Stopwatch.GetTimestamp();
        using (ScoringMetrics.Source.StartActivity("rank"))
        {
            ranker.Rank(history, items, Array.ConvertAll(candidates, hit => hit.Score), ranking);
        }

        for (var place = 0; place < candidates.Length; place++)
        {
            candidates[place] = candidates[place] with { Score = ranking[place] };
        }

        Array.Sort(candidates, static (left, right) => left.Score != right.Score ? right.Score.CompareTo(left.Score) : left.Item.CompareTo(right.Item));
        return new TwoStageOrder(model, candidates, towers)
        {
            RetrieveTime = Stopwatch.GetElapsedTime(start, retrieved),
            RankTime = Stopwatch.GetElapsedTime(retrieved),
        };
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

    /// <summary>Items of the history that the towers did not put among the best.</summary>
    private static List<Hit> Missing(ServedModel model, Hit[] towers, ReadOnlySpan<float> vector, ReadOnlySpan<long> history)
    {
        var known = towers.Select(hit => hit.Item).ToHashSet();
        var missing = new List<Hit>();
        foreach (var entry in history)
        {
            if (entry > 0 && known.Add((int)entry - 1))
            {
                missing.Add(new Hit((int)entry - 1, model.Index.Score((int)entry - 1, vector)));
            }
        }

        return missing;
    }

    /// <summary>Where the towers' scale goes on below the last candidate. Scores of a scan may differ from single ones in their
    /// last digit, hence the bound.</summary>
    private float Below(float score) => ranked[^1].Score + Math.Min(0, score - towers[^1].Score);
}
