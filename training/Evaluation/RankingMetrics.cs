using System.Buffers;

namespace Reco.Training.Evaluation;

/// <summary>Metrics of one ranker, user by user, by full ranking: every item of the catalogue competes.</summary>
internal sealed class RankingMetrics
{
    private readonly Dictionary<string, double[]> byName;
    private readonly int[] users;
    private readonly int[][] lists;

    private RankingMetrics(string ranker, Dictionary<string, double[]> byName, double coverage, int[] users, int[][] lists)
    {
        Ranker = ranker;
        this.byName = byName;
        Coverage = coverage;
        this.users = users;
        this.lists = lists;
    }

    /// <summary>Name of the ranker.</summary>
    public string Ranker { get; }

    /// <summary>Share of the catalogue that stands in somebody's top list of the largest k.</summary>
    public double Coverage { get; }

    /// <summary>Each user's list of the largest k, best first.</summary>
    public IEnumerable<(int User, int[] Items)> Lists => users.Zip(lists);

    /// <summary>Names of the metrics.</summary>
    public IEnumerable<string> Names => byName.Keys;

    /// <summary>Values of one metric, one a user, users ascending by index.</summary>
    public double[] Of(string metric) => byName[metric];

    /// <summary>Ranks every item for every user who bought something in the held-out period.</summary>
    public static RankingMetrics Evaluate(IRanker ranker, IReadOnlyDictionary<int, int[]> held, int[] cutoffs)
    {
        var users = held.Keys.Order().ToArray();
        var names = cutoffs.SelectMany(k => new[] { $"ndcg@{k}", $"recall@{k}", $"precision@{k}", $"hit@{k}", $"map@{k}", $"mrr@{k}" }).ToArray();
        var values = names.ToDictionary(name => name, _ => new double[users.Length]);
        var deepest = Math.Min(cutoffs.Max(), ranker.Items);
        var shown = new int[ranker.Items];
        var lists = new int[users.Length][];
        Parallel.For(0, users.Length, index =>
        {
            var scores = ArrayPool<float>.Shared.Rent(ranker.Items);
            ranker.Score(users[index], scores.AsSpan(0, ranker.Items));
            var top = Top(scores.AsSpan(0, ranker.Items), deepest);
            ArrayPool<float>.Shared.Return(scores);
            lists[index] = top;
            foreach (var item in top)
            {
                Volatile.Write(ref shown[item], 1);
            }

            var relevant = held[users[index]];
            foreach (var k in cutoffs)
            {
                var (ndcg, recall, precision, hit, map, mrr) = Measure(top, relevant, k);
                values[$"ndcg@{k}"][index] = ndcg;
                values[$"recall@{k}"][index] = recall;
                values[$"precision@{k}"][index] = precision;
                values[$"hit@{k}"][index] = hit;
                values[$"map@{k}"][index] = map;
                values[$"mrr@{k}"][index] = mrr;
            }
        });
        return new RankingMetrics(ranker.Name, values, shown.Sum() / (double)ranker.Items, users, lists);
    }

    /// <summary>Metrics of one ranked list, relevance binary.</summary>
    /// <param name="top">Item indices, best first.</param>
    /// <param name="relevant">Relevant items, ascending and distinct.</param>
    /// <param name="k">Length of the list that counts.</param>
    public static (double Ndcg, double Recall, double Precision, double Hit, double Map, double Mrr) Measure(ReadOnlySpan<int> top, int[] relevant, int k)
    {
        var (hits, gain, ideal, precisions, first) = (0, 0.0, 0.0, 0.0, 0.0);
        for (var rank = 0; rank < k; rank++)
        {
            var discount = 1 / Math.Log2(rank + 2);
            ideal += rank < relevant.Length ? discount : 0;
            if (rank < top.Length && Array.BinarySearch(relevant, top[rank]) >= 0)
            {
                hits++;
                gain += discount;
                precisions += hits / (rank + 1.0);
                first = first == 0 ? 1 / (rank + 1.0) : first;
            }
        }

        return (gain / ideal, hits / (double)relevant.Length, hits / (double)k, hits > 0 ? 1 : 0, precisions / Math.Min(k, relevant.Length), first);
    }

    /// <summary>The best items, best first; of equal scores the lower index first.</summary>
    public static int[] Top(ReadOnlySpan<float> scores, int k)
    {
        var heap = new PriorityQueue<int, (float Score, int Item)>(k + 1, Comparer<(float Score, int Item)>.Create(
            (left, right) => left.Score != right.Score ? left.Score.CompareTo(right.Score) : right.Item.CompareTo(left.Item)));
        var threshold = float.NegativeInfinity;
        for (var item = 0; item < scores.Length; item++)
        {
            if (heap.Count < k)
            {
                heap.Enqueue(item, (scores[item], item));
            }
            else if (scores[item] > threshold)
            {
                heap.EnqueueDequeue(item, (scores[item], item));
            }
            else
            {
                continue;
            }

            heap.TryPeek(out _, out var worst);
            threshold = worst.Score;
        }

        var top = new int[heap.Count];
        for (var rank = top.Length - 1; rank >= 0; rank--)
        {
            top[rank] = heap.Dequeue();
        }

        return top;
    }
}
