using System.Numerics.Tensors;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Reco.Training.Model.Direct;

/// <summary>Steps of the plain two-tower model on processors, with the gradient written out instead of recorded: scores are differentiated
/// where they lie, histories are summed up without copies of their rows, and <see cref="RowAdam"/> touches the rows that a step uses. The
/// large products are libtorch's. Everything is added up in an order of its own, so that a step is the same bits with any number of
/// cores as far as those products are.</summary>
internal sealed class DirectFit : IFit
{
    private readonly TowerParameters model;
    private readonly StepBatches batches;
    private readonly RowAdam adam;
    private readonly RowAdam.Table own;
    private readonly RowAdam.Table bias;
    private readonly RowAdam.Table content;
    private readonly RowAdam.Table users;
    private readonly RowAdam.Table history;
    private readonly RowAdam.Table recency;
    private readonly Buffers buffers = new();
    private readonly int width;
    private float[] losses = [];

    /// <summary>Takes the parameters of a model, which it moves.</summary>
    public DirectFit(TwoTowerModel model, TrainingOptions options, StepBatches batches)
    {
        this.batches = batches;
        this.model = model.Parameters;
        width = model.Shape.Dimension;
        adam = new RowAdam(options.LearningRate, options.WeightDecay);
        (own, bias, content) = (adam.Add(this.model.Own), adam.Add(this.model.Bias), adam.Add(this.model.Content));
        (users, history, recency) = (adam.Add(this.model.Users), adam.Add(this.model.History), adam.Add(this.model.Recency));
    }

    /// <summary>Whether the options ask for nothing else than this computes.</summary>
    public static bool Fits(TrainingOptions options, Device device, int workers) =>
        device.type == TorchSharp.DeviceType.CPU && workers == 1 && options is
        { Loss: Loss.Softmax, MlpUnits: 0, GroupFeature: false, ItemDropout: 0, HardNegatives: 0, Accumulate: 1, Precision: not "bf16" };

    /// <summary>Learns from a batch.</summary>
    /// <returns>Its mean loss before the step.</returns>
    public double Step(StepBatch batch)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        var (items, rows) = (batch.Items, batch.Count);
        adam.CatchUp(own, items.Rows, items.Count);
        adam.CatchUp(bias, items.Rows, items.Count);
        adam.CatchUp(content, batch.Values.Rows, batch.Values.Count);
        adam.CatchUp(users, batch.Users.Rows, batch.Users.Count);

        var table = buffers.Matrix("items", items.Count, width);
        var candidates = buffers.Matrix("candidates", batch.CandidateCount, width);
        var (pooled, user) = (buffers.Matrix("pooled", rows, width), buffers.Matrix("users", rows, width));
        var scores = buffers.Matrix("scores", rows, batch.CandidateCount);
        var passing = Padded();
        Items(batch, table);
        Parts.Run(batch.CandidateCount, (from, to) =>
        {
            for (var candidate = from; candidate < to; candidate++)
            {
                table[batch.Candidates[candidate]].CopyTo(candidates[candidate]);
            }
        });
        var pooling = new HistoryPooling(batch, recency.Weights);
        pooling.Pool(table, pooled);
        Parts.Run(rows, (from, to) =>
        {
            for (var row = from; row < to; row++)
            {
                users.Weights[batch.Users.Rows[batch.User[row]]].CopyTo(user[row]);
                user[row][width - 1] = 1;
            }
        });
        user.Values.addmm_(pooled.Values, passing, 1, 1);
        scores.Values.addmm_(user.Values, candidates.Values.t(), 0, 1);

        losses = losses.Length >= rows ? losses : new float[rows];
        SoftmaxRows.Differentiate(batch, scores, losses);

        var (toUser, toCandidates, toPooled) = (buffers.Matrix("to users", rows, width), buffers.Matrix("to candidates", batch.CandidateCount, width), buffers.Matrix("to pooled", rows, width));
        toUser.Values.addmm_(scores.Values, candidates.Values, 0, 1);
        toCandidates.Values.addmm_(scores.Values.t(), user.Values, 0, 1);
        toPooled.Values.addmm_(toUser.Values, passing.t(), 0, 1);
        var toHistory = buffers.Matrix("to history", width, width);
        toHistory.Values.addmm_(pooled.Values.t(), toUser.Values, 0, 1);
        var toRecency = buffers.Matrix("to recency", (int)recency.Weights.Rows, 1);
        pooling.ToRecency(table, toPooled, toRecency);

