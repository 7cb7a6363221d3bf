using Reco.Training.Distributed;
using static TorchSharp.torch;

namespace Reco.Training.Model;

/// <summary>Gradient descent by libtorch's record of operations: for every option, device and number of workers.</summary>
/// <param name="model">Model.</param>
/// <param name="options">Hyper-parameters.</param>
/// <param name="losses">What is minimised.</param>
/// <param name="batches">Batches.</param>
/// <param name="sampler">Negatives; disposed of with the fit.</param>
/// <param name="workers">Shares the batches, each worker an equal part of each.</param>
/// <param name="pruning">Weights that are held at zero; the caller's.</param>
/// <param name="rate">Times the learning rate.</param>
internal sealed class RecordedFit(
    TwoTowerModel model, TrainingOptions options, Losses losses, BatchMaker batches, NegativeSampler sampler, ICollective? workers = null, Pruning? pruning = null, double rate = 1) : IFit
{
    private readonly optim.Optimizer optimizer = optim.AdamW(model.parameters(), options.LearningRate * rate, weight_decay: options.WeightDecay);

    /// <inheritdoc/>
    public double Turn(int turn, CancellationToken cancellation)
    {
        var (sum, steps) = (0.0, 0);

        // What is random in a turn depends on seed and turn alone: a resumed fit draws the same.
        manual_seed(unchecked((options.Seed * 10_007L) + turn + ((workers?.Rank ?? 0) * 1_000_003L)));
        batches.Shuffle(turn);
        model.train();
        optimizer.zero_grad();
        while (batches.Next() is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var loss = losses.Of(model, batch, sampler);
            loss.div(options.Accumulate).backward();
            sum += loss.item<float>();
            steps++;

            // Each worker has as many batches, so that all of them step together.
            if (steps % options.Accumulate == 0)
            {
                Step();
            }
        }

        if (steps % options.Accumulate != 0)
        {
            Step();
        }

        model.eval();
        return sum / Math.Max(1, steps);
    }

    /// <inheritdoc/>
    public void Save(string path) => ((TorchSharp.Modules.OptimizerHelper)optimizer).save_state_dict(path);

    /// <inheritdoc/>
    public void Load(string path) => ((TorchSharp.Modules.OptimizerHelper)optimizer).load_state_dict(path);

    /// <inheritdoc/>
    public void Dispose()
    {
        batches.Dispose();
        optimizer.Dispose();
        sampler.Dispose();
    }

    private void Step()
    {
        using var scope = NewDisposeScope();
        Share();
        optimizer.step();
        optimizer.zero_grad();
        pruning?.Apply();
    }

    /// <summary>Replaces each gradient by its mean over the workers: their parameters stay equal.</summary>
    private void Share()
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
            var values = gradient.cpu().contiguous().data<float>().ToArray();
            workers.AllReduceSum(values);
            gradient.copy_(tensor(values, parameter.shape).div(workers.Size));
        }
    }
}
