using Reco.Training.Data;

namespace Reco.Training.Model.Direct;

/// <summary>Deals the batches of <see cref="DirectFit"/>: shuffled purchases, each predicted from what the same user bought strictly before it,
/// with negatives as <see cref="NegativeSampler"/> draws them. A batch is made while the one before is learned from.</summary>
/// <param name="train">Purchases.</param>
/// <param name="histories">Their users' histories.</param>
/// <param name="content">Content of the items.</param>
/// <param name="counts">Purchases of each item.</param>
/// <param name="options">Sizes and seed.</param>
/// <param name="turns">Turns of an epoch; null for one.</param>
internal sealed class StepBatches(InteractionLog train, Histories histories, ContentRows content, float[] counts, TrainingOptions options, Turns? turns = null) : IDisposable
{
    private readonly Turns turns = turns ?? Turns.Whole;
    private readonly Memory<int> shuffled = train.Storage.Room<int>(train.Length);
    private readonly double[] popular = Shares(counts, NegativeSampler.Power);
    private readonly double[] share = Shares(counts, 1);
    private readonly int popularCount = (int)Math.Round(options.Negatives * options.PopularNegatives);
    private readonly StepBatch[] sides = [Room(histories, content, counts), Room(histories, content, counts)];

    private bool Whole => counts.Length <= options.Negatives + options.BatchSize;

    /// <summary>The batches of a turn; they depend on seed and turn alone. A batch may be read until the next one is asked for.</summary>
    public IEnumerable<StepBatch> Turn(int turn)
    {
        var order = new Random(unchecked((options.Seed * 10_007) + turns.Epoch(turn)));
        Shuffle(order);
        var random = turns.After(order, options.Seed, turn);
        var (position, end) = turns.Part(turn, shuffled.Length);
        var sums = popularCount == 0 ? [] : Sums(popular);

        // A batch of one has no in-batch negative and says nothing.
        bool HasNext(int from) => end - from >= Math.Min(2, shuffled.Length) && from < end;
        Task<StepBatch> Make(int from, int side) => Task.Run(() => Fill(sides[side], from, Math.Min(options.BatchSize, end - from), random, sums));
        var side = 0;
        var next = HasNext(position) ? Make(position, side) : null;
        try
        {
            while (next is not null)
            {
                var batch = next.GetAwaiter().GetResult();
                (position, side) = (position + batch.Count, 1 - side);
                next = HasNext(position) ? Make(position, side) : null;
                yield return batch;
            }
        }
        finally
        {
            // Whoever leaves early may unmap the log next: nobody may be reading it then.
            Task.WaitAny(next ?? Task.CompletedTask);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => train.Storage.Free(shuffled);

    private void Shuffle(Random random)
    {
        var order = shuffled.Span;
        for (var index = 0; index < order.Length; index++)
        {
            order[index] = index;
        }

        random.Shuffle(order);
    }

    private StepBatch Fill(StepBatch batch, int first, int count, Random random, double[] sums)
    {
        batch.Clear(count, Whole ? counts.Length : count + options.Negatives, options.History);
        for (var item = 0; Whole && item < counts.Length; item++)
        {
            (batch.Candidates[item], batch.Offsets[item]) = (batch.Items.Place(item), 0);
        }

        var length = 0;
        var log = train.Span;
        var order = shuffled.Span.Slice(first, count);
        for (var row = 0; row < count; row++)
        {
            var (user, item, time) = log[order[row]];
            batch.User[row] = batch.Users.Place(random.NextDouble() < options.UserDropout ? 0 : user + 1);
            if (Whole)
            {
                batch.Bought[row] = item;
            }
            else
            {
                Candidate(batch, batch.Bought[row] = row, item, count);
            }

            batch.Starts[row] = length;
            var recent = histories.Before(user, time, options.History);
            for (var place = recent.Length - 1; place >= 0; place--)
            {
                batch.History[length++] = batch.Items.Place(recent[place]);
            }
        }

        batch.Starts[count] = length;
        for (var negative = 0; !Whole && negative < options.Negatives; negative++)
        {
            Candidate(batch, count + negative, negative < popularCount ? Draw(sums, random) : random.Next(counts.Length), count);
        }

        batch.Complete(content);
        return batch;
    }

    private void Candidate(StepBatch batch, int candidate, int item, int positives)
    {
        var expected = (share[item] * positives) + (popular[item] * popularCount) + ((options.Negatives - popularCount) / (double)counts.Length);
        batch.Candidates[candidate] = batch.Items.Place(item);
        batch.Offsets[candidate] = (float)Math.Log(Math.Max(expected, 1e-12));
    }

    private static int Draw(double[] sums, Random random)
    {
        var place = Array.BinarySearch(sums, random.NextDouble() * sums[^1]);
        return Math.Min(place < 0 ? ~place : place + 1, sums.Length - 1);
    }

    private static double[] Shares(float[] counts, double power)
    {
        var weights = counts.Select(count => Math.Pow(count, power)).ToArray();
        var sum = Math.Max(weights.Sum(), double.Epsilon);
        return [.. weights.Select(weight => weight / sum)];
    }

    private static double[] Sums(double[] shares)
    {
        var sum = 0.0;
        return [.. shares.Select(share => sum += share)];
    }

    private static StepBatch Room(Histories histories, ContentRows content, float[] counts) => new(histories.Users + 1, counts.Length, content.Values);
}
