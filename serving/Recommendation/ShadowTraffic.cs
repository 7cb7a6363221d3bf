using Reco.Scoring.Batching;
using Reco.Scoring.Configuration;
using Reco.Scoring.Models;
using Reco.Scoring.Telemetry;

namespace Reco.Scoring.Recommendation;

/// <summary>Lets the candidate answer a share of the requests too, unseen, and compares. It takes the lowest priority, one
/// request at a time: what is asked while one runs is not shadowed.</summary>
internal sealed partial class ShadowTraffic(ScoringOptions options, ModelRegistry registry, Recommender recommender, ScoringMetrics metrics, ILogger<ShadowTraffic> log)
{
    private int busy;
    private int seen;

    /// <summary>Offers a request that was answered.</summary>
    public void Offer(RecommendQuery query, RecommendationResult answer)
    {
        if (options.Versions.ShadowShare <= 0 || !IsChosen() || Interlocked.CompareExchange(ref busy, 1, 0) != 0)
        {
            return;
        }

        if (registry.LeaseCandidate() is not { } candidate)
        {
            Volatile.Write(ref busy, 0);
            return;
        }

        // The IDs are read now: the answer's model may be gone when the comparison runs.
        string[] ids = [.. answer.Hits.Select(hit => answer.Model.Items.Id(hit.Item))];
        _ = Task.Run(() => CompareAsync(candidate, query, answer, ids));
    }

    /// <summary>Every n-th, so that a small share is met exactly.</summary>
    private bool IsChosen()
    {
        var number = (uint)Interlocked.Increment(ref seen);
        return Math.Floor(number * options.Versions.ShadowShare) > Math.Floor((number - 1) * options.Versions.ShadowShare);
    }

    private async Task CompareAsync(ServedModel candidate, RecommendQuery query, RecommendationResult answer, string[] ids)
    {
        try
        {
            if (!ReferenceEquals(candidate, answer.Model))
            {
                // Items are matched by ID: indices differ between versions.
                var other = await recommender.RecommendAsync(candidate, query, CallLimits.None with { Priority = Priority.Low }).ConfigureAwait(false);
                var scores = other.Hits.ToDictionary(hit => candidate.Items.Id(hit.Item), hit => hit.Score, StringComparer.Ordinal);
                var differences = ids.Zip(answer.Hits).Where(pair => scores.ContainsKey(pair.First)).Select(pair => Math.Abs(scores[pair.First] - pair.Second.Score)).ToArray();

                // Scores of one and of two stages are on different scales.
                double? difference = other.Ranked == answer.Ranked ? differences.DefaultIfEmpty(0).Average() : null;
                metrics.Shadowed(difference, answer.Hits.Length == 0 ? 1 : differences.Length / (double)answer.Hits.Length);
            }
        }
        catch (Exception error)
        {
            // The caller has its answer; the candidate's failure must show, and nothing more.
            LogFailed(candidate.Version, error.Message);
        }
        finally
        {
            candidate.Dispose();
            Volatile.Write(ref busy, 0);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Candidate {Version} failed on a shadowed request: {Reason}")]
    private partial void LogFailed(string version, string reason);
}
