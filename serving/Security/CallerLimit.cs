using System.Globalization;
using System.Threading.RateLimiting;
using Reco.Scoring.Configuration;
using Reco.Scoring.Hosting;
using Reco.Scoring.Telemetry;

namespace Reco.Scoring.Security;

/// <summary>Bounds the requests of one caller, known by the key or token it was let in with or, in an open service, by its address: a
/// token bucket that holds two seconds' worth, so that a burst passes and a flood does not.</summary>
internal sealed class CallerLimit : IDisposable
{
    private const int BurstSeconds = 2;

    private readonly RequestDelegate next;
    private readonly ScoringMetrics metrics;
    private readonly PartitionedRateLimiter<string>? limiter;

    /// <summary>Makes the limit.</summary>
    public CallerLimit(RequestDelegate next, ScoringOptions options, ScoringMetrics metrics)
    {
        this.next = next;
        this.metrics = metrics;
        var rate = options.Security.RequestsPerSecond;
        limiter = rate == 0 ? null : PartitionedRateLimiter.Create<string, string>(caller => RateLimitPartition.GetTokenBucketLimiter(caller, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = rate * BurstSeconds,
            TokensPerPeriod = Math.Max(1, rate / 10),
            ReplenishmentPeriod = TimeSpan.FromSeconds(Math.Max(1, rate / 10) / (double)rate),
            QueueLimit = 0,
        }));
    }

    /// <summary>Handles a request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        if (limiter is null || OpenPaths.Includes(context.Request.Path))
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        using var permit = limiter.AttemptAcquire(Caller(context));
        if (permit.IsAcquired)
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        metrics.Rejected("rate");
        var wait = permit.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
        context.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        await Json.ErrorAsync(context, StatusCodes.Status429TooManyRequests, "you send more requests a second than one caller may; slow down").ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => limiter?.Dispose();

    private static string Caller(HttpContext context) => context.Features.Get<KnownCaller>()?.Id ?? context.Connection.RemoteIpAddress?.ToString() ?? "";
}
