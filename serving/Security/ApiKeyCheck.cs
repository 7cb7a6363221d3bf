using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Reco.Scoring.Configuration;
using Reco.Scoring.Hosting;
using Reco.Scoring.Telemetry;

namespace Reco.Scoring.Security;

/// <summary>Lets nobody in without a key or a token, where either is configured: <c>X-Api-Key: KEY</c>, <c>Authorization: Bearer
/// KEY</c>, or a bearer token of the configured issuer.</summary>
internal sealed class ApiKeyCheck(RequestDelegate next, ScoringOptions options, ScoringMetrics metrics)
{
    private readonly KeyRing keys = new(options.Security.ApiKeys.Concat(options.Security.AdminKeys));
    private readonly bool tokens = options.Security.Authority.Length > 0;

    /// <summary>Handles a request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        if ((keys.IsEmpty && !tokens) || OpenPaths.Includes(context.Request.Path) || await IsKnownAsync(context).ConfigureAwait(false))
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        metrics.Rejected("key");
        context.Response.Headers.WWWAuthenticate = "Bearer";
        await Json.ErrorAsync(context, StatusCodes.Status401Unauthorized, "send an API key that is valid here, as X-Api-Key or as a bearer token").ConfigureAwait(false);
    }

    private async Task<bool> IsKnownAsync(HttpContext context)
    {
        var sent = KeyRing.Sent(context.Request.Headers);
        if (sent is null)
        {
            return false;
        }

        if (keys.IsKnown(sent))
        {
            context.Features.Set(KnownCaller.OfKey(sent));
            return true;
        }

        if (!tokens || await context.AuthenticateAsync(JwtBearerDefaults.AuthenticationScheme).ConfigureAwait(false) is not { Succeeded: true, Principal: { } principal })
        {
            return false;
        }

        context.Features.Set(KnownCaller.OfToken(principal, sent));
        return true;
    }
}
