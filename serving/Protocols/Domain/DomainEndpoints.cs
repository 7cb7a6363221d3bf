using System.Diagnostics;
using System.Text.Json;
using Reco.Scoring.Configuration;
using Reco.Scoring.Hosting;
using Reco.Scoring.Recommendation;
using Reco.Scoring.Telemetry;

namespace Reco.Scoring.Protocols.Domain;

/// <summary>The API in the words of a shop: recommend, similar, search, predictions; each by GET for one question and by POST for
/// one or several.</summary>
internal sealed class DomainEndpoints(ScoringOptions options, Recommender recommender, ShadowTraffic shadow, AnswerSampler sampler, ScoringMetrics metrics)
{
    private readonly Questions questions = new(options.Limits);

    /// <summary>Maps the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var endpoints = ActivatorUtilities.CreateInstance<DomainEndpoints>(routes.ServiceProvider);
        routes.MapGet("/v1/recommend", (RequestDelegate)endpoints.RecommendAsync);
        routes.MapPost("/v1/recommend", (RequestDelegate)endpoints.RecommendManyAsync);
        routes.MapGet("/v1/similar", (RequestDelegate)endpoints.SimilarAsync);
        routes.MapPost("/v1/similar", (RequestDelegate)endpoints.SimilarManyAsync);
        routes.MapGet("/v1/search", (RequestDelegate)endpoints.SearchAsync);
        routes.MapPost("/v1/search", (RequestDelegate)endpoints.SearchManyAsync);
        routes.MapGet("/v1/predictions", (RequestDelegate)endpoints.PredictAsync);
        routes.MapPost("/v1/predictions", (RequestDelegate)endpoints.PredictManyAsync);
        routes.MapGet("/v1/users", (RequestDelegate)endpoints.UsersAsync);
        routes.MapGet("/v1/groups", (RequestDelegate)endpoints.GroupsAsync);
        routes.MapGet("/v1/drift", (RequestDelegate)endpoints.DriftAsync);
    }

    private async Task RecommendAsync(HttpContext context)
    {
        var start = Stopwatch.GetTimestamp();
        var query = questions.Recommend(context.Request);
        var limits = context.Limits(options);
        using var model = context.LeaseFor(query.Subject.User);
        var answer = await recommender.RecommendAsync(model, query, limits).ConfigureAwait(false);
        shadow.Offer(query, answer);
        sampler.Offer(query, answer, Stopwatch.GetElapsedTime(start));
        await WriteAsync(context, (answer, query), static (writer, state) => AnswerWriter.Write(writer, state.answer, state.query)).ConfigureAwait(false);
    }

    private async Task RecommendManyAsync(HttpContext context)
    {
        var (bodies, isBatch) = await questions.ReadAsync(context, DomainJson.Default.RecommendBody, body => body.Requests).ConfigureAwait(false);
        var queries = bodies.Select(questions.Recommend).ToArray();
        var limits = context.Limits(options);
        using var model = context.LeaseFor(isBatch ? null : queries[0].Subject.User);
        var answers = await Task.WhenAll(queries.Select(query => recommender.RecommendAsync(model, query, limits))).ConfigureAwait(false);
        if (!isBatch)
        {
            shadow.Offer(queries[0], answers[0]);
        }

        await WriteAllAsync(context, isBatch, answers.Zip(queries)).ConfigureAwait(false);
    }

    private async Task SimilarAsync(HttpContext context)
    {
        var (item, text) = (context.Request.OptionalId("item"), Questions.Text("text", context.Request.OptionalText("text")));
        var query = questions.Items(context.Request);
        using var model = context.Lease();
        var answer = recommender.Similar(model, Given(item, text), text, query);
        await WriteAllAsync(context, false, [(answer, query)]).ConfigureAwait(false);
    }

    private async Task SimilarManyAsync(HttpContext context)
    {
        var (bodies, isBatch) = await questions.ReadAsync(context, DomainJson.Default.SimilarBody, body => body.Requests).ConfigureAwait(false);
        using var model = context.Lease();
        var answers = bodies.Select(body =>
        {
            var text = Questions.Text("text", body.Text);
            var query = questions.Items(body.K, body.ExcludeItems, body.Filter, body.Diversify, body.Attributes);
            return (recommender.Similar(model, Given(Questions.Id("item", body.Item), text), text, query), query);
        }).ToArray();
        await WriteAllAsync(context, isBatch, answers).ConfigureAwait(false);
    }

    private async Task SearchAsync(HttpContext context)
    {
        var text = Questions.Text("q", context.Request.OptionalText("q")) ?? throw new ApiException(StatusCodes.Status400BadRequest, "parameter q is missing");
        var query = questions.Items(context.Request);
        using var model = context.Lease();
        var answer = recommender.Search(model, text, query);
        await WriteAllAsync(context, false, [(answer, query)]).ConfigureAwait(false);
    }

    private async Task SearchManyAsync(HttpContext context)
    {
        var (bodies, isBatch) = await questions.ReadAsync(context, DomainJson.Default.SearchBody, body => body.Requests).ConfigureAwait(false);
        using var model = context.Lease();
        var answers = bodies.Select(body =>
        {
            var text = Questions.Text("query", body.Query) ?? throw new ApiException(StatusCodes.Status400BadRequest, "query is missing");
            var query = questions.Items(body.K, body.ExcludeItems, body.Filter, null, body.Attributes);
            return (recommender.Search(model, text, query), query);
        }).ToArray();
        await WriteAllAsync(context, isBatch, answers).ConfigureAwait(false);
    }

    private async Task PredictAsync(HttpContext context)
    {
        var (item, text) = (context.Request.OptionalId("item_id"), Questions.Text("text", context.Request.OptionalText("text")));
        if (item is null && text is null)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, "parameter item_id is missing");
        }

        var subject = Questions.CheckGiven(questions.Subject(context.Request, "user_id"), "parameter user_id");
        var limits = context.Limits(options);
        using var model = context.LeaseFor(subject.User);
        var scores = await recommender.ScoreAsync(model, subject, [(item, text)], limits).ConfigureAwait(false);
        await WriteAsync(context, (model, subject, item, score: scores[0]), static (writer, answer) =>
        {
            writer.WriteStartObject();
            AnswerWriter.WriteModel(writer, answer.model);
            AnswerWriter.WritePair(writer, answer.subject.User, answer.item, answer.score);
            writer.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private async Task PredictManyAsync(HttpContext context)
    {
        var (bodies, isBatch) = await questions.ReadAsync(context, DomainJson.Default.PredictionBody, body => body.Requests).ConfigureAwait(false);
        foreach (var body in bodies.Where(body => body.ItemId is null && body.Text is null))
        {
            throw new ApiException(StatusCodes.Status400BadRequest, "item_id is missing");
        }

        var subjects = bodies.Select(questions.Subject).ToArray();
        var limits = context.Limits(options);
        using var model = context.LeaseFor(isBatch ? null : subjects[0].User);
        (string? Id, string? Text)[] items = [.. bodies.Select(body => (Questions.Id("item_id", body.ItemId), Questions.Text("text", body.Text)))];

        // Items of one user share the work that is the user's.
        var scores = new PairScore[bodies.Count];
        var groups = Enumerable.Range(0, bodies.Count).GroupBy(pair => subjects[pair] is { User: { } user, RecentItems.Count: 0, Group.Count: 0 } ? (object)user : pair);
        await Task.WhenAll(groups.Select(async group =>
        {
            var answers = await recommender.ScoreAsync(model, subjects[group.First()], [.. group.Select(pair => items[pair])], limits).ConfigureAwait(false);
            foreach (var (pair, answer) in group.Zip(answers))
            {
                scores[pair] = answer;
            }
        })).ConfigureAwait(false);
        await WriteAsync(context, (model, bodies, scores, isBatch), static (writer, answer) =>
        {
            writer.WriteStartObject();
            AnswerWriter.WriteModel(writer, answer.model);
            if (answer.isBatch)
            {
                writer.WriteStartArray("predictions"u8);
            }

            for (var i = 0; i < answer.scores.Length; i++)
            {
                if (answer.isBatch)
                {
                    writer.WriteStartObject();
                }

                AnswerWriter.WritePair(writer, answer.bodies[i].UserId, answer.bodies[i].ItemId, answer.scores[i]);
                if (answer.isBatch)
                {
                    writer.WriteEndObject();
                }
            }

            if (answer.isBatch)
            {
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }).ConfigureAwait(false);
    }

    /// <summary>Some known users, for people who try the service out; not where callers must identify themselves.</summary>
    private async Task UsersAsync(HttpContext context)
    {
        var count = context.Request.Integer("count", 20, 1, 100);
        using var model = context.Lease();
        await WriteAsync(context, (model, count), static (writer, state) =>
        {
            var (users, total) = (state.model.Users, state.model.Users.Count);
            writer.WriteStartObject();
            writer.WriteNumber("total"u8, total);
            writer.WriteStartArray("users"u8);
            for (var i = 0; i < Math.Min(state.count, total); i++)
            {
                writer.WriteStringValue(users.Id((int)((long)i * total / Math.Min(state.count, total))));
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }).ConfigureAwait(false);
    }

    /// <summary>The model's groups of users, for requests about somebody unknown.</summary>
    private async Task GroupsAsync(HttpContext context)
    {
        using var model = context.Lease();
        await WriteAsync(context, model, AnswerWriter.WriteGroups).ConfigureAwait(false);
    }

    private async Task DriftAsync(HttpContext context)
    {
        using var model = context.Lease();
        await WriteAsync(context, model, static (writer, model) =>
        {
            writer.WriteStartObject();
            AnswerWriter.WriteModel(writer, model);
            writer.WriteStartObject("distributions"u8);
            foreach (var (name, report) in model.Drift.Reports())
            {
                AnswerWriter.WriteDrift(writer, name, report);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private Task WriteAllAsync(HttpContext context, bool isBatch, IEnumerable<(RecommendationResult Answer, RecommendQuery Query)> answers) =>
        WriteAsync(context, (isBatch, answers), static (writer, state) =>
        {
            if (state.isBatch)
            {
                writer.WriteStartObject();
                writer.WriteStartArray("responses"u8);
            }

            foreach (var (answer, query) in state.answers)
            {
                AnswerWriter.Write(writer, answer, query);
            }

            if (state.isBatch)
            {
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
        });

    private async Task WriteAsync<T>(HttpContext context, T state, Action<Utf8JsonWriter, T> write)
    {
        var start = Stopwatch.GetTimestamp();
        await Json.WriteAsync(context, state, write).ConfigureAwait(false);
        metrics.Stage("serialise", Stopwatch.GetElapsedTime(start));
    }

    private static string? Given(string? item, string? text) =>
        item is null && text is null ? throw new ApiException(StatusCodes.Status400BadRequest, "item is missing; give it, or text") : item;
}
