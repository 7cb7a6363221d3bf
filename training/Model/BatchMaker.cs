using Reco.Training.Data;
using static TorchSharp.torch;

namespace Reco.Training.Model;

/// <summary>One batch.</summary>
/// <param name="Users">User indices + 1, 0 where the user is hidden <c>[batch]</c>.</param>
/// <param name="History">Item indices + 1 <c>[batch, history]</c>.</param>
/// <param name="Items">Items that were bought <c>[batch]</c>.</param>
internal sealed record Batch(Tensor Users, Tensor History, Tensor Items);

/// <summary>Deals shuffled batches. Each purchase is predicted from what the same user bought strictly before it.</summary>
internal sealed class BatchMaker(Interaction[] train, Histories histories, TrainingOptions options, Random random)
{
    private readonly int[] order = [.. Enumerable.Range(0, train.Length)];
    private int position;

    /// <summary>Starts an epoch.</summary>
    public void Shuffle()
    {
        random.Shuffle(order);
        position = 0;
    }

    /// <summary>The next batch; null at the end of the epoch.</summary>
    public Batch? Next()
    {
        var size = Math.Min(options.BatchSize, order.Length - position);

        // A batch of one has no in-batch negative and says nothing.
        if (size < Math.Min(2, order.Length))
        {
            return null;
        }

        var users = new long[size];
        var items = new long[size];
        var history = new long[size * options.History];
        for (var row = 0; row < size; row++)
        {
            var (user, item, time) = train[order[position + row]];
            users[row] = random.NextDouble() < options.UserDropout ? 0 : user + 1;
            items[row] = item;
            histories.Write(user, time, history.AsSpan(row * options.History, options.History));
        }

        position += size;
        return new Batch(tensor(users), tensor(history, [size, options.History]), tensor(items));
    }
}
