using System.Net;

namespace Reco.Scoring.Client;

/// <summary>The service refused a request.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="message">What the service said.</param>
public sealed class ScoringException(HttpStatusCode status, string message) : Exception(message)
{
    /// <summary>HTTP status.</summary>
    public HttpStatusCode Status => status;
}
