using Reco.Training.Checkpoints;
using Reco.Training.Data;
using Reco.Training.Distributed;
using Reco.Training.Evaluation;
using Reco.Training.Model.Direct;
using TorchSharp;
using static TorchSharp.torch;

namespace Reco.Training.Model;

/// <summary>One point of the training curve.</summary>
/// <param name="Epoch">Turns so far (<see cref="Turns"/>).</param>
/// <param name="Loss">Mean loss of the turn.</param>
/// <param name="ValidationNdcg">nDCG@10 on the validation period; null in the final fit.</param>
internal sealed record CurvePoint(int Epoch, double Loss, double? ValidationNdcg);

/// <summary>What a search on the validation period found.</summary>
/// <param name="Turns">Best number of turns (<see cref="Model.Turns"/>).</param>
/// <param name="Ndcg">nDCG@10 after them.</param>
/// <param name="Weights">The model after them: it knows nothing of the validation period.</param>
/// <param name="Curve">One point a turn.</param>
internal sealed record SearchResult(int Turns, double Ndcg, TowerWeights Weights, List<CurvePoint> Curve);

/// <summary>Fits a two-tower model to interactions.</summary>
/// <param name="options">Hyper-parameters.</param>
/// <param name="shop">Data.</param>
/// <param name="work">Folder of checkpoints, or null for none.</param>
/// <param name="progress">Is told the share that is done.</param>
/// <param name="workers">Shares the batches of an epoch, each worker an equal part of each.</param>
internal sealed class Trainer(TrainingOptions options, Shop shop, string? work, Action<double, string> progress, ICollective? workers = null)
{
    private readonly ItemContent content = ItemContent.From(shop.Items, FeatureTable.From(shop.Items, shop.FeatureNames.Count));

    /// <summary>How its fits go.</summary>
    public Turns Turns { get; } = Turns.Of(shop.Interactions.Length);

    private readonly Device device = TrainingDevice.Choose(options.Device);
    private readonly Losses losses = new(options, shop.Items.Count, TrainingDevice.IsHalf(options.Precision, TrainingDevice.Choose(options.Device)));

    /// <summary>Finds the number of epochs on a validation period.</summary>
    /// <param name="train">Purchases before it.</param>
    /// <param name="held">Purchases in it.</param>
    /// <param name="hideSeen">True where nothing is consumed twice.</param>
    /// <param name="cancellation">Stops it.</param>
    public SearchResult FindEpochs(InteractionLog train, IReadOnlyDictionary<int, int[]> held, bool hideSeen, CancellationToken cancellation)
    {
        var histories = train.Histories(shop.Users.Count);
        var checkpoint = work is null ? null : new Checkpoint(Path.Combine(work, "search"));
        TowerWeights? kept = null;
        var (_, state) = Run(train, options.Epochs * Turns.Parts, checkpoint, (model, turn, loss, before) =>
        {
            var weights = model.Export();
            var ndcg = TowerRanker.Ndcg(weights, histories, held, hideSeen);
            progress(turn / (double)(options.Epochs * Turns.Parts), $"search epoch {Turns.InEpochs(turn)}/{options.Epochs} loss {loss:F4} validation ndcg@10 {ndcg:F4}");
            List<CurvePoint> curve = [.. before.Curve, new CurvePoint(turn, loss, ndcg)];

            // One worker decides for all, for sums may differ in their last bit.
            double[] decided = [ndcg];
            workers?.Broadcast(decided);
            ndcg = decided[0];
            if (before.BestEpoch > 0 && ndcg <= before.BestNdcg)
            {
                return before with { Epoch = turn, Curve = curve };
            }

            kept = weights;
            if (checkpoint is not null && workers is not { Rank: > 0 })
            {
                WeightFile.Write(checkpoint.Best, weights);
            }

            return new FitState(turn, curve, turn, ndcg);
        }, cancellation);
        kept ??= WeightFile.ReadTowers(checkpoint!.Best)!;
        return new SearchResult(state.BestEpoch, state.BestNdcg, kept, state.Curve);
    }

    /// <summary>Fits a model for a fixed number of turns.</summary>
    public (TowerWeights Weights, List<CurvePoint> Curve) Fit(InteractionLog train, int turns, CancellationToken cancellation)
    {
        var checkpoint = work is null ? null : new Checkpoint(Path.Combine(work, "fit"));
        var (weights, state) = Run(train, turns, checkpoint, (_, turn, loss, before) =>
        {
            progress(turn / (double)turns, $"epoch {Turns.InEpochs(turn)}/{Turns.InEpochs(turns)} loss {loss:F4}");
            return before with { Epoch = turn, Curve = [.. before.Curve, new CurvePoint(turn, loss, null)] };
        }, cancellation);
        return (weights, state.Curve);
    }

