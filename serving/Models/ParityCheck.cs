using Reco.Bundle;
using Reco.Scoring.Inference;
using Reco.Scoring.Retrieval;

namespace Reco.Scoring.Models;

/// <summary>Asks a loaded bundle the requests that were packaged with it, before traffic does.</summary>
internal static class ParityCheck
{
    /// <summary>Compares the answers.</summary>
    /// <returns>What was compared; null where the bundle has nothing to compare with.</returns>
    /// <exception cref="BundleException">An answer is not the one that was packaged.</exception>
    public static async Task<ParityCoverage?> RunAsync(BundleReader bundle, ServedModel model, CancellationToken cancellation)
    {
        if (await bundle.ReadParityAsync(cancellation).ConfigureAwait(false) is not { } probe)
        {
            return null;
        }

        try
        {
            return probe.Check(
                model.Precision,
                (user, history) => Embed(model.Tower, user, history),
                (vector, count) => Search(model.Index, vector, count),
                model.Ranker is { } ranker ? (history, candidates, scores) => Rank(ranker, history, candidates, scores) : null);
        }
        catch (BundleException error)
        {
            throw new BundleException($"{bundle.Folder}: {error.Message}", error);
        }
    }

    private static float[] Embed(UserTower tower, long user, long[] history)
    {
        var vector = new float[tower.Dimension];
        tower.Embed(new[] { user }, history, vector);
        return vector;
    }

    private static List<ParityHit> Search(IItemIndex index, float[] vector, int count)
    {
        var hits = new Hit[count];
        return [.. hits.Take(index.Search(vector, default, hits)).Select(hit => new ParityHit(hit.Item, hit.Score))];
    }

    private static float[] Rank(Ranker ranker, long[] history, long[] candidates, float[] scores)
    {
        var ranking = new float[candidates.Length];
        ranker.Rank(history, candidates, scores, ranking);
        return ranking;
    }
}
