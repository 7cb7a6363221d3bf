using System.Numerics.Tensors;
using Reco.Training.Data;

namespace Reco.Training.Model;

/// <summary>Vectors of the catalogue's words and column values, learned by skip-gram with negative sampling (Mikolov et al. 2013, "Distributed
/// Representations of Words and Phrases and their Compositionality"). What stands for a sentence is what belongs together in a shop: the
/// words of one item, and those of two items that the same user bought close to each other (as Grbovic et al. 2015 and Barkan and
/// Koenigstein 2016 do with whole items). So words of things that are bought together come close, also where no item has both.</summary>
internal sealed class WordVectors
{
    /// <summary>Length of the vectors.</summary>
    public const int Width = 48;

    private const int Window = 4;
    private const int Negatives = 5;
    private const int Passes = 4;
    private const int PairsOfAPurchase = 6;
    private const int PairsOfAnItem = 6;
    private const float Rate = 0.05f;

    /// <summary>Weight of a word is a / (a + its share): frequent ones say less (Arora et al. 2017).</summary>
    private const float Smoothing = 1e-2f;

    private const double Power = 0.75;

    private readonly float[] vectors;
    private readonly float[] weights;
    private readonly int[][] words;

    /// <summary>Learns the vectors; the same ones for the same input.</summary>
    /// <param name="content">Words and values of every item.</param>
    /// <param name="train">Purchases that may be known, ascending by time.</param>
    /// <param name="users">Number of users.</param>
    /// <param name="seed">Seed of everything random.</param>
    /// <param name="cancellation">Stops the fit.</param>
    public WordVectors(ItemContent content, InteractionLog train, int users, int seed, CancellationToken cancellation = default)
    {
        words = WordsOf(content);
        var counts = new double[content.Values];
        foreach (var word in words.SelectMany(list => list))
        {
            counts[word]++;
        }

        var all = Math.Max(1, counts.Sum());
        weights = [.. counts.Select(count => (float)(Smoothing / (Smoothing + (count / all))))];
        var random = new Random(seed);
        vectors = new float[content.Values * Width];
        for (var place = 0; place < vectors.Length; place++)
        {
            vectors[place] = (random.NextSingle() - 0.5f) / Width;
        }

        Learn(train.Histories(users), counts, random, cancellation);
    }

    /// <summary>Number of items.</summary>
    public int Items => words.Length;

    /// <summary>Vector of a word <c>[Width]</c>.</summary>
    public ReadOnlySpan<float> Word(int word) => vectors.AsSpan(word * Width, Width);

    /// <summary>Writes the vector of an item's text: the weighted mean of its words, of length 1; zero where it has none.</summary>
    public void Item(int item, Span<float> destination)
    {
        destination.Clear();
        foreach (var word in words[item])
        {
            TensorPrimitives.MultiplyAdd(Word(word), weights[word], destination, destination);
        }

        var norm = TensorPrimitives.Norm(destination);
        if (norm > 0)
        {
            TensorPrimitives.Divide(destination, norm, destination);
        }
    }

    private static int[][] WordsOf(ItemContent content)
    {
        var slots = content.Ids.GetLength(1);
        return [.. Enumerable.Range(0, content.Ids.GetLength(0)).Select(item =>
            Enumerable.Range(0, slots).Where(slot => content.Weights[item, slot] > 0).Select(slot => (int)content.Ids[item, slot]).ToArray())];
    }

    private void Learn(Histories histories, double[] counts, Random random, CancellationToken cancellation)
    {
        var noise = Cumulative(counts);
        if (noise.Length == 0 || noise[^1] == 0)
        {
            return;
        }

        var context = new float[vectors.Length];
        var gradient = new float[Width];
        for (var pass = 0; pass < Passes; pass++)
        {
            var rate = Rate * (1 - (pass / (float)Passes));
            for (var user = 0; user < histories.Users; user++)
            {
                cancellation.ThrowIfCancellationRequested();
                var history = histories.Of(user);
                for (var place = 0; place < history.Length; place++)
                {
                    for (var pair = 0; pair < PairsOfAPurchase && history.Length > 1; pair++)
                    {
                        var other = Math.Clamp(place + random.Next(-Window, Window + 1), 0, history.Length - 1);
                        Pair(words[history[place]], words[history[other]]);
                    }
                }
            }

            foreach (var item in words)
            {
                for (var pair = 0; pair < PairsOfAnItem && item.Length > 1; pair++)
                {
                    Pair(item, item);
                }
            }

            void Pair(int[] left, int[] right)
            {
                if (left.Length == 0 || right.Length == 0)
                {
                    return;
                }

                var (word, near) = (left[random.Next(left.Length)], right[random.Next(right.Length)]);
                if (word == near)
                {
                    return;
                }

                var vector = vectors.AsSpan(word * Width, Width);
                gradient.AsSpan().Clear();
                Step(vector, context.AsSpan(near * Width, Width), 1, rate, gradient);
                for (var negative = 0; negative < Negatives; negative++)
                {
                    var drawn = Draw(noise, random);
                    if (drawn != near)
                    {
                        Step(vector, context.AsSpan(drawn * Width, Width), 0, rate, gradient);
                    }
                }

                TensorPrimitives.Add(vector, gradient, vector);
            }
        }
    }

    private static void Step(ReadOnlySpan<float> word, Span<float> context, float label, float rate, Span<float> gradient)
    {
        var slope = rate * (label - (1 / (1 + MathF.Exp(-TensorPrimitives.Dot(word, context)))));
        TensorPrimitives.MultiplyAdd(context, slope, gradient, gradient);
        TensorPrimitives.MultiplyAdd(word, slope, context, context);
    }

    private static double[] Cumulative(double[] counts)
    {
        var (sums, sum) = (new double[counts.Length], 0.0);
        for (var word = 0; word < counts.Length; word++)
        {
            sums[word] = sum += Math.Pow(counts[word], Power);
        }

        return sums;
    }

    private static int Draw(double[] sums, Random random)
    {
        var place = Array.BinarySearch(sums, random.NextDouble() * sums[^1]);
        return Math.Min(place < 0 ? ~place : place + 1, sums.Length - 1);
    }
}
