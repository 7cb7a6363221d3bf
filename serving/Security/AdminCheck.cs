using Reco.Scoring.Configuration;
using Reco.Scoring.Hosting;

namespace Reco.Scoring.Security;

/// <summary>Keeps what changes the service to those with a key for it, where such keys are configured.</summary>
internal static class AdminCheck
{
    /// <summary>Checks the caller.</summary>
    /// <exception cref="ApiException">It may not.</exception>
    public static void Require(HttpContext context)
    {
        var keys = context.RequestServices.GetRequiredService<ScoringOptions>().Security.AdminKeys;
        if (keys.Count > 0 && !new KeyRing(keys).IsKnown(KeyRing.Sent(context.Request.Headers)))
        {
            throw new ApiException(StatusCodes.Status403Forbidden, "this key may not load or unload models");
        }
    }
}
