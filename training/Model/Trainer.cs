using Reco.Training.Data;
using Reco.Training.Evaluation;
using static TorchSharp.torch;

namespace Reco.Training.Model;

/// <summary>One point of the training curve.</summary>
/// <param name="Epoch">Epochs so far.</param>
/// <param name="Loss">Mean loss of the epoch.</param>
/// <param name="ValidationNdcg">nDCG@10 on the validation period; null in the final fit.</param>
internal sealed record CurvePoint(int Epoch, double Loss, double? ValidationNdcg);

/// <summary>Fits a two-tower model to interactions.</summary>
internal sealed class Trainer(TrainingOptions options, Shop shop, Action<double, string> progress)
{
    private readonly FeatureTable features = FeatureTable.From(shop.Items, shop.FeatureNames.Count);

    /// <summary>Finds the number of epochs on the validation period (the last days of <paramref name="train"/>).</summary>
    public (int Epochs, List<CurvePoint> Curve) FindEpochs(Interaction[] train, CancellationToken cancellation)
    {
        var split = TimeSplit.Last(train, options.HoldoutDays);
        var histories = new Histories(split.Train, shop.Users.Count);
        var curve = new List<CurvePoint>();
        var (best, bestEpoch) = (double.NegativeInfinity, 1);
        Run(split.Train, options.Epochs, (model, epoch, loss) =>
        {
            var ndcg = Validate(model, histories, split);
            curve.Add(new CurvePoint(epoch, loss, ndcg));
            progress(epoch / (double)options.Epochs, $"search epoch {epoch}/{options.Epochs} loss {loss:F4} validation ndcg@10 {ndcg:F4}");
            (best, bestEpoch) = ndcg > best ? (ndcg, epoch) : (best, bestEpoch);
            return epoch - bestEpoch < options.Patience;
        }, cancellation);
        return (bestEpoch, curve);
    }

    /// <summary>Fits a model for a fixed number of epochs.</summary>
    public (TowerWeights Weights, List<CurvePoint> Curve) Fit(Interaction[] train, int epochs, CancellationToken cancellation)
    {
        var curve = new List<CurvePoint>();
        var weights = Run(train, epochs, (_, epoch, loss) =>
        {
            curve.Add(new CurvePoint(epoch, loss, null));
            progress(epoch / (double)epochs, $"epoch {epoch}/{epochs} loss {loss:F4}");
            return true;
        }, cancellation);
        return (weights, curve);
    }

    private TowerWeights Run(Interaction[] train, int epochs, Func<TwoTowerModel, int, double, bool> afterEpoch, CancellationToken cancellation)
    {
        manual_seed(options.Seed);
        var random = new Random(options.Seed);
        var counts = new float[shop.Items.Count];
        foreach (var entry in train)
        {
            counts[entry.Item]++;
        }

        var shape = new TwoTowerShape(shop.Users.Count, shop.Items.Count, features.Values, options.History, options.Dimension);
        using var model = new TwoTowerModel(shape, features.Ids, [.. counts.Select(count => count > 0 ? 1f : 0f)]);
        using var optimizer = optim.AdamW(model.parameters(), options.LearningRate, weight_decay: options.WeightDecay);
        using var share = tensor(counts).div(train.Length);
        var batches = new BatchMaker(train, new Histories(train, shop.Users.Count), options, random);
        for (var epoch = 1; epoch <= epochs; epoch++)
        {
            var (sum, steps) = (0.0, 0);
            batches.Shuffle();
            model.train();
            while (batches.Next() is { } batch)
            {
                cancellation.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                optimizer.zero_grad();
                var loss = options.Loss == Loss.Softmax ? SoftmaxLoss(model, batch, share) : BceLoss(model, batch);
                loss.backward();
                optimizer.step();
                sum += loss.item<float>();
                steps++;
            }

            model.eval();
            if (!double.IsFinite(sum))
            {
                throw new TrainingException($"The loss is no number after epoch {epoch}; use a smaller --learning-rate (it is {options.LearningRate}).");
            }

            if (!afterEpoch(model, epoch, sum / Math.Max(1, steps)))
            {
                break;
            }
        }

        return model.Export();
    }

    private Tensor SoftmaxLoss(TwoTowerModel model, Batch batch, Tensor share)
    {
        var table = model.ItemTable();
        var user = model.Users(table, batch.Users, batch.History);
        var negatives = randint(0, shop.Items.Count, options.Negatives, dtype: int64);
        var candidates = cat([batch.Items, negatives]);

        // Expected number of times that a candidate is drawn: as a positive of the batch, and uniformly.
        var expected = share.index_select(0, candidates).mul(batch.Items.shape[0]).add(options.Negatives / (double)shop.Items.Count);
        var logits = user.matmul(table.index_select(0, candidates).t()).add(model.ItemBias(candidates)).sub(expected.log());

        // The same item at another place is no negative.
        var same = batch.Items.unsqueeze(1).eq(candidates.unsqueeze(0));
        var own = arange(batch.Items.shape[0], dtype: int64);
        same.index_put_(false, own, own);
        return nn.functional.cross_entropy(logits.masked_fill(same, -1e9), own);
    }

    private Tensor BceLoss(TwoTowerModel model, Batch batch)
    {
        const int Each = 4;
        var table = model.ItemTable();
        var user = model.Users(table, batch.Users, batch.History);
        var negatives = randint(0, shop.Items.Count, batch.Items.shape[0] * Each, dtype: int64);
        var positive = user.mul(table.index_select(0, batch.Items)).sum(-1).add(model.ItemBias(batch.Items));
        var negative = user.repeat_interleave(Each, 0).mul(table.index_select(0, negatives)).sum(-1).add(model.ItemBias(negatives));
        return nn.functional.softplus(positive.neg()).mean().add(nn.functional.softplus(negative).mean().mul(Each));
    }

    private double Validate(TwoTowerModel model, Histories histories, TimeSplit split)
    {
        var ranker = new TowerRanker(model.Export(), histories);
        return RankingMetrics.Evaluate(ranker, split.Held, [10]).Of("ndcg@10").Average();
    }
}
