using Reco.Training.Evaluation;

namespace Reco.Training.Compression;

/// <summary>How much of the exact top 100 an approximation finds: independent of what people bought, and so finer than quality.</summary>
internal sealed class ListAgreement
{
    private const int Length = 100;
    private const int MostUsers = 500;

    private readonly int[] users;
    private readonly HashSet<int>[] exact;

    /// <summary>Takes the exact lists.</summary>
    /// <param name="ranker">The exact one.</param>
    /// <param name="users">Users to compare by.</param>
    public ListAgreement(IRanker ranker, IEnumerable<int> users)
    {
        this.users = [.. users.Order().Take(MostUsers)];
        exact = [.. Lists(ranker).Select(list => list.ToHashSet())];
    }

    /// <summary>recall@100 of another ranker against the exact one, mean over users.</summary>
    public double Of(IRanker ranker) => users.Length == 0 ? 1 : Lists(ranker).Zip(exact, (list, truth) => list.Count(truth.Contains) / (double)truth.Count).Average();

    private int[][] Lists(IRanker ranker)
    {
        var lists = new int[users.Length][];
        Parallel.For(0, users.Length, row =>
        {
            var scores = new float[ranker.Items];
            ranker.Score(users[row], scores);
            lists[row] = RankingMetrics.Top(scores, Length);
        });
        return lists;
    }
}
