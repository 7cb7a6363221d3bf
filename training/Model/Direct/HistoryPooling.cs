using System.Numerics.Tensors;

namespace Reco.Training.Model.Direct;

/// <summary>Weighted means of a batch's histories, and their gradients, without a copy of every item's row. The weights are the softmax of the
/// recency logits over as many items as a history has.</summary>
internal sealed class HistoryPooling
{
    /// <summary>Parts of a batch whose sums are added up one after the other, however many cores there are.</summary>
    private const int Sums = 8;

    private readonly StepBatch batch;
    private readonly float[] powers;
    private readonly float[] totals;

    /// <summary>Takes the logits as they are now.</summary>
    public HistoryPooling(StepBatch batch, Block recency)
    {
        this.batch = batch;
        powers = new float[recency.Rows];
        totals = new float[recency.Rows + 1];
        for (var place = 0; place < powers.Length; place++)
        {
            powers[place] = recency[place][0];
        }

        var most = powers.Max();
        for (var place = 0; place < powers.Length; place++)
        {
            powers[place] = MathF.Exp(powers[place] - most);
            totals[place + 1] = totals[place] + powers[place];
        }
    }

    /// <summary>Means <c>[examples, d]</c>; zero where there is no history.</summary>
    public void Pool(Block items, Block pooled) => Parts.Run(batch.Count, (from, to) =>
    {
        for (var row = from; row < to; row++)
        {
            var (start, length) = Of(row);
            var mean = pooled[row];
            mean.Clear();
            for (var place = 0; place < length; place++)
            {
                TensorPrimitives.MultiplyAdd(items[batch.History[start + place]], powers[place] / totals[length], mean, mean);
            }
        }
    });

    /// <summary>Adds the gradient of the items in some columns.</summary>
    public void ToItems(Block gradient, Block items, int column, int length)
    {
        for (var row = 0; row < batch.Count; row++)
        {
            var (start, count) = Of(row);
            var from = gradient.Part(row, column, length);
            for (var place = 0; place < count; place++)
            {
                var sum = items.Part(batch.History[start + place], column, length);
                TensorPrimitives.MultiplyAdd(from, powers[place] / totals[count], sum, sum);
            }
        }
    }

    /// <summary>The gradient of the recency logits <c>[history, 1]</c>.</summary>
    public void ToRecency(Block items, Block gradient, Block recency)
    {
        var sums = new float[Sums][];
        Parallel.For(0, Sums, part =>
        {
            var (sum, slopes) = (sums[part] = new float[powers.Length], new float[powers.Length]);
            for (var row = batch.Count * part / Sums; row < batch.Count * (part + 1) / Sums; row++)
            {
                var (start, length) = Of(row);
                var mean = 0f;
                for (var place = 0; place < length; place++)
                {
                    slopes[place] = TensorPrimitives.Dot<float>(items[batch.History[start + place]], gradient[row]);
                    mean += powers[place] / totals[length] * slopes[place];
                }

                for (var place = 0; place < length; place++)
                {
                    sum[place] += powers[place] / totals[length] * (slopes[place] - mean);
                }
            }
        });
        for (var place = 0; place < powers.Length; place++)
        {
            recency[place][0] = sums.Sum(sum => sum[place]);
        }
    }

    private (int Start, int Length) Of(int row) => (batch.Starts[row], batch.Starts[row + 1] - batch.Starts[row]);
}
