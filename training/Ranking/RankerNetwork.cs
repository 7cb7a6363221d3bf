using System.Numerics;
using System.Runtime.InteropServices;

namespace Reco.Training.Ranking;

/// <summary>Learns a <see cref="NetworkHead"/>: listwise softmax over a user's candidates (ListNet, Cao et al. 2007) with the
/// purchases as target, or with what a teacher says of them (Hinton et al. 2015). The network is so small that its gradient is written
/// out here: in libtorch most of the time went into calls, and products as narrow as these are not summed in the same order every
/// time, so that a seed would not give one result.</summary>
internal sealed class RankerNetwork
{
    private const int BatchUsers = 64;

    private readonly int features;
    private readonly int units;
    private readonly float[] mean;
    private readonly float[] deviation;

    // Weights [features, units], then biases [units], then output weights [units].
    private readonly float[] parameters;
    private readonly float[] gradient;

    private RankerNetwork(int features, int units, List<CandidateList> lists, Random random)
    {
        // Vectors of the machine are filled to the end.
        ArgumentOutOfRangeException.ThrowIfNotEqual(units % Vector<float>.Count, 0);
        (this.features, this.units) = (features, units);
        (mean, deviation) = Moments(lists);
        parameters = new float[(features + 2) * units];
        gradient = new float[parameters.Length];
        var output = parameters.Length - units;
        for (var k = 0; k < parameters.Length; k++)
        {
            parameters[k] = ((2 * random.NextSingle()) - 1) / MathF.Sqrt(k < output ? features : units);
        }
    }

    /// <summary>Learns for some passes over the lists.</summary>
    /// <param name="lists">Candidates; what nobody bought from teaches nothing and is left out.</param>
    /// <param name="targets">What to learn, by list; null for the purchases themselves.</param>
    /// <param name="units">Hidden units.</param>
    /// <param name="epochs">Passes.</param>
    /// <param name="seed">Seed of weights and order.</param>
    /// <param name="afterEpoch">Is told the number of each pass that is over.</param>
    /// <param name="cancellation">Stops it.</param>
    public static RankerNetwork Fit(
        List<CandidateList> lists, Func<CandidateList, float[]>? targets, int units, int epochs, int seed, Action<RankerNetwork, int> afterEpoch, CancellationToken cancellation)
    {
        var random = new Random(seed);
        var network = new RankerNetwork(lists[0].Features.Length / lists[0].Labels.Length, units, lists, random);
        var optimizer = new AdamW(network.parameters.Length);
        var order = lists.Where(list => list.HasPurchases).Select(list => (Features: network.Standardised(list), Target: targets?.Invoke(list) ?? list.Labels)).ToArray();
        for (var epoch = 1; epoch <= epochs; epoch++)
        {
            random.Shuffle(order);
            foreach (var batch in order.Chunk(BatchUsers))
            {
                cancellation.ThrowIfCancellationRequested();
                network.gradient.AsSpan().Clear();
                var total = batch.Sum(entry => entry.Target.Sum());
                foreach (var (values, target) in batch)
                {
                    network.AddGradient(values, target, 1 / total);
                }

                optimizer.Step(network.parameters, network.gradient);
            }

            afterEpoch(network, epoch);
        }

        return network;
    }

    /// <summary>Scores of the candidates <c>[candidates]</c>.</summary>
    public float[] Score(CandidateList list) => Forward(Standardised(list), list.Labels.Length);

    /// <summary>Takes the weights out; standardisation goes into the first layer.</summary>
    public NetworkHead Export()
    {
        var hidden = new float[features * units];
        var bias = parameters.AsSpan(features * units, units).ToArray();
        for (var feature = 0; feature < features; feature++)
        {
            for (var unit = 0; unit < units; unit++)
            {
                var weight = hidden[(feature * units) + unit] = parameters[(feature * units) + unit] / deviation[feature];
                bias[unit] -= weight * mean[feature];
            }
        }

        return new NetworkHead(hidden, bias, parameters.AsSpan((features + 1) * units).ToArray());
    }

