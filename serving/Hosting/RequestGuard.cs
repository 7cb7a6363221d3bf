using System.Diagnostics;
using Microsoft.AspNetCore.Connections;
using Reco.Scoring.Configuration;
using Reco.Scoring.Security;
using Reco.Scoring.Telemetry;

namespace Reco.Scoring.Hosting;

/// <summary>What every request passes: a bound on requests in progress, the headers of every answer, and errors as JSON that
/// say nothing of the inside.</summary>
internal sealed partial class RequestGuard(RequestDelegate next, ScoringOptions options, DrainState drain, ScoringMetrics metrics, ILogger<RequestGuard> log)
{
    private int inProgress;

    /// <summary>Handles a request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        SetHeaders(context.Response.Headers);
        if (drain.IsDraining)
        {
            context.Response.Headers.Connection = "close";
        }

        if (OpenPaths.IsOperational(context.Request.Path))
        {
            await GuardAsync(context).ConfigureAwait(false);
            return;
        }

        var start = Stopwatch.GetTimestamp();
        try
        {
            if (Interlocked.Increment(ref inProgress) > options.Limits.Requests)
            {
                metrics.Rejected("concurrency");
                context.Response.Headers.RetryAfter = "1";
                await Json.ErrorAsync(context, StatusCodes.Status429TooManyRequests, $"{options.Limits.Requests} requests are in progress; try again later").ConfigureAwait(false);
                return;
            }

            await GuardAsync(context).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref inProgress);
            metrics.Request(context, Stopwatch.GetElapsedTime(start));
        }
    }

    private async Task GuardAsync(HttpContext context)
    {
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (ApiException error)
        {
            await AnswerAsync(context, error.Status, error.Message).ConfigureAwait(false);
        }
        catch (BadHttpRequestException error)
        {
            await AnswerAsync(context, error.StatusCode, error.Message).ConfigureAwait(false);
        }
        catch (Exception error) when (IsOfCaller(context, error))
        {
            // The caller has gone; nobody reads an answer.
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }
        catch (Exception error)
        {
            LogFailed(error, context.Request.Method, context.GetEndpoint()?.DisplayName ?? "none");
            await AnswerAsync(context, StatusCodes.Status500InternalServerError, $"the service failed; its log says why (trace {Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier})").ConfigureAwait(false);
        }
    }

    /// <summary>Whether something failed because the caller has gone. The connection may say so before the request does.</summary>
    private static bool IsOfCaller(HttpContext context, Exception error) => error is ConnectionResetException or ConnectionAbortedException
        || (error is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested);

    private static async Task AnswerAsync(HttpContext context, int status, string message)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        try
        {
            await Json.ErrorAsync(context, status, message).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // The caller has gone.
        }
    }

    private static void SetHeaders(IHeaderDictionary headers)
    {
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Endpoint} failed")]
    private partial void LogFailed(Exception error, string method, string endpoint);
}
