using System.Numerics.Tensors;

namespace Reco.Training.Compression;

/// <summary>The item matrix in product quantisation (Jégou et al. 2011): the learned coordinates are cut into parts, each part of an
/// item is the nearest of 256 centroids and so one byte; the item's bias, on which the order hangs most, stays apart in 16 bits. A
/// user's scores come from one table of dot products a part.</summary>
internal sealed class ProductQuantiser
{
    private const int MostCentroids = 256;
    private const int Rounds = 6;
    private const int Sample = 8_192;

    private readonly int[] starts;
    private readonly float[][] centroids;
    private readonly byte[] codes;
    private readonly Half[] biases;

    /// <summary>Learns the centroids and codes the items.</summary>
    /// <param name="vectors">Item vectors with the bias as their last coordinate <c>[items, d]</c>.</param>
    /// <param name="items">Number of items.</param>
    /// <param name="dimension">Length d of a vector.</param>
    /// <param name="parts">Number of parts; at most d - 1.</param>
    /// <param name="seed">Seed of the first centroids.</param>
    public ProductQuantiser(float[] vectors, int items, int dimension, int parts, int seed)
    {
        Items = items;
        Parts = Math.Min(parts, dimension - 1);
        starts = [.. Enumerable.Range(0, Parts + 1).Select(part => part * (dimension - 1) / Parts)];
        centroids = new float[Parts][];
        codes = new byte[items * Parts];
        biases = [.. Enumerable.Range(0, items).Select(item => (Half)vectors[(item * dimension) + dimension - 1])];
        Parallel.For(0, Parts, part =>
        {
            var size = starts[part + 1] - starts[part];
            var values = new float[items * size];
            for (var item = 0; item < items; item++)
            {
                vectors.AsSpan((item * dimension) + starts[part], size).CopyTo(values.AsSpan(item * size));
            }

            centroids[part] = Learn(values, items, size, new Random(unchecked((seed * 7_919) + part)));
            for (var item = 0; item < items; item++)
            {
                codes[(item * Parts) + part] = (byte)Nearest(centroids[part], values.AsSpan(item * size, size));
            }
        });
    }

    /// <summary>Number of items.</summary>
    public int Items { get; }

    /// <summary>Parts, and so bytes of an item beside its bias.</summary>
    public int Parts { get; }

    /// <summary>Size: codes, biases and centroids in FP32.</summary>
    public long Bytes => codes.Length + (2L * biases.Length) + (4L * centroids.Sum(part => part.Length));

    /// <summary>Scores of every item for one user vector.</summary>
    public void Score(ReadOnlySpan<float> user, Span<float> scores)
    {
        var table = new float[Parts * MostCentroids];
        for (var part = 0; part < Parts; part++)
        {
            var size = starts[part + 1] - starts[part];
            for (var centroid = 0; centroid < centroids[part].Length / size; centroid++)
            {
                table[(part * MostCentroids) + centroid] = TensorPrimitives.Dot(user.Slice(starts[part], size), centroids[part].AsSpan(centroid * size, size));
            }
        }

        for (var item = 0; item < scores.Length; item++)
        {
            var sum = user[^1] * (float)biases[item];
            var code = codes.AsSpan(item * Parts, Parts);
            for (var part = 0; part < code.Length; part++)
            {
                sum += table[(part * MostCentroids) + code[part]];
            }

            scores[item] = sum;
        }
    }

    /// <summary>Lloyd's algorithm from distinct items.</summary>
    private static float[] Learn(float[] values, int items, int size, Random random)
    {
        var sample = Enumerable.Range(0, items).ToArray();
        random.Shuffle(sample);
        sample = sample[..Math.Min(items, Sample)];
        var count = Math.Min(MostCentroids, sample.Length);
        var centres = new float[count * size];
        for (var centre = 0; centre < count; centre++)
        {
            values.AsSpan(sample[centre] * size, size).CopyTo(centres.AsSpan(centre * size));
        }

        for (var round = 0; round < Rounds; round++)
        {
            var (sums, members) = (new float[centres.Length], new int[count]);
            foreach (var item in sample)
            {
                var value = values.AsSpan(item * size, size);
                var nearest = Nearest(centres, value);
                var sum = sums.AsSpan(nearest * size, size);
                TensorPrimitives.Add(sum, value, sum);
                members[nearest]++;
            }

            for (var centre = 0; centre < count; centre++)
            {
                // One without members starts again from some item.
                var to = centres.AsSpan(centre * size, size);
                if (members[centre] == 0)
                {
                    values.AsSpan(sample[random.Next(sample.Length)] * size, size).CopyTo(to);
                }
                else
                {
                    TensorPrimitives.Divide(sums.AsSpan(centre * size, size), members[centre], to);
                }
            }
        }

        return centres;
    }

    private static int Nearest(float[] centres, ReadOnlySpan<float> value)
    {
        var (best, least) = (0, float.PositiveInfinity);
        for (var centre = 0; centre < centres.Length / value.Length; centre++)
        {
            var distance = 0f;
            for (var c = 0; c < value.Length; c++)
            {
                var difference = centres[(centre * value.Length) + c] - value[c];
                distance += difference * difference;
            }

            (best, least) = distance < least ? (centre, distance) : (best, least);
        }

        return best;
    }
}
