using Reco.Training.Checkpoints;
using Reco.Training.Data;
using Reco.Training.Distributed;
using Reco.Training.Evaluation;
using static TorchSharp.torch;

namespace Reco.Training.Model;

/// <summary>One point of the training curve.</summary>
/// <param name="Epoch">Epochs so far.</param>
/// <param name="Loss">Mean loss of the epoch.</param>
/// <param name="ValidationNdcg">nDCG@10 on the validation period; null in the final fit.</param>
internal sealed record CurvePoint(int Epoch, double Loss, double? ValidationNdcg);

/// <summary>What a search on the validation period found.</summary>
/// <param name="Epochs">Best number of epochs.</param>
/// <param name="Ndcg">nDCG@10 after them.</param>
/// <param name="Weights">The model after them: it knows nothing of the validation period.</param>
/// <param name="Curve">One point an epoch.</param>
internal sealed record SearchResult(int Epochs, double Ndcg, TowerWeights Weights, List<CurvePoint> Curve);

/// <summary>Fits a two-tower model to interactions.</summary>
/// <param name="options">Hyper-parameters.</param>
/// <param name="shop">Data.</param>
/// <param name="work">Folder of checkpoints, or null for none.</param>
/// <param name="progress">Is told the share that is done.</param>
/// <param name="workers">Shares the batches of an epoch, each worker an equal part of each.</param>
internal sealed class Trainer(TrainingOptions options, Shop shop, string? work, Action<double, string> progress, ICollective? workers = null)
{
    private readonly ItemContent content = ItemContent.From(shop.Items, FeatureTable.From(shop.Items, shop.FeatureNames.Count));

    /// <summary>Finds the number of epochs on the validation period of a split of the training side.</summary>
    public SearchResult FindEpochs(TimeSplit validation, CancellationToken cancellation)
    {
        var histories = new Histories(validation.Train, shop.Users.Count);
        var checkpoint = work is null ? null : new Checkpoint(Path.Combine(work, "search"));
        TowerWeights? kept = null;
        var (_, state) = Run(validation.Train, options.Epochs, checkpoint, (model, epoch, loss, before) =>
        {
            var weights = model.Export();
            var ndcg = RankingMetrics.Evaluate(new TowerRanker(weights, histories), validation.Held, [10]).Of("ndcg@10").Average();
            progress(epoch / (double)options.Epochs, $"search epoch {epoch}/{options.Epochs} loss {loss:F4} validation ndcg@10 {ndcg:F4}");
            List<CurvePoint> curve = [.. before.Curve, new CurvePoint(epoch, loss, ndcg)];

            // One worker decides for all, for sums may differ in their last bit.
            double[] decided = [ndcg];
            workers?.Broadcast(decided);
            ndcg = decided[0];
            if (before.BestEpoch > 0 && ndcg <= before.BestNdcg)
            {
                return before with { Epoch = epoch, Curve = curve };
            }

            kept = weights;
            if (checkpoint is not null && workers is not { Rank: > 0 })
            {
                WeightFile.Write(checkpoint.Best, weights);
            }

            return new FitState(epoch, curve, epoch, ndcg);
        }, cancellation);
        kept ??= WeightFile.ReadTowers(checkpoint!.Best)!;
        return new SearchResult(state.BestEpoch, state.BestNdcg, kept, state.Curve);
    }

    /// <summary>Fits a model for a fixed number of epochs.</summary>
    public (TowerWeights Weights, List<CurvePoint> Curve) Fit(Interaction[] train, int epochs, CancellationToken cancellation)
    {
        var checkpoint = work is null ? null : new Checkpoint(Path.Combine(work, "fit"));
        var (weights, state) = Run(train, epochs, checkpoint, (_, epoch, loss, before) =>
        {
            progress(epoch / (double)epochs, $"epoch {epoch}/{epochs} loss {loss:F4}");
            return before with { Epoch = epoch, Curve = [.. before.Curve, new CurvePoint(epoch, loss, null)] };
        }, cancellation);
        return (weights, state.Curve);
    }

    private (TowerWeights Weights, FitState State) Run(
        Interaction[] train, int epochs, Checkpoint? checkpoint, Func<TwoTowerModel, int, double, FitState, FitState> afterEpoch, CancellationToken cancellation)
    {
        manual_seed(options.Seed);
        var counts = new float[shop.Items.Count];
        foreach (var entry in train)
        {
            counts[entry.Item]++;
        }

        var shape = new TwoTowerShape(shop.Users.Count, shop.Items.Count, content.Values, options.History, options.Dimension);
        using var model = new TwoTowerModel(shape, content, [.. counts.Select(count => count > 0 ? 1f : 0f)], options.ItemDropout);
        using var optimizer = optim.AdamW(model.parameters(), options.LearningRate, weight_decay: options.WeightDecay);
        using var share = tensor(counts).div(train.Length);
        var batches = new BatchMaker(train, new Histories(train, shop.Users.Count), options, workers?.Rank ?? 0, workers?.Size ?? 1);
        var state = checkpoint?.Resume(model, optimizer);
        if (state is not null)
        {
            progress(state.Epoch / (double)epochs, $"resuming after epoch {state.Epoch}");
        }

        state ??= new FitState(0, [], 0, 0);
        AgreeOn(state.Epoch);
        while (state.Epoch < epochs && (state.BestEpoch == 0 || state.Epoch - state.BestEpoch < options.Patience))
        {
            var epoch = state.Epoch + 1;
            var loss = RunEpoch(model, optimizer, batches, share, epoch, cancellation);
            state = afterEpoch(model, epoch, loss, state);
            if (workers is null || workers.Rank == 0)
            {
                checkpoint?.Save(model, optimizer, state);
            }
        }

        model.eval();
        return (model.Export(), state);
    }

