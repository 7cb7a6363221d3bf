using System.Globalization;
using Grpc.Core;

namespace Reco.Scoring.Hosting;

/// <summary>Answers what no route takes: 404 for a path that is not there, 405 with the methods that are (RFC 9110, 15.5.6) for one
/// that is.</summary>
internal static class NothingThere
{
    /// <summary>Answers, or goes on.</summary>
    public static Task AnswerAsync(HttpContext context, RequestDelegate next) => context.GetEndpoint() switch
    {
        RouteEndpoint => next(context),
        null when context.Request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true => AnswerGrpc(context),
        null => Json.ErrorAsync(context, StatusCodes.Status404NotFound, $"there is nothing at {context.Request.Path}"),
        // The framework's own for a path that takes other methods: it sets status and Allow, and says nothing.
        _ => RefuseAsync(context, next),
    };

    /// <summary>A gRPC error has its status in headers where it has no body.</summary>
    private static Task AnswerGrpc(HttpContext context)
    {
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = ((int)StatusCode.Unimplemented).ToString(CultureInfo.InvariantCulture);
        context.Response.Headers["grpc-message"] = "Service is unimplemented.";
        return Task.CompletedTask;
    }

    private static async Task RefuseAsync(HttpContext context, RequestDelegate next)
    {
        await next(context).ConfigureAwait(false);
        if (context.Response is { StatusCode: StatusCodes.Status405MethodNotAllowed, HasStarted: false } response)
        {
            await Json.ErrorAsync(context, response.StatusCode, $"{context.Request.Path} does not take {context.Request.Method}; it takes {response.Headers.Allow}").ConfigureAwait(false);
        }
    }
}
