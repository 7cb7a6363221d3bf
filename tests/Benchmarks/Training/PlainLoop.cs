using System.Diagnostics;
using Reco.Training.Data;
using static TorchSharp.torch;

namespace Reco.Benchmarks.Training;

/// <summary>The throughput benchmark's model as one writes it in TorchSharp: whole embeddings with dense gradients, AdamW over all of them, a
/// batch made when it is needed. <c>trainer.py</c> is the same in Python.</summary>
internal static class PlainLoop
{
    private const int Warm = 5;

    /// <summary>Times some steps, after a few that are not counted.</summary>
    /// <returns>Interactions a second.</returns>
    public static double Run(Interaction[] log, int users, int items, int categories, TrainingSizes sizes, int steps)
    {
        manual_seed(1);
        var width = sizes.Dimension - 1;
        using var own = nn.Embedding(items, width);
        using var user = nn.Embedding(users + 1, width);
        using var bias = nn.Embedding(items, 1);
        using var content = nn.Embedding(categories, width + 1);
        using var passing = nn.Parameter(eye(width));
        using var recency = nn.Parameter(zeros(sizes.History));
        foreach (var (table, size) in new[] { (own, 0.1), (user, 0), (bias, 0), (content, 0.1) })
        {
            nn.init.normal_(table.weight!, 0, size);
        }

        using var optimizer = optim.AdamW([own.weight!, user.weight!, bias.weight!, content.weight!, passing, recency], 0.003, weight_decay: 0.01);
        using var category = arange(items, dtype: int64).remainder(categories);
        var histories = new Histories(log, users);
        var share = new double[items];
        Array.ForEach(log, entry => share[entry.Item] += 1.0 / log.Length);
        var random = new Random(1);
        var clock = new Stopwatch();
        for (var step = 0; step < steps + Warm; step++)
        {
            if (step == Warm)
            {
                clock.Start();
            }

            using var scope = NewDisposeScope();
            var (who, recent) = (new long[sizes.Batch], new long[sizes.Batch * sizes.History]);
            var candidates = new long[sizes.Batch + sizes.Negatives];
            for (var row = 0; row < candidates.Length; row++)
            {
                var entry = log[random.Next(log.Length)];
                candidates[row] = row < sizes.Batch ? entry.Item : random.Next(items);
                if (row < sizes.Batch)
                {
                    who[row] = random.NextDouble() < 0.3 ? 0 : entry.User + 1;
                    histories.Write(entry.User, entry.Time, recent.AsSpan(row * sizes.History, sizes.History));
                }
            }

            var expected = tensor(candidates.Select(item => (float)Math.Log((share[item] * sizes.Batch) + (sizes.Negatives / (double)items))).ToArray());
            var past = tensor(recent, [sizes.Batch, sizes.History]);
            var (padding, history) = (past.eq(0), past.sub(1).clamp(min: 0));
            var weights = recency.expand(sizes.Batch, -1).masked_fill(padding, -1e9).softmax(-1).masked_fill(padding, 0);
            var vectors = own.forward(history).add(content.forward(category.index_select(0, history.reshape(-1))).view(sizes.Batch, sizes.History, width + 1).slice(2, 0, width, 1));
            var left = user.forward(tensor(who)).add(weights.unsqueeze(1).bmm(vectors).squeeze(1).matmul(passing));
            var named = tensor(candidates);
            var described = content.forward(category.index_select(0, named));
            var right = own.forward(named).add(described.slice(1, 0, width, 1));
            var logits = left.matmul(right.t()).add(bias.forward(named).squeeze(1)).add(described.select(1, width)).sub(expected);
            var place = arange(sizes.Batch, dtype: int64);
            var same = named.slice(0, 0, sizes.Batch, 1).unsqueeze(1).eq(named.unsqueeze(0));
            same.index_put_(false, place, place);
            var loss = nn.functional.cross_entropy(logits.masked_fill(same, -1e9), place);
            optimizer.zero_grad();
            loss.backward();
            optimizer.step();
            _ = loss.item<float>();
        }

        return (double)steps * sizes.Batch / clock.Elapsed.TotalSeconds;
    }
}

/// <summary>Sizes that every trainer in the benchmark has.</summary>
/// <param name="Batch">Interactions in a batch.</param>
/// <param name="Negatives">Negatives that a batch shares.</param>
/// <param name="History">Items that describe a user.</param>
/// <param name="Dimension">Length of the vectors.</param>
internal readonly record struct TrainingSizes(int Batch, int Negatives, int History, int Dimension);
