using System.Numerics.Tensors;
using Reco.Training.Data;
using Reco.Training.Evaluation;

namespace Reco.Training.Model;

/// <summary>How new items are filled in.</summary>
/// <param name="Share">Share of their neighbours' vector; the rest is what the item tower makes of the catalogue.</param>
/// <param name="Lift">What their biases get on top.</param>
internal readonly record struct ColdFill(float Share, float Lift);

/// <summary>Gives items that nobody has bought yet vectors by their text. The vector is the mean of those that the towers learned for the
/// bought items with the nearest texts (<see cref="WordVectors"/>), nearer and better known ones weighing more (a mapping from attributes to
/// factors by neighbours; Gantner et al. 2010), as long as these are in the mean; its bias is theirs, too. A new item sells more than the bias
/// of an item says that had all the time to sell and did not: a lift makes its scores comparable with those of others. How much of
/// both is right is chosen on the validation period.</summary>
internal sealed class ColdItems
{
    /// <summary>Shares of the neighbours' vector that <see cref="Choose"/> tries.</summary>
    private static readonly float[] Shares = [0, 0.5f, 1];

    /// <summary>Lifts that it tries, in standard deviations of a user's scores.</summary>
    private static readonly float[] Lifts = [0, 0.5f, 1];

    private const int Neighbours = 20;
    private const int MostNeighboursTried = 50_000;
    private const float Sharpness = 10;
    private const float Doubt = 5;

    /// <summary>Validation users below whom a choice would be chance.</summary>
    private const int LeastUsers = 50;

    /// <summary>Users by whom a choice is made.</summary>
    private const int MostUsers = 1_000;

    /// <summary>Users whose scores say how much these differ.</summary>
    private const int ScaleUsers = 50;

    /// <summary>How far new items are looked for in a list; it is handed to the ranker, too.</summary>
    private const int Depth = 200;

    /// <summary>Loss of nDCG@10 for all that users bought, from which on a way to fill in new items is too dear.</summary>
    private const double MostLoss = 0.0025;

    /// <summary>The same for recall@200.</summary>
    private const double MostRecallLoss = 0.01;

    private readonly bool[] cold;
    private readonly (int Item, float Weight)[]?[] near;

    /// <summary>Finds the neighbours of the items without purchases.</summary>
    /// <param name="words">Texts of the items.</param>
    /// <param name="train">Purchases that the towers were fitted to.</param>
    public ColdItems(WordVectors words, InteractionLog train)
    {
        var counts = new float[words.Items];
        foreach (var entry in train)
        {
            counts[entry.Item]++;
        }

        cold = [.. counts.Select(count => count == 0)];
        near = new (int, float)[counts.Length][];
        var warm = Enumerable.Range(0, counts.Length).Where(item => counts[item] > 0).OrderByDescending(item => counts[item]).Take(MostNeighboursTried).ToArray();
        var texts = new float[counts.Length * WordVectors.Width];
        Parallel.For(0, counts.Length, item => words.Item(item, texts.AsSpan(item * WordVectors.Width, WordVectors.Width)));
        Parallel.For(0, counts.Length, item => near[item] = cold[item] ? Near(texts, item, warm, counts) : null);
    }

    /// <summary>Fills in the rows of items without purchases.</summary>
    /// <param name="weights">Trained towers.</param>
    /// <param name="fill">How.</param>
    public TowerWeights Fill(TowerWeights weights, ColdFill fill)
    {
        if (fill == default)
        {
            return weights;
        }

        var width = weights.Shape.Dimension - 1;
        var neural = weights.IsNeural;
        var (items, bias) = (weights.Items.ToArray(), weights.ItemBias.ToArray());
        var history = neural ? items : weights.HistoryItems.ToArray();
        for (var item = 0; item < near.Length; item++)
        {
            if (near[item] is not { Length: > 0 } likes)
            {
                continue;
            }

            Blend(weights.Items, items, item, likes, width, fill.Share);
            if (!neural)
            {
                Blend(weights.HistoryItems, history, item, likes, width, fill.Share);
            }

            bias[item] = ((1 - fill.Share) * bias[item]) + (fill.Share * likes.Sum(other => other.Weight * weights.ItemBias[other.Item])) + (fill.Lift / weights.BiasWeight);
        }

        return weights with { Items = items, HistoryItems = history, ItemBias = bias };
    }