    /// <summary>Sets the smallest weights of the item and user tables to zero and trains the others on for a few epochs.</summary>
    /// <param name="weights">Neural towers.</param>
    /// <param name="train">Purchases that they were fitted to.</param>
    /// <param name="share">Share of the weights that goes.</param>
    /// <param name="epochs">Epochs.</param>
    /// <param name="cancellation">Stops it.</param>
    public TowerWeights Prune(TowerWeights weights, InteractionLog train, double share, int epochs, CancellationToken cancellation)
    {
        manual_seed(options.Seed);
        using var model = TwoTowerModel.From(weights);
        model.to(device);
        using var pruning = new Pruning(model, share);
        var batches = new BatchMaker(train, train.Histories(shop.Users.Count), options, device, turns: Turns);
        using var fit = new RecordedFit(model, options, losses, batches, Sampler(Counts(train)), pruning: pruning, rate: FineTuningRate);
        for (var turn = 1; turn <= epochs * Turns.Parts; turn++)
        {
            Learn(fit, turn, cancellation);
        }

        return model.Export();
    }

    /// <summary>A trained model is near its end: large steps would lead away from it.</summary>
    private const double FineTuningRate = 0.3;

    private float[] Counts(InteractionLog train)
    {
        var counts = new float[shop.Items.Count];
        foreach (var entry in train)
        {
            counts[entry.Item]++;
        }

        return counts;
    }

    private NegativeSampler Sampler(float[] counts) => new(counts, options.Negatives - Losses.HardCount(options), options.PopularNegatives, device);

    private (TowerWeights Weights, FitState State) Run(
        InteractionLog train, int turns, Checkpoint? checkpoint, Func<TwoTowerModel, int, double, FitState, FitState> afterTurn, CancellationToken cancellation)
    {
        manual_seed(options.Seed);
        var counts = Counts(train);
        var shape = new TwoTowerShape(shop.Users.Count, shop.Items.Count, content.Values, options.History, options.Dimension);
        var groups = options.GroupFeature ? UserGroups.Learn(shop, train, options.Groups, options.Seed) : null;
        using var model = new TwoTowerModel(shape, content, [.. counts.Select(count => count > 0 ? 1f : 0f)], options.ItemDropout, UserSegments.Of(train, shop.Users.Count, groups), options.MlpUnits);
        model.to(device);
        var histories = train.Histories(shop.Users.Count);
        using IFit fit = !options.Recorded && DirectFit.Fits(options, device, workers?.Size ?? 1)
            ? new DirectFit(model, options, new StepBatches(train, histories, new ContentRows(content), counts, options, Turns))
            : new RecordedFit(model, options, losses, new BatchMaker(train, histories, options, device, workers?.Rank ?? 0, workers?.Size ?? 1, Turns), Sampler(counts), workers);
        var state = checkpoint?.Resume(model, fit);
        if (state is not null)
        {
            progress(state.Epoch / (double)turns, $"resuming after epoch {Turns.InEpochs(state.Epoch)}");
        }

        state ??= new FitState(0, [], 0, 0);
        AgreeOn(state.Epoch);
        while (state.Epoch < turns && (state.BestEpoch == 0 || state.Epoch - state.BestEpoch < options.Patience))
        {
            var turn = state.Epoch + 1;
            state = afterTurn(model, turn, Learn(fit, turn, cancellation), state);
            if (workers is null || workers.Rank == 0)
            {
                checkpoint?.Save(model, fit, state);
            }
        }

        model.eval();
        return (model.Export(), state);
    }

    private double Learn(IFit fit, int turn, CancellationToken cancellation) => fit.Turn(turn, cancellation) is var loss && double.IsFinite(loss)
        ? loss
        : throw new TrainingException($"The loss is no number after epoch {Turns.InEpochs(turn)}; use a smaller --learning-rate (it is {options.LearningRate}).");

    /// <summary>Workers that do not see the same checkpoints would train different models.</summary>
    private void AgreeOn(int turn)
    {
        double[] first = [turn];
        workers?.Broadcast(first);
        if (first[0] != turn)
        {
            throw new TrainingException($"Worker {workers!.Rank} found a checkpoint of epoch {Turns.InEpochs(turn)}, worker 0 one of epoch {Turns.InEpochs((int)first[0])}: --work (or RECO_CHECKPOINT_DIR) must be one folder that all workers share.");
        }
    }
}
