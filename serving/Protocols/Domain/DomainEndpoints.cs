using Reco.Scoring.Configuration;
using Reco.Scoring.Hosting;
using Reco.Scoring.Recommendation;

namespace Reco.Scoring.Protocols.Domain;

/// <summary>The API in the words of a shop: <c>/v1/recommend</c>, <c>/v1/predictions</c>.</summary>
internal static class DomainEndpoints
{
    /// <summary>Maps the routes.</summary>
    public static void MapDomain(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/recommend", (RequestDelegate)RecommendAsync);
        routes.MapGet("/v1/predictions", (RequestDelegate)PredictAsync);
    }

    private static async Task RecommendAsync(HttpContext context)
    {
        var limits = context.RequestServices.GetRequiredService<ScoringOptions>().Limits;
        var request = context.Request;
        var query = new RecommendQuery
        {
            User = request.OptionalId("user"),
            RecentItems = request.Ids("items", limits.Batch),
            K = request.Integer("k", 10, 1, limits.K),
            ExcludeSeen = request.Flag("exclude_seen", false),
            Attributes = request.Flag("attributes", false),
        };
        using var model = context.Lease();
        await Json.WriteAsync(context, (Result: Recommender.Recommend(model, query), query.User, query.Attributes), static (writer, answer) =>
            RecommendationWriter.Write(writer, answer.Result, answer.User, answer.Attributes)).ConfigureAwait(false);
    }

    private static async Task PredictAsync(HttpContext context)
    {
        var limits = context.RequestServices.GetRequiredService<ScoringOptions>().Limits;
        var request = context.Request;
        var item = request.RequiredId("item_id");
        var query = new RecommendQuery { User = request.OptionalId("user_id"), RecentItems = request.Ids("items", limits.Batch) };
        if (query.User is null && query.RecentItems.Count == 0)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, "parameter user_id is missing");
        }

        using var model = context.Lease();
        var (score, path) = Recommender.Score(model, query, item);
        await Json.WriteAsync(context, (model, query, item, score, path), static (writer, answer) =>
        {
            writer.WriteStartObject();
            RecommendationWriter.WriteModel(writer, answer.model);
            writer.WriteString("user_id"u8, answer.query.User);
            writer.WriteString("item_id"u8, answer.item);
            writer.WriteString("path"u8, RecommendationWriter.Name(answer.path));
            writer.WriteNumber("score"u8, answer.score);
            writer.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
