using Reco.Bundle;
using Reco.Training.Data;
using static TorchSharp.torch;

namespace Reco.Training.Search;

/// <summary>Trains the query tower: queries that are drawn from an item's own text must find the item among those of the batch
/// (sampled softmax on cosines). Items that people bought more often are drawn more often, and get a bias. Both sides share one table
/// of hashed tokens, so that new items and words have a vector, too.</summary>
/// <param name="shop">Data; only purchases that are handed over separately count.</param>
/// <param name="seed">Seed of everything random.</param>
internal sealed class SearchTrainer(Shop shop, int seed)
{
    private const int Width = 63;
    private const int Batch = 512;
    private const int MostSteps = 600;
    private const int Passes = 8;
    private const double Temperature = 0.07;
    private const double Rate = 0.01;
    private static readonly float[] Biases = [0, 0.02f, 0.05f, 0.1f, 0.2f];

    private readonly string[] texts = Queries.Texts(shop.Items);

    /// <summary>Trains on some items' texts.</summary>
    /// <param name="train">Purchases that may be known.</param>
    /// <param name="sources">Items that queries are drawn from.</param>
    /// <param name="validation">Sets of queries, whose mean nDCG@10 decides how much popularity adds.</param>
    /// <param name="cancellation">Stops the fit.</param>
    /// <returns>The tower as it is packaged: what int8 rounds is rounded.</returns>
    public (SearchWeights Weights, float Bias) Fit(InteractionLog train, IReadOnlyList<int> sources, IReadOnlyList<Query[]> validation, CancellationToken cancellation)
    {
        var counts = Counts(train);
        var (buckets, tokens) = Tokenise();
        using var table = FitTable(buckets, tokens, sources, counts, cancellation);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var rows = table.data<float>().ToArray();
        rows.AsSpan(0, Width).Clear();
        rows = Rounded(rows, Width);
        var vectors = new float[shop.Items.Count * (Width + 1)];
        var weights = new SearchWeights { Buckets = buckets, Dimension = Width + 1, Tokens = rows, Items = vectors };
        for (var item = 0; item < shop.Items.Count; item++)
        {
            weights.Embed(tokens[item], vectors.AsSpan(item * (Width + 1), Width + 1));
        }

        return Biases.Select(bias => (Weights: WithPopularity(weights, train, bias), Bias: bias))
            .MaxBy(choice => validation.Average(set => SearchEvaluator.Ndcg(choice.Weights, set, shop.Items.Count)));
    }

    /// <summary>Sets the items' biases: what popularity adds to a cosine, at most <paramref name="bias"/>.</summary>
    public SearchWeights WithPopularity(SearchWeights weights, InteractionLog train, float bias)
    {
        var (counts, items) = (Counts(train), weights.Items.ToArray());
        var top = MathF.Log(1 + Math.Max(1, counts.Max()));
        for (var item = 0; item < counts.Length; item++)
        {
            items[(item * (Width + 1)) + Width] = bias * MathF.Log(1 + counts[item]) / top;
        }

        return weights with { Items = Rounded(items, Width + 1) };
    }

    private float[] Counts(InteractionLog train)
    {
        var counts = new float[shop.Items.Count];
        foreach (var entry in train)
        {
            counts[entry.Item]++;
        }

        return counts;
    }

    private static float[] Rounded(float[] values, int columns)
    {
        var (matrix, rounded) = (ItemMatrix.Quantise(values, values.Length / columns, columns), new float[values.Length]);
        for (var row = 0; row < matrix.Items; row++)
        {
            matrix.CopyRow(row, rounded.AsSpan(row * columns, columns));
        }

        return rounded;
    }

    /// <summary>Twice as many buckets as tokens, in a power of two: few collide.</summary>
    private (int Buckets, long[][] Tokens) Tokenise()
    {
        const int Widest = 1 << 24;
        var distinct = texts.SelectMany(text => SearchTokens.Of(text, Widest)).Distinct().Count();
        var buckets = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(2 * distinct, 1_024, 65_536));
        return (buckets, [.. texts.Select(text => SearchTokens.Of(text, buckets).ToArray())]);
    }

    private Tensor FitTable(int buckets, long[][] tokens, IReadOnlyList<int> sources, float[] counts, CancellationToken cancellation)
    {
        manual_seed(seed);
        var random = new Random(seed);
        var table = nn.Parameter(randn(buckets + 1, Width).mul(0.1));
        using var optimizer = optim.Adam([table], Rate);
        var (numbers, groups) = (new Dictionary<string, long>(StringComparer.Ordinal), new long[texts.Length]);
        for (var item = 0; item < texts.Length; item++)
        {
            groups[item] = numbers.TryGetValue(texts[item], out var number) ? number : numbers[texts[item]] = numbers.Count;
        }

        // Drawn by the square root of purchases: the long tail is searched for as well.
        var ladder = new double[sources.Count];
        var sum = 0.0;
        for (var place = 0; place < ladder.Length; place++)
        {
            ladder[place] = sum += Math.Sqrt(1 + counts[sources[place]]);
        }

        var steps = Math.Min(MostSteps, Math.Max(1, Passes * sources.Count / Batch));
        for (var step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var items = new int[Math.Min(Batch, sources.Count)];
            for (var row = 0; row < items.Length; row++)
            {
                var place = Array.BinarySearch(ladder, random.NextDouble() * sum);
                items[row] = sources[Math.Min(ladder.Length - 1, place < 0 ? ~place : place)];
            }

            optimizer.zero_grad();
            var queries = Bags(table, [.. items.Select(item => SearchTokens.Of(Queries.Draw(texts[item], random), buckets).ToArray())]);
            var found = Bags(table, [.. items.Select(item => tokens[item])]);
            var logits = queries.matmul(found.t()).div(Temperature);

            // Another item with the very same text is no wrong answer.
            var group = tensor(items.Select(item => groups[item]).ToArray());
            var same = group.unsqueeze(0).eq(group.unsqueeze(1));
            var own = arange(items.Length, dtype: int64);
            same.index_put_(false, own, own);
            nn.functional.cross_entropy(logits.masked_fill(same, -1e9), own).backward();
            optimizer.step();
        }

        return table.detach();
    }

    /// <summary>Sums of token rows of length 1 <c>[n, width]</c>, by a sparse product.</summary>
    private static Tensor Bags(Tensor table, long[][] lists)
    {
        var total = lists.Sum(list => list.Length);
        var (rows, columns) = (new long[total], new long[total]);
        var place = 0;
        for (var row = 0; row < lists.Length; row++)
        {
            foreach (var token in lists[row])
            {
                (rows[place], columns[place]) = (row, token);
                place++;
            }
        }

        using var matrix = sparse_coo_tensor(stack([tensor(rows), tensor(columns)]), ones(total), [lists.Length, table.shape[0]]);
        return nn.functional.normalize(matrix.mm(table), 2, 1, 1e-6);
    }
}
