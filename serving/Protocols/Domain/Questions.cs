using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Reco.Scoring.Configuration;
using Reco.Scoring.Hosting;
using Reco.Scoring.Recommendation;

namespace Reco.Scoring.Protocols.Domain;

/// <summary>Turns what a caller sent, as a query or as a body, into checked questions.</summary>
internal sealed class Questions(LimitOptions limits)
{
    private const int LongestId = 256;
    private const int LongestText = 1_024;
    private const int DefaultK = 10;

    /// <summary>Reads a body of one question, or of several.</summary>
    public async Task<(IReadOnlyList<T> Questions, bool IsBatch)> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, Func<T, IReadOnlyList<T>?> several)
        where T : class
    {
        var body = await RequestBody.ReadAsync(context, json =>
        {
            try
            {
                return JsonSerializer.Deserialize(JsonBody.Of(json), type) ?? throw Bad("the body is null");
            }
            catch (JsonException error)
            {
                throw Bad(JsonBody.Problem(error, type));
            }
            catch (InvalidOperationException)
            {
                throw Bad(JsonBody.Unpaired);
            }
        }).ConfigureAwait(false);
        if (several(body) is not { } questions)
        {
            return ([body], false);
        }

        return questions.Count is 0 || questions.Count > limits.Batch || questions.Any(question => question is null || several(question) is not null)
            ? throw Bad(string.Create(CultureInfo.InvariantCulture, $"requests must be a list of 1 to {limits.Batch} questions"))
            : (questions, true);
    }

    /// <summary>A recommendation from the query.</summary>
    public RecommendQuery Recommend(HttpRequest request) => new()
    {
        Subject = Subject(request, "user"),
        K = request.Integer("k", DefaultK, 1, limits.K),
        ExcludeSeen = request.Flag("exclude_seen", false),
        ExcludeItems = request.Ids("exclude_items", limits.Batch),
        Filter = Filter(request),
        Diversify = request.Number("diversify", 0, 0, 1),
        Attributes = request.Flag("attributes", false),
    };

    /// <summary>A recommendation from a body.</summary>
    public RecommendQuery Recommend(RecommendBody body) => new()
    {
        Subject = new Subject { User = Id("user", body.User), RecentItems = Ids("items", body.Items), Group = Ids("group", body.Group) },
        K = K(body.K),
        ExcludeSeen = body.ExcludeSeen ?? false,
        ExcludeItems = Ids("exclude_items", body.ExcludeItems),
        Filter = body.Filter ?? new Dictionary<string, IReadOnlyList<string>>(),
        Diversify = Share("diversify", body.Diversify),
        Attributes = body.Attributes ?? false,
    };

    /// <summary>Likeness or search from the query: what both share.</summary>
    public RecommendQuery Items(HttpRequest request) => new()
    {
        Subject = new Subject(),
        K = request.Integer("k", DefaultK, 1, limits.K),
        ExcludeItems = request.Ids("exclude_items", limits.Batch),
        Filter = Filter(request),
        Diversify = request.Number("diversify", 0, 0, 1),
        Attributes = request.Flag("attributes", false),
    };

    /// <summary>Likeness or search from a body: what both share.</summary>
    public RecommendQuery Items(int? k, IReadOnlyList<string>? exclude, IReadOnlyDictionary<string, IReadOnlyList<string>>? filter, double? diversify, bool? attributes) => new()
    {
        Subject = new Subject(),
        K = K(k),
        ExcludeItems = Ids("exclude_items", exclude),
        Filter = filter ?? new Dictionary<string, IReadOnlyList<string>>(),
        Diversify = Share("diversify", diversify),
        Attributes = attributes ?? false,
    };

    /// <summary>Of whom, from the query.</summary>
    public Subject Subject(HttpRequest request, string user) =>
        new() { User = request.OptionalId(user), RecentItems = request.Ids("items", limits.Batch), Group = request.Ids("group", limits.Batch) };

    /// <summary>Of whom, from a body.</summary>
    public Subject Subject(PredictionBody body)
    {
        var subject = new Subject { User = Id("user_id", body.UserId), RecentItems = Ids("items", body.Items), Group = Ids("group", body.Group) };
        return CheckGiven(subject, "user_id");
    }

    /// <summary>Somebody must be named.</summary>
    public static Subject CheckGiven(Subject subject, string user) =>
        subject.User is null && subject.RecentItems.Count == 0 && subject.Group.Count == 0 ? throw Bad($"{user} is missing; give it, or items, or group") : subject;

    /// <summary>An ID of a body.</summary>
    public static string? Id(string name, string? id) => id is null or { Length: > 0 and <= LongestId } ? id : throw Bad($"{name} must have 1 to {LongestId} characters");

    /// <summary>A text of a query or body.</summary>
    public static string? Text(string name, string? text) => text is null || (text.Length <= LongestText && !string.IsNullOrWhiteSpace(text) && IsWellFormed(text))
        ? text
        : throw Bad($"{name} must have 1 to {LongestText} characters");

    private static bool IsWellFormed(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune == System.Text.Rune.ReplacementChar)
            {
                return false;
            }
        }

        return true;
    }

    private static Dictionary<string, IReadOnlyList<string>> Filter(HttpRequest request)
    {
        var filter = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var entry in request.Query["filter"])
        {
            var colon = entry?.IndexOf(':', StringComparison.Ordinal) ?? -1;
            if (colon < 1 || filter.Count == 16)
            {
                throw Bad("filter must be ATTRIBUTE:VALUE or ATTRIBUTE:VALUE|VALUE, at most 16 times");
            }

            filter[entry![..colon]] = entry[(colon + 1)..].Split('|');
        }

        return filter;
    }

    private int K(int? k) => k switch
    {
        null => DefaultK,
        { } value when value >= 1 && value <= limits.K => value,
        _ => throw Bad(string.Create(CultureInfo.InvariantCulture, $"k must be an integer from 1 to {limits.K}")),
    };

    private static double Share(string name, double? value) => value switch
    {
        null => 0,
        >= 0 and <= 1 => value.Value,
        _ => throw Bad($"{name} must be a number from 0 to 1"),
    };

    private IReadOnlyList<string> Ids(string name, IReadOnlyList<string>? ids)
    {
        if (ids is null)
        {
            return [];
        }

        if (ids.Count > limits.Batch)
        {
            throw Bad(string.Create(CultureInfo.InvariantCulture, $"{name} has {ids.Count} IDs; at most {limits.Batch} are taken"));
        }

        foreach (var id in ids)
        {
            _ = Id(name, id ?? throw Bad($"{name} has null in it"));
        }

        return ids;
    }

    private static ApiException Bad(string message) => new(StatusCodes.Status400BadRequest, message);
}
