using System.Numerics.Tensors;

namespace Reco.Training.Model.Direct;

/// <summary>Cross-entropy of a softmax over a batch's candidates, and its gradient, in one pass over the scores.</summary>
internal static class SoftmaxRows
{
    /// <summary>Replaces the scores by the gradient of the mean loss.</summary>
    /// <param name="batch">Candidates, which of them each example bought, and what is taken off their scores.</param>
    /// <param name="scores">Scores <c>[examples, candidates]</c>.</param>
    /// <param name="losses">Receives the loss of each example.</param>
    public static void Differentiate(StepBatch batch, Block scores, float[] losses) => Parts.Run(batch.Count, (from, to) =>
    {
        var offsets = batch.Offsets.AsSpan(0, batch.CandidateCount);
        for (var row = from; row < to; row++)
        {
            var values = scores[row];
            TensorPrimitives.Subtract(values, offsets, values);
            var own = batch.Bought[row];

            // The same item at another place is no negative.
            for (var same = batch.FirstSame[batch.Candidates[own]]; same >= 0; same = batch.NextSame[same])
            {
                values[same] = same == own ? values[same] : float.NegativeInfinity;
            }

            var (most, bought) = (TensorPrimitives.Max<float>(values), values[own]);
            TensorPrimitives.Subtract(values, most, values);
            TensorPrimitives.Exp<float>(values, values);
            var sum = TensorPrimitives.Sum<float>(values);
            TensorPrimitives.Multiply(values, 1 / (sum * batch.Count), values);
            values[own] -= 1f / batch.Count;
            losses[row] = MathF.Log(sum) + most - bought;
        }
    });
}
