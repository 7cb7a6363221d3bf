using System.Collections.Immutable;
using Reco.Bundle;
using Reco.Training.Compression;
using Reco.Training.Data;
using Reco.Training.Evaluation;
using Reco.Training.Model;

namespace Reco.Training.Packaging;

/// <summary>Makes the bundle's <see cref="ParityProbe"/> with the very models and matrices that are packaged.</summary>
internal static class ParityMaker
{
    private const int KnownUsers = 6;
    private const int Length = 10;
    private const double Tolerance = 0.01;

    /// <summary>Asks every variant.</summary>
    /// <param name="variants">What is packaged.</param>
    /// <param name="shape">Sizes of the towers.</param>
    /// <param name="histories">What is served: everything up to the end of the data.</param>
    public static ParityProbe Make(IReadOnlyList<Variant> variants, TwoTowerShape shape, Histories histories)
    {
        long[] History(int user)
        {
            var recent = new long[shape.History];
            histories.Write(user, long.MaxValue, recent);
            return recent;
        }

        // From both ends and between: a table that was shifted or cut is found.
        var users = Enumerable.Range(0, KnownUsers).Select(place => (int)((long)place * (shape.Users - 1) / (KnownUsers - 1))).Distinct().ToArray();
        ImmutableArray<ParityRequest> requests =
        [
            new ParityRequest(0, [.. new long[shape.History]]),
            new ParityRequest(0, [.. History(users[0])]),
            .. users.Select(user => new ParityRequest(user + 1L, [.. History(user)])),
        ];
        return new ParityProbe
        {
            Requests = requests,
            Answers = variants.ToImmutableSortedDictionary(variant => variant.Precision, variant => Ask(variant, shape, requests), StringComparer.Ordinal),
            Tolerance = Tolerance,
        };
    }

    private static ImmutableArray<ParityAnswer> Ask(Variant variant, TwoTowerShape shape, ImmutableArray<ParityRequest> requests)
    {
        using var tower = new OnnxTower(variant.Model, shape);
        using var ranker = variant.Ranker is null ? null : new OnnxRanker(variant.Ranker);
        var scores = new float[variant.Items.Items];
        return [.. requests.Select(request =>
        {
            long[] history = [.. request.History];
            var vector = tower.Embed([request.User], history);
            MatrixScorer.Score(variant.Items, vector, scores);
            var top = RankingMetrics.Top(scores, Length);
            float[] first = [.. top.Select(item => scores[item])];
            return new ParityAnswer([.. vector], [.. top.Zip(first, (item, score) => new ParityHit(item, score))],
                ranker is null ? null : new ParityRanking([.. top.Select(item => item + 1L)], [.. first], [.. ranker.Score(history, top, first)]));
        })];
    }
}
