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
            var hits = Find(model, subject.Vector, query, excluded, null);
            foreach (var hit in hits)
            {
                model.Drift.Score(hit.Score);
            }

            metrics.Answered(model, true, Stopwatch.GetElapsedTime(start));
            return new RecommendationResult(model, subject.Path, subject.UnknownItems, hits);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            metrics.Answered(model, false, Stopwatch.GetElapsedTime(start));
            throw;
        }
    }

    /// <summary>How well one item suits somebody.</summary>
    /// <param name="model">The model.</param>
    /// <param name="subject">Whom.</param>
    /// <param name="itemId">The item's ID.</param>
    /// <param name="itemText">What an unknown item is called: it is placed among known items with similar texts.</param>
    /// <param name="limits">What the call may take.</param>
    /// <exception cref="ApiException">The item is unknown, or nothing is known of the user.</exception>
    public async Task<PairScore> ScoreAsync(ServedModel model, Subject subject, string? itemId, string? itemText, CallLimits limits)
    {
        var start = Stopwatch.GetTimestamp();
        var known = FindItem(model, itemId, itemText, out var item, out var vector);
        using var rows = await SubjectRows.EmbedAsync(model, subject, limits).ConfigureAwait(false);
        if (rows.Path == AnswerPath.Unknown)
        {
            throw new ApiException(StatusCodes.Status404NotFound, subject.User is null
                ? $"none of the recent items is known to model {model.Name} {model.Version}"
                : $"user \"{subject.User}\" is unknown to model {model.Name} {model.Version}; add what the user looked at last (items) or users of the same segment (group)");
        }

        var score = known ? model.Index.Score(item, rows.Vector) : Dot(vector, rows.Vector);
        metrics.Answered(model, true, Stopwatch.GetElapsedTime(start));
        return new PairScore(score, rows.Path, known ? AnswerPath.Item : AnswerPath.ItemByText);
    }

    /// <summary>Items like an item, by the cosine of their vectors.</summary>
    /// <exception cref="ApiException">The item is unknown.</exception>
    public RecommendationResult Similar(ServedModel model, string? itemId, string? itemText, RecommendQuery query)
    {
        var known = FindItem(model, itemId, itemText, out var item, out var vector);
        if (known)
        {
            vector = new float[model.Index.Dimension];
            model.Index.CopyVector(item, vector);
        }

        if (model.HasBias)
        {
            // Likeness is of taste, not of popularity.
            vector[^1] = 0;
        }

        var norm = MathF.Sqrt(Dot(vector, vector));
        foreach (ref var value in vector.AsSpan())
        {
            value = norm > 0 ? value / norm : 0;
        }

        var excluded = new SortedSet<int>(Excluded(model, query, -1));
        if (known)
        {
            excluded.Add(item);
        }

        return new RecommendationResult(model, known ? AnswerPath.Item : AnswerPath.ItemByText, [], Find(model, vector, query, [.. excluded], model.InverseNorms));
    }

    /// <summary>Items by words.</summary>
    public RecommendationResult Search(ServedModel model, string text, RecommendQuery query)
    {
        var start = Stopwatch.GetTimestamp();
        var hits = new Hit[Math.Min(query.K, model.Items.Count)];
        var allowed = query.Filter.Count > 0 ? model.Attributes.Select(query.Filter) : [];
        var found = model.Text.Search(text, new ItemFilter(Excluded(model, query, -1), allowed), hits);
        metrics.Stage("retrieve", Stopwatch.GetElapsedTime(start));
        return new RecommendationResult(model, AnswerPath.Bm25, [], hits[..found]);
    }

    private Hit[] Find(ServedModel model, ReadOnlySpan<float> vector, RecommendQuery query, int[] excluded, float[]? weights)
    {
        using var span = ScoringMetrics.Source.StartActivity("retrieve");
        var start = Stopwatch.GetTimestamp();
        var allowed = query.Filter.Count > 0 ? model.Attributes.Select(query.Filter) : [];
        var wanted = query.Diversify > 0 ? query.K * Diversifier.CandidatesPerPlace : query.K;
        var hits = new Hit[Math.Min(wanted, model.Items.Count)];
        var found = model.Index.Search(vector, new ItemFilter(excluded, allowed), hits, weights);
        var result = query.Diversify > 0 ? Diversifier.Choose(model, hits.AsSpan(0, found), query.K, query.Diversify) : found == hits.Length ? hits : hits[..found];
        metrics.Stage("retrieve", Stopwatch.GetElapsedTime(start));
        return result;
    }

    /// <summary>Finds a known item, or a vector for an unknown one.</summary>
    private static bool FindItem(ServedModel model, string? id, string? text, out int item, out float[] vector)
    {
        vector = [];
        if (id is not null && model.Items.TryFind(id, out item))
        {
            return true;
        }

        item = -1;
        var neighbours = new Hit[Math.Min(TextNeighbours, model.Items.Count)];
        var found = string.IsNullOrWhiteSpace(text) ? 0 : model.Text.Search(text, default, neighbours);
        if (found == 0)
        {
            throw new ApiException(StatusCodes.Status404NotFound, id is not null
                ? $"item \"{id}\" is unknown to model {model.Name} {model.Version}{(string.IsNullOrWhiteSpace(text) ? "; add what it is called (text)" : " and no known item has a word of its text")}"
                : "no known item has a word of that text");
        }

        // The mean of its neighbours, each as heavy as its text is similar.
        vector = new float[model.Index.Dimension];
        var row = new float[vector.Length];
        var total = neighbours[..found].Sum(hit => hit.Score);
        foreach (var hit in neighbours.AsSpan(0, found))
        {
            model.Index.CopyVector(hit.Item, row);
            for (var c = 0; c < row.Length; c++)
            {
                vector[c] += row[c] * hit.Score / total;
            }
        }

        return false;
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

    private static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var sum = 0f;
        for (var i = 0; i < left.Length; i++)
        {
            sum = MathF.FusedMultiplyAdd(left[i], right[i], sum);
        }

        return sum;
    }
}