        var toItems = buffers.Matrix("to items", items.Count, width);
        Parts.Columns(width, (column, length) =>
        {
            for (var place = 0; place < items.Count; place++)
            {
                toItems.Part(place, column, length).Clear();
            }

            for (var candidate = 0; candidate < batch.CandidateCount; candidate++)
            {
                var sum = toItems.Part(batch.Candidates[candidate], column, length);
                TensorPrimitives.Add(sum, toCandidates.Part(candidate, column, length), sum);
            }

            pooling.ToItems(toPooled, toItems, column, length);
        });
        Move(batch, toUser, toItems, toHistory, toRecency);
        return TensorPrimitives.Sum<float>(losses.AsSpan(0, rows)) / rows;
    }

    /// <inheritdoc/>
    public double Turn(int turn, CancellationToken cancellation)
    {
        var (sum, steps) = (0.0, 0);
        foreach (var batch in batches.Turn(turn))
        {
            cancellation.ThrowIfCancellationRequested();
            sum += Step(batch);
            steps++;
        }

        adam.CatchUp();
        return sum / Math.Max(1, steps);
    }

    /// <inheritdoc/>
    public void Save(string path)
    {
        using var writer = new BinaryWriter(File.Create(path));
        adam.Save(writer);
    }

    /// <inheritdoc/>
    public void Load(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        adam.Load(reader);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        batches.Dispose();
        buffers.Dispose();
        adam.Dispose();
    }

    /// <summary>Vectors of a batch's items, the bias last.</summary>
    private void Items(StepBatch batch, Block table) => Parts.Run(batch.Items.Count, (from, to) =>
    {
        for (var place = from; place < to; place++)
        {
            var vector = table[place];
            vector.Clear();
            for (var entry = batch.ContentStarts[place]; entry < batch.ContentStarts[place + 1]; entry++)
            {
                var (value, weight) = batch.Content[entry];
                TensorPrimitives.MultiplyAdd(content.Weights[batch.Values.Rows[value]], weight, vector, vector);
            }

            var item = batch.Items.Rows[place];
            if (model.Bought[item])
            {
                TensorPrimitives.Add(vector[..^1], own.Weights[item], vector[..^1]);
                vector[^1] += bias.Weights[item][0];
            }
        }
    });

    /// <summary>The transformation of the pooled history with a row and a column of zeros: vectors have the bias beside the coordinates.</summary>
    private Tensor Padded() => nn.functional.pad(model.History, [0L, 1L, 0L, 1L]);

    private void Move(StepBatch batch, Block toUser, Block toItems, Block toHistory, Block toRecency)
    {
        var toContent = buffers.Matrix("to content", Math.Max(1, batch.Values.Count), width);
        Parts.Columns(width, (column, length) =>
        {
            for (var place = 0; place < batch.Values.Count; place++)
            {
                toContent.Part(place, column, length).Clear();
            }

            for (var place = 0; place < batch.Items.Count; place++)
            {
                for (var entry = batch.ContentStarts[place]; entry < batch.ContentStarts[place + 1]; entry++)
                {
                    var (value, weight) = batch.Content[entry];
                    var sum = toContent.Part(value, column, length);
                    TensorPrimitives.MultiplyAdd(toItems.Part(place, column, length), weight, sum, sum);
                }
            }
        });

        var toUsers = buffers.Matrix("to user rows", batch.Users.Count, width);
        for (var place = 0; place < batch.Users.Count; place++)
        {
            toUsers[place].Clear();
        }

        for (var row = 0; row < batch.Count; row++)
        {
            var sum = toUsers[batch.User[row]];
            TensorPrimitives.Add(sum, toUser[row], sum);
        }

        // An item that was never bought has no vector of its own.
        Parts.Run(batch.Items.Count, (from, to) =>
        {
            for (var place = from; place < to; place++)
            {
                if (!model.Bought[batch.Items.Rows[place]])
                {
                    toItems[place].Clear();
                }
            }
        });
        adam.Begin();
        adam.Move(own, batch.Items.Rows, batch.Items.Count, toItems);
        adam.Move(bias, batch.Items.Rows, batch.Items.Count, toItems, width - 1);
        adam.Move(content, batch.Values.Rows, batch.Values.Count, toContent);
        adam.Move(users, batch.Users.Rows, batch.Users.Count, toUsers);
        adam.Move(history, null, width - 1, toHistory);
        adam.Move(recency, null, (int)recency.Weights.Rows, toRecency);
    }
}

/// <summary>Parameters of a <see cref="TwoTowerModel"/> without hidden layers and groups.</summary>
/// <param name="Own">Items' own coordinates <c>[items, d-1]</c>.</param>
/// <param name="Bias">Items' own biases <c>[items]</c>.</param>
/// <param name="Content">The content's vocabulary <c>[values, d]</c>.</param>
/// <param name="Users">Users <c>[users + 1, d-1]</c>.</param>
/// <param name="History">Transformation of the pooled history <c>[d-1, d-1]</c>.</param>
/// <param name="Recency">Recency logits <c>[history]</c>.</param>
/// <param name="Bought">Whether items have coordinates of their own.</param>
internal sealed record TowerParameters(Tensor Own, Tensor Bias, Tensor Content, Tensor Users, Tensor History, Tensor Recency, bool[] Bought);