    private float[] Forward(float[] values, int rows)
    {
        var scores = new float[rows];
        Span<Vector<float>> hidden = stackalloc Vector<float>[units / Vector<float>.Count];
        var output = Vectors(parameters, features + 1);
        for (var row = 0; row < rows; row++)
        {
            scores[row] = Hidden(values.AsSpan(row * features, features), hidden, output);
        }

        return scores;
    }

    /// <summary>Adds the gradient of a list's cross-entropy, times a factor.</summary>
    private void AddGradient(float[] values, float[] target, float factor)
    {
        var scores = Forward(values, target.Length);
        var (most, sum, weight) = (scores.Max(), 0f, target.Sum());
        for (var row = 0; row < scores.Length; row++)
        {
            sum += scores[row] = MathF.Exp(scores[row] - most);
        }

        Span<Vector<float>> hidden = stackalloc Vector<float>[units / Vector<float>.Count];
        var output = Vectors(parameters, features + 1);
        var toBias = Vectors(gradient, features);
        var toOutput = Vectors(gradient, features + 1);
        for (var row = 0; row < target.Length; row++)
        {
            var slope = ((scores[row] / sum * weight) - target[row]) * factor;
            var input = values.AsSpan(row * features, features);
            Hidden(input, hidden, output);
            for (var part = 0; part < hidden.Length; part++)
            {
                toOutput[part] += hidden[part] * slope;
                hidden[part] = Vector.ConditionalSelect(Vector.GreaterThan(hidden[part], Vector<float>.Zero), output[part] * slope, Vector<float>.Zero);
                toBias[part] += hidden[part];
            }

            for (var feature = 0; feature < features; feature++)
            {
                var to = Vectors(gradient, feature);
                for (var part = 0; part < hidden.Length; part++)
                {
                    to[part] += hidden[part] * input[feature];
                }
            }
        }
    }

    /// <summary>Hidden units of a candidate, and its score.</summary>
    private float Hidden(ReadOnlySpan<float> input, Span<Vector<float>> hidden, ReadOnlySpan<Vector<float>> output)
    {
        Vectors(parameters, features).CopyTo(hidden);
        for (var feature = 0; feature < input.Length; feature++)
        {
            var weights = Vectors(parameters, feature);
            for (var part = 0; part < hidden.Length; part++)
            {
                hidden[part] += weights[part] * input[feature];
            }
        }

        var score = Vector<float>.Zero;
        for (var part = 0; part < hidden.Length; part++)
        {
            hidden[part] = Vector.Max(hidden[part], Vector<float>.Zero);
            score += hidden[part] * output[part];
        }

        return Vector.Sum(score);
    }

    private Span<Vector<float>> Vectors(float[] array, int row) => MemoryMarshal.Cast<float, Vector<float>>(array.AsSpan(row * units, units));

    private float[] Standardised(CandidateList list)
    {
        var values = new float[list.Features.Length];
        for (var k = 0; k < values.Length; k++)
        {
            values[k] = (list.Features[k] - mean[k % features]) / deviation[k % features];
        }

        return values;
    }

    private (float[] Mean, float[] Deviation) Moments(List<CandidateList> lists)
    {
        var (sum, squares, count) = (new double[features], new double[features], 0L);
        foreach (var values in lists.Select(list => list.Features))
        {
            for (var k = 0; k < values.Length; k++)
            {
                sum[k % features] += values[k];
                squares[k % features] += values[k] * (double)values[k];
            }

            count += values.Length / features;
        }

        var means = sum.Select(value => value / count).ToArray();
        return ([.. means.Select(value => (float)value)], [.. squares.Select((value, k) => (float)Math.Sqrt(Math.Max(1e-6, (value / count) - (means[k] * means[k]))))]);
    }
}
