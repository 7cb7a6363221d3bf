using Reco.Training.Data;
using static TorchSharp.torch;

namespace Reco.Training.Model;

/// <summary>One batch.</summary>
/// <param name="Users">User indices + 1, 0 where the user is hidden <c>[batch]</c>.</param>
/// <param name="History">Item indices + 1 <c>[batch, history]</c>.</param>
/// <param name="Items">Items that were bought <c>[batch]</c>.</param>
internal sealed record Batch(Tensor Users, Tensor History, Tensor Items);

/// <summary>Deals shuffled batches. Each purchase is predicted from what the same user bought strictly before it.</summary>
/// <param name="train">Purchases.</param>
/// <param name="histories">Their users' histories.</param>
/// <param name="options">Sizes and seed.</param>
/// <param name="device">Where the batches go.</param>
/// <param name="rank">Which part of each batch this worker takes.</param>
/// <param name="workers">Number of parts.</param>
/// <param name="turns">Turns of an epoch; null for one.</param>
internal sealed class BatchMaker(InteractionLog train, Histories histories, TrainingOptions options, Device device, int rank = 0, int workers = 1, Turns? turns = null) : IDisposable
{
    private readonly Memory<int> shuffled = train.Storage.Room<int>(train.Length);
    private Random random = new(options.Seed);
    private readonly Turns turns = turns ?? Turns.Whole;
    private int position;
    private int end;

    /// <summary>Starts a turn; its order depends on seed and turn alone.</summary>
    public void Shuffle(int turn)
    {
        var order = shuffled.Span;
        for (var index = 0; index < order.Length; index++)
        {
            order[index] = index;
        }

        random = new Random(unchecked((options.Seed * 10_007) + turns.Epoch(turn)));
        random.Shuffle(order);
        random = turns.After(random, options.Seed, turn);
        (position, end) = turns.Part(turn, shuffled.Length);
    }

    /// <inheritdoc/>
    public void Dispose() => train.Storage.Free(shuffled);

    /// <summary>The next batch; null at the end of the turn.</summary>
    public Batch? Next()
    {
        var whole = Math.Min(options.BatchSize, end - position);

        // A batch of one has no in-batch negative and says nothing; no worker may be left without a part.
        if (whole < Math.Min(2 * workers, shuffled.Length))
        {
            return null;
        }

        var first = position + (int)((long)whole * rank / workers);
        var size = position + (int)((long)whole * (rank + 1) / workers) - first;

        var users = new long[size];
        var items = new long[size];
        var history = new long[size * options.History];
        var log = train.Span;
        var order = shuffled.Span.Slice(first, size);
        for (var row = 0; row < size; row++)
        {
            var (user, item, time) = log[order[row]];
            users[row] = random.NextDouble() < options.UserDropout ? 0 : user + 1;
            items[row] = item;
            histories.Write(user, time, history.AsSpan(row * options.History, options.History));
        }

        position += whole;
        return new Batch(tensor(users, device: device), tensor(history, [size, options.History], device: device), tensor(items, device: device));
    }
}
