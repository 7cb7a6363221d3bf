using System.Security.Cryptography;
using System.Text;
using Reco.Scoring.Configuration;
using Reco.Scoring.Hosting;
using Reco.Scoring.Telemetry;

namespace Reco.Scoring.Security;

/// <summary>Lets nobody in without a key, where keys are configured: <c>X-Api-Key: KEY</c> or <c>Authorization: Bearer KEY</c>.
/// Probes and metrics are open. Keys are compared as hashes, in the same time whatever was sent.</summary>
internal sealed class ApiKeyCheck(RequestDelegate next, ScoringOptions options, ScoringMetrics metrics)
{
    private const string Bearer = "Bearer ";

    private readonly byte[][] keys = [.. options.Security.ApiKeys.Select(key => SHA256.HashData(Encoding.UTF8.GetBytes(key)))];

    /// <summary>Handles a request.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        if (keys.Length == 0 || IsOpen(context.Request.Path) || IsKnown(Sent(context.Request.Headers)))
        {
            return next(context);
        }

        metrics.Rejected("key");
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Json.ErrorAsync(context, StatusCodes.Status401Unauthorized, "send an API key that is valid here, as X-Api-Key or as a bearer token");
    }

    private static bool IsOpen(PathString path) => path.StartsWithSegments("/v2/health") || path.StartsWithSegments("/metrics");

    private static string? Sent(IHeaderDictionary headers)
    {
        if (headers["X-Api-Key"] is [{ } key])
        {
            return key;
        }

        return headers.Authorization is [{ } authorization] && authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim() : null;
    }

    private bool IsKnown(string? sent)
    {
        if (sent is null)
        {
            return false;
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(sent));
        var known = false;
        foreach (var key in keys)
        {
            known |= CryptographicOperations.FixedTimeEquals(hash, key);
        }

        return known;
    }
}
