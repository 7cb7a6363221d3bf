using Reco.Scoring.Hosting;

namespace Reco.Scoring.Security;

/// <summary>What is open to everybody: probes, metrics, the page and the API's description. None of them says anything of
/// people or items.</summary>
internal static class OpenPaths
{
    /// <summary>Whether a path is open.</summary>
    public static bool Includes(PathString path) =>
        path == "/" || path == "/page.js" || path.StartsWithSegments("/openapi") || IsOperational(path);

    /// <summary>Whether a path is for those who run the service: probes and metrics.</summary>
    public static bool IsOperational(PathString path) =>
        path.StartsWithSegments("/v2/health") || path.StartsWithSegments(GrpcHealthService.Path) || path.StartsWithSegments("/metrics");
}