    /// <summary>Chooses how to fill in by the items that are new in a held-out period: what brings them highest among all items (nDCG@200)
    /// of what costs next to nothing of all that users bought.</summary>
    /// <param name="weights">Towers that know nothing of the period.</param>
    /// <param name="split">The period; the neighbours know nothing of it either.</param>
    /// <param name="users">Number of users.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>Null where too few people bought something new.</returns>
    public ColdFill? Choose(TowerWeights weights, TimeSplit split, int users, CancellationToken cancellation)
    {
        var held = split.Held.OrderBy(user => user.Key).Take(MostUsers).ToDictionary(user => user.Key, user => user.Value);
        var bought = held.ToDictionary(user => user.Key, user => user.Value.Where(item => cold[item]).ToArray());
        if (bought.Values.Count(items => items.Length > 0) < LeastUsers)
        {
            return null;
        }

        var histories = split.Train.Histories(users);
        var scale = Deviation(new TowerRanker(weights, histories), held.Keys.Take(ScaleUsers));
        var (best, most, before) = (default(ColdFill), double.NegativeInfinity, (All: 0.0, Recall: 0.0));
        foreach (var fill in from lift in Lifts from share in Shares select new ColdFill(share, lift * scale))
        {
            cancellation.ThrowIfCancellationRequested();
            var metrics = RankingMetrics.Evaluate(new TowerRanker(Fill(weights, fill), histories), held, [10, Depth]);
            var found = metrics.Lists.Where(list => bought[list.User].Length > 0).Average(list => RankingMetrics.Measure(list.Items, bought[list.User], Depth).Ndcg);
            var (all, recall) = (metrics.Of("ndcg@10").Average(), metrics.Of($"recall@{Depth}").Average());
            before = fill == default ? (all, recall) : before;
            if (found > most && all >= before.All * (1 - MostLoss) && recall >= before.Recall * (1 - MostRecallLoss))
            {
                (best, most) = (fill, found);
            }
        }

        return best;
    }

    private static float Deviation(IRanker ranker, IEnumerable<int> users)
    {
        var scores = new float[ranker.Items];
        return users.Average(user =>
        {
            ranker.Score(user, scores);
            var mean = scores.Average();
            return MathF.Sqrt(Math.Max(0, (TensorPrimitives.SumOfSquares(scores) / scores.Length) - (mean * mean)));
        });
    }

    /// <summary>The bought items of the nearest texts, their weights adding up to 1; none for an item without text.</summary>
    private static (int Item, float Weight)[] Near(float[] texts, int item, int[] warm, float[] counts)
    {
        ReadOnlySpan<float> Text(int of) => texts.AsSpan(of * WordVectors.Width, WordVectors.Width);
        if (warm.Length == 0 || TensorPrimitives.MaxMagnitude(Text(item)) == 0)
        {
            return [];
        }

        var similar = new float[warm.Length];
        for (var place = 0; place < warm.Length; place++)
        {
            similar[place] = TensorPrimitives.Dot(Text(item), Text(warm[place]));
        }

        var best = RankingMetrics.Top(similar, Math.Min(Neighbours, warm.Length));
        var weights = best.Select(place => MathF.Exp(Sharpness * (similar[place] - similar[best[0]])) * counts[warm[place]] / (counts[warm[place]] + Doubt)).ToArray();
        var sum = weights.Sum();
        return [.. best.Select((place, rank) => (warm[place], weights[rank] / sum))];
    }

    private static void Blend(float[] from, float[] to, int item, (int Item, float Weight)[] near, int width, float share)
    {
        var (mean, length) = (new float[width], 0f);
        foreach (var (other, weight) in near)
        {
            var row = from.AsSpan(other * width, width);
            TensorPrimitives.MultiplyAdd(row, weight, mean, mean);
            length += weight * TensorPrimitives.Norm(row);
        }

        // Vectors that point elsewhere shorten their mean.
        var norm = TensorPrimitives.Norm(mean);
        TensorPrimitives.Multiply(mean, norm == 0 ? 0 : length / norm, mean);
        var own = to.AsSpan(item * width, width);

        // Linear towers know nothing of an item that was never bought.
        share = TensorPrimitives.Norm(own) == 0 ? 1 : share;
        TensorPrimitives.Multiply(own, 1 - share, own);
        TensorPrimitives.MultiplyAdd(mean, share, own, own);
    }
}
