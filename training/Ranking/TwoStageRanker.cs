using Reco.Training.Data;
using Reco.Training.Evaluation;

namespace Reco.Training.Ranking;

/// <summary>Scores candidates of one user.</summary>
/// <param name="recent">Item indices + 1, most recent first, 0 for padding.</param>
/// <param name="candidates">Item indices.</param>
/// <param name="scores">Tower scores of the candidates.</param>
internal delegate float[] Rerank(long[] recent, int[] candidates, float[] scores);

/// <summary>Towers, then ranker: candidates stand before every other item, in the ranker's order.</summary>
internal sealed class TwoStageRanker(IRanker towers, Rerank rerank, Histories histories, int history, int candidates) : IRanker
{
    private const float BehindCandidates = 1e6f;

    /// <inheritdoc/>
    public string Name => "two-stage";

    /// <inheritdoc/>
    public int Items => towers.Items;

    /// <inheritdoc/>
    public void Score(int user, Span<float> scores)
    {
        towers.Score(user, scores);
        var recent = new long[history];
        histories.Write(user, long.MaxValue, recent);
        var chosen = Candidates.Of(scores, recent, candidates);
        var first = new float[chosen.Length];
        for (var place = 0; place < chosen.Length; place++)
        {
            first[place] = scores[chosen[place]];
        }

        var second = rerank(recent, chosen, first);
        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] -= BehindCandidates;
        }

        for (var place = 0; place < chosen.Length; place++)
        {
            scores[chosen[place]] = second[place];
        }
    }
}
