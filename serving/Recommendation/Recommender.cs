using System.Buffers;
using Reco.Scoring.Hosting;
using Reco.Scoring.Models;
using Reco.Scoring.Retrieval;

namespace Reco.Scoring.Recommendation;

/// <summary>Answers the domain questions of one model: which items for somebody, and how well one item suits somebody.</summary>
internal static class Recommender
{
    /// <summary>The best items for somebody.</summary>
    public static RecommendationResult Recommend(ServedModel model, RecommendQuery query)
    {
        var vector = ArrayPool<float>.Shared.Rent(model.Tower.Dimension);
        try
        {
            var embedding = vector.AsMemory(0, model.Tower.Dimension);
            var (path, user, unknown) = Embed(model, query, embedding);
            var seen = query.ExcludeSeen ? Seen(model, query, user) : [];
            var hits = new Hit[Math.Min(query.K, model.Items.Count)];
            var found = model.Index.Search(embedding.Span, new ItemFilter(seen), hits);
            return new RecommendationResult(model, path, unknown, found == hits.Length ? hits : hits[..found]);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(vector);
        }
    }

    /// <summary>The score of one pair.</summary>
    /// <exception cref="ApiException">The item is unknown, or nothing is known of the user.</exception>
    public static (float Score, UserPath Path) Score(ServedModel model, RecommendQuery query, string itemId)
    {
        if (!model.Items.TryFind(itemId, out var item))
        {
            throw new ApiException(StatusCodes.Status404NotFound, $"item \"{itemId}\" is unknown to model {model.Name} {model.Version}");
        }

        var vector = ArrayPool<float>.Shared.Rent(model.Tower.Dimension);
        try
        {
            var embedding = vector.AsMemory(0, model.Tower.Dimension);
            var (path, _, _) = Embed(model, query, embedding);
            return path == UserPath.Unknown
                ? throw new ApiException(StatusCodes.Status404NotFound, $"user \"{query.User}\" is unknown to model {model.Name} {model.Version}; add items=ID,... with what the user looked at last")
                : (model.Index.Score(item, embedding.Span), path);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(vector);
        }
    }

    private static (UserPath Path, int User, IReadOnlyList<string> Unknown) Embed(ServedModel model, RecommendQuery query, Memory<float> embedding)
    {
        var history = ArrayPool<long>.Shared.Rent(model.Tower.History + 1);
        try
        {
            var row = history.AsMemory(0, model.Tower.History);
            var known = WriteRow(model, query, row.Span, out var user, out var recent, out var unknown);
            history[model.Tower.History] = user + 1;
            model.Tower.Embed(history.AsMemory(model.Tower.History, 1), row, embedding);
            var path = (known, recent) switch
            {
                (true, 0) => UserPath.User,
                (true, _) => UserPath.UserWithRecentItems,
                (false, 0) => UserPath.Unknown,
                _ => UserPath.RecentItems,
            };
            return (path, user, unknown);
        }
        finally
        {
            ArrayPool<long>.Shared.Return(history);
        }
    }

    /// <summary>Fills the history row: items of this visit first, then the user's own.</summary>
    private static bool WriteRow(ServedModel model, RecommendQuery query, Span<long> row, out int user, out int recent, out IReadOnlyList<string> unknown)
    {
        user = -1;
        var known = query.User is not null && model.Users.TryFind(query.User, out user);
        List<string>? missing = null;
        row.Clear();
        recent = 0;
        foreach (var id in query.RecentItems)
        {
            if (!model.Items.TryFind(id, out var item))
            {
                (missing ??= []).Add(id);
            }
            else if (recent < row.Length)
            {
                row[recent++] = item + 1;
            }
        }

        if (known)
        {
            model.Users.WriteHistory(user, row[recent..]);
        }
        else
        {
            user = -1;
        }

        unknown = (IReadOnlyList<string>?)missing ?? [];
        return known;
    }

    private static int[] Seen(ServedModel model, RecommendQuery query, int user)
    {
        var seen = user < 0 ? [] : model.Users.Seen(user);
        if (query.RecentItems.Count == 0)
        {
            return seen;
        }

        var all = new SortedSet<int>(seen);
        foreach (var id in query.RecentItems)
        {
            if (model.Items.TryFind(id, out var item))
            {
                all.Add(item);
            }
        }

        return [.. all];
    }
}
