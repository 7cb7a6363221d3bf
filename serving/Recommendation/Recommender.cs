using System.Diagnostics;
using Reco.Scoring.Batching;
using Reco.Scoring.Hosting;
using Reco.Scoring.Models;
using Reco.Scoring.Retrieval;
using Reco.Scoring.Telemetry;

namespace Reco.Scoring.Recommendation;

/// <summary>Answers the questions of a shop with one model.</summary>
internal sealed class Recommender(ScoringMetrics metrics)
{
    /// <summary>Known items whose text stands for that of an unknown one.</summary>
    private const int TextNeighbours = 10;

    /// <summary>The best items for somebody.</summary>
    /// <exception cref="ApiException">The question cannot be answered; the message says why.</exception>
    public async Task<RecommendationResult> RecommendAsync(ServedModel model, RecommendQuery query, CallLimits limits)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            using var subject = await SubjectRows.EmbedAsync(model, query.Subject, limits).ConfigureAwait(false);
            var excluded = Excluded(model, query, subject.User);
            var order = Order(model, subject);
            var hits = Find(model, subject.Vector, query, excluded, null, order);

            // The reference is of the towers' scores.
            foreach (var hit in order is null ? hits : order.Towers[..Math.Min(query.K, order.Towers.Length)])
            {
                model.Drift.Score(hit.Score);
            }

