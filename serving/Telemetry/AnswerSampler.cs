using System.Security.Cryptography;
using System.Text;
using Reco.Scoring.Configuration;
using Reco.Scoring.Recommendation;

namespace Reco.Scoring.Telemetry;

/// <summary>Logs a share of the answers, without personal data: whom they were for is a pseudonym that only the holder of the
/// key can tie to a user, and nothing at all without a key.</summary>
internal sealed partial class AnswerSampler(ScoringOptions options, ILogger<AnswerSampler> log)
{
    private const int PseudonymBytes = 8;

    private readonly byte[] key = Encoding.UTF8.GetBytes(options.Telemetry.PseudonymKey);
    private int seen;

    /// <summary>Offers an answer.</summary>
    public void Offer(RecommendQuery query, RecommendationResult answer, TimeSpan duration)
    {
        if (options.Telemetry.LogShare <= 0 || !log.IsEnabled(LogLevel.Information))
        {
            return;
        }

        // Every n-th, so that a small share is met exactly.
        var number = (uint)Interlocked.Increment(ref seen);
        if (Math.Floor(number * options.Telemetry.LogShare) > Math.Floor((number - 1) * options.Telemetry.LogShare))
        {
            LogAnswered(answer.Model.Version, answer.Path, query.K, answer.Hits.Length, query.Subject.RecentItems.Count, query.Filter.Count,
                answer.Hits.Length > 0 ? answer.Hits[0].Score : 0, Pseudonym(query.Subject.User), duration.TotalMilliseconds);
        }
    }

    private string Pseudonym(string? user) => user is null || key.Length == 0
        ? ""
        : Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(user)).AsSpan(0, PseudonymBytes));

    [LoggerMessage(Level = LogLevel.Information, Message = "Recommended: version {Version}, path {Path}, k {K}, found {Found}, recent items {Recent}, filters {Filters}, best score {Best}, user {Pseudonym}, {Milliseconds:F2} ms")]
    private partial void LogAnswered(string version, AnswerPath path, int k, int found, int recent, int filters, float best, string pseudonym, double milliseconds);
}
