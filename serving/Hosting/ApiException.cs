namespace Reco.Scoring.Hosting;

/// <summary>A request that cannot be answered. The message is for the caller.</summary>
/// <param name="status">HTTP status, 4xx or 503.</param>
/// <param name="message">What is wrong and what to do.</param>
internal sealed class ApiException(int status, string message) : Exception(message)
{
    /// <summary>HTTP status.</summary>
    public int Status => status;
}