            metrics.Answered(model, true, Stopwatch.GetElapsedTime(start));
            return new RecommendationResult(model, subject.Path, subject.UnknownItems, hits, order is not null);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            metrics.Answered(model, false, Stopwatch.GetElapsedTime(start));
            throw;
        }
    }

    /// <summary>How well items suit somebody.</summary>
    /// <param name="model">The model.</param>
    /// <param name="subject">Whom.</param>
    /// <param name="items">The items: ID, and what an unknown one is called, by which it is placed among known items with similar texts.</param>
    /// <param name="limits">What the call may take.</param>
    /// <exception cref="ApiException">An item is unknown, or nothing is known of the user.</exception>
    public async Task<PairScore[]> ScoreAsync(ServedModel model, Subject subject, IReadOnlyList<(string? Id, string? Text)> items, CallLimits limits)
    {
        var start = Stopwatch.GetTimestamp();
        var found = items.Select(item => FindItem(model, item.Id, item.Text)).ToArray();
        using var rows = await SubjectRows.EmbedAsync(model, subject, limits).ConfigureAwait(false);
        if (rows.Path == AnswerPath.Unknown)
        {
            throw new ApiException(StatusCodes.Status404NotFound, subject.User is null
                ? $"none of the recent items is known to model {model.Name} {model.Version}"
                : $"user \"{subject.User}\" is unknown to model {model.Name} {model.Version}; add what the user looked at last (items) or users of the same segment (group)");
        }

        var order = Order(model, rows);
        var scores = Array.ConvertAll(found, item => new PairScore(
            item.Score(known => order?.Score(known, rows.Vector) ?? model.Index.Score(known, rows.Vector)), rows.Path, item.Path, order is not null));
        metrics.Answered(model, true, Stopwatch.GetElapsedTime(start));
        return scores;
    }

    /// <summary>Items like an item, by the cosine of their vectors.</summary>
    /// <exception cref="ApiException">The item is unknown.</exception>
    public RecommendationResult Similar(ServedModel model, string? itemId, string? itemText, RecommendQuery query)
    {
        var item = FindItem(model, itemId, itemText);
        var vector = item.Vector(model.Index);
        Likeness.Make(vector, model.HasBias);
        var excluded = new SortedSet<int>(Excluded(model, query, -1));
        if (item.Path == AnswerPath.Item)
        {
            excluded.Add(item.Neighbours[0].Item);
        }

        return new RecommendationResult(model, item.Path, [], Find(model, vector, query, [.. excluded], model.InverseNorms));
    }

    /// <summary>Items by words, and by meaning where the bundle has a query tower.</summary>
    public RecommendationResult Search(ServedModel model, string text, RecommendQuery query)
    {
        var start = Stopwatch.GetTimestamp();
        var hits = new Hit[Math.Min(query.K, model.Items.Count)];
        var allowed = query.Filter.Count > 0 ? model.Attributes.Select(query.Filter) : [];
        var filter = new ItemFilter(Excluded(model, query, -1), allowed);
        var found = model.Hybrid?.Search(text, filter, hits) ?? model.Text.Search(text, filter, hits);
        metrics.Stage("retrieve", Stopwatch.GetElapsedTime(start));
        return new RecommendationResult(model, model.Hybrid is null ? AnswerPath.Bm25 : AnswerPath.Hybrid, [], hits[..found]);
    }

    /// <summary>The order of both stages; null where the towers' is final: in a bundle without ranker, and for a group, which has
    /// no history of its own.</summary>
    private TwoStageOrder? Order(ServedModel model, SubjectRows subject)
    {
        if (model.Ranker is not { } ranker || subject.History.IsEmpty)
        {
            return null;
        }

        var order = TwoStageOrder.Make(model, ranker, subject.Vector, subject.History);
        metrics.Stage("rank", order.RankTime);
        return order;
    }

    private Hit[] Find(ServedModel model, ReadOnlySpan<float> vector, RecommendQuery query, int[] excluded, float[]? weights, TwoStageOrder? order = null)
    {
        using var span = ScoringMetrics.Source.StartActivity("retrieve");
        var start = Stopwatch.GetTimestamp();
        var allowed = query.Filter.Count > 0 ? model.Attributes.Select(query.Filter) : [];
        var wanted = query.Diversify > 0 ? query.K * Diversifier.CandidatesPerPlace : query.K;
        var hits = new Hit[Math.Min(wanted, model.Items.Count)];
        var found = order?.Find(vector, excluded, allowed, hits) ?? model.Index.Search(vector, new ItemFilter(excluded, allowed), hits, weights);
        var result = query.Diversify > 0 ? Diversifier.Choose(model, hits.AsSpan(0, found), query.K, query.Diversify) : found == hits.Length ? hits : hits[..found];
        metrics.Stage("retrieve", Stopwatch.GetElapsedTime(start) + (order?.RetrieveTime ?? TimeSpan.Zero));
        return result;
    }

    private static FoundItem FindItem(ServedModel model, string? id, string? text)
    {
        if (id is not null && model.Items.TryFind(id, out var item))
        {
            return new FoundItem(AnswerPath.Item, [new Hit(item, 1)]);
        }

        var neighbours = new Hit[Math.Min(TextNeighbours, model.Items.Count)];
        var found = string.IsNullOrWhiteSpace(text) ? 0 : model.Text.Search(text, default, neighbours);
        if (found == 0)
        {
            throw new ApiException(StatusCodes.Status404NotFound, id is not null
                ? $"item \"{id}\" is unknown to model {model.Name} {model.Version}{(string.IsNullOrWhiteSpace(text) ? "; add what it is called (text)" : " and no known item has a word of its text")}"
                : "no known item has a word of that text");
        }

        var total = neighbours[..found].Sum(hit => hit.Score);
        return new FoundItem(AnswerPath.ItemByText, [.. neighbours.Take(found).Select(hit => hit with { Score = hit.Score / total })]);
    }

    private static int[] Excluded(ServedModel model, RecommendQuery query, int user)
    {
        var seen = query.ExcludeSeen && user >= 0 ? model.Users.Seen(user) : [];
        var recent = query.ExcludeSeen ? query.Subject.RecentItems : [];
        if (recent.Count == 0 && query.ExcludeItems.Count == 0)
        {
            return seen;
        }

        var all = new SortedSet<int>(seen);
        foreach (var id in recent.Concat(query.ExcludeItems))
        {
            if (model.Items.TryFind(id, out var item))
            {
                all.Add(item);
            }
        }

        return [.. all];
    }
}