    /// <summary>Workers that do not see the same checkpoints would train different models.</summary>
    private void AgreeOn(int epoch)
    {
        double[] first = [epoch];
        workers?.Broadcast(first);
        if (first[0] != epoch)
        {
            throw new TrainingException($"Worker {workers!.Rank} found a checkpoint of epoch {epoch}, worker 0 one of epoch {first[0]}: --work (or RECO_CHECKPOINT_DIR) must be one folder that all workers share.");
        }
    }

    private double RunEpoch(TwoTowerModel model, optim.Optimizer optimizer, BatchMaker batches, Tensor share, int epoch, CancellationToken cancellation)
    {
        var (sum, steps) = (0.0, 0);

        // What is random in an epoch depends on seed and epoch alone: a resumed fit draws the same.
        manual_seed(unchecked((options.Seed * 10_007L) + epoch + ((workers?.Rank ?? 0) * 1_000_003L)));
        batches.Shuffle(epoch);
        model.train();
        while (batches.Next() is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var loss = options.Loss == Loss.Bce ? BceLoss(model, batch)
                : shop.Items.Count <= options.Negatives + options.BatchSize ? FullSoftmaxLoss(model, batch) : SoftmaxLoss(model, batch, share);
            loss.backward();
            Share(model);
            optimizer.step();
            sum += loss.item<float>();
            steps++;
        }

        model.eval();
        return double.IsFinite(sum)
            ? sum / Math.Max(1, steps)
            : throw new TrainingException($"The loss is no number after epoch {epoch}; use a smaller --learning-rate (it is {options.LearningRate}).");
    }

    /// <summary>Replaces each gradient by its mean over the workers: their parameters stay equal.</summary>
    private void Share(TwoTowerModel model)
    {
        if (workers is null || workers.Size == 1)
        {
            return;
        }

        using var off = no_grad();
        foreach (var parameter in model.parameters())
        {
            // Every step uses every parameter, so that all workers meet here equally often.
            var gradient = parameter.grad!;
            var values = gradient.contiguous().data<float>().ToArray();
            workers.AllReduceSum(values);
            gradient.copy_(tensor(values, parameter.shape).div(workers.Size));
        }
    }

    /// <summary>Over the whole catalogue: where it is no larger than a sample would be, that is faster and exact.</summary>
    private Tensor FullSoftmaxLoss(TwoTowerModel model, Batch batch)
    {
        var (table, bias) = model.Items();
        var user = model.Users(table, batch.Users, batch.History);
        return nn.functional.cross_entropy(addmm(bias.unsqueeze(0), user, table.t(), 1, 1), batch.Items);
    }

    private Tensor SoftmaxLoss(TwoTowerModel model, Batch batch, Tensor share)
    {
        var negatives = randint(0, shop.Items.Count, options.Negatives, dtype: int64);
        var candidates = cat([batch.Items, negatives]);
        var (items, places, _) = cat([candidates, batch.History.sub(1).clamp(min: 0).reshape(-1)]).unique(return_inverse: true);
        var (table, bias) = model.Items(items);
        var split = candidates.shape[0];
        var history = places!.slice(0, split, places.shape[0], 1).reshape(batch.History.shape).add(1).masked_fill(batch.History.eq(0), 0);
        var user = model.Users(table, batch.Users, history);

        // Expected number of times that a candidate is drawn: as a positive of the batch, and uniformly.
        var expected = share.index_select(0, candidates).mul(batch.Items.shape[0]).add(options.Negatives / (double)shop.Items.Count);
        var place = places.slice(0, 0, split, 1);
        var offset = bias.index_select(0, place).sub(expected.log()).unsqueeze(0);
        var logits = addmm(offset, user, table.index_select(0, place).t(), 1, 1);

        // The same item at another place is no negative.
        var same = batch.Items.unsqueeze(1).eq(candidates.unsqueeze(0));
        var own = arange(batch.Items.shape[0], dtype: int64);
        same.index_put_(false, own, own);
        return nn.functional.cross_entropy(logits.masked_fill_(same, -1e9), own);
    }

    private Tensor BceLoss(TwoTowerModel model, Batch batch)
    {
        const int Each = 4;
        var (table, bias) = model.Items();
        var user = model.Users(table, batch.Users, batch.History);
        var negatives = randint(0, shop.Items.Count, batch.Items.shape[0] * Each, dtype: int64);
        var positive = user.mul(table.index_select(0, batch.Items)).sum(-1).add(bias.index_select(0, batch.Items));
        var negative = user.repeat_interleave(Each, 0).mul(table.index_select(0, negatives)).sum(-1).add(bias.index_select(0, negatives));
        return nn.functional.softplus(positive.neg()).mean().add(nn.functional.softplus(negative).mean().mul(Each));
    }
}
