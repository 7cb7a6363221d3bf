using Reco.Training.Data;
using Reco.Training.Evaluation;
using Reco.Training.Model;
using static TorchSharp.torch;

namespace Reco.Training.Ranking;

/// <summary>A trained ranker: an MLP with one hidden layer over <see cref="RankerFeatures"/>, standardisation folded in.</summary>
/// <param name="Features">Makes its inputs.</param>
/// <param name="Hidden">Weights <c>[features, hidden]</c>.</param>
/// <param name="HiddenBias">Biases <c>[hidden]</c>.</param>
/// <param name="Output">Weights <c>[hidden]</c>.</param>
internal sealed record RankerWeights(RankerFeatures Features, float[] Hidden, float[] HiddenBias, float[] Output)
{
    /// <summary>Scores of candidates <c>[candidates]</c>.</summary>
    public float[] Score(ReadOnlySpan<long> recent, int[] candidates, float[] scores)
    {
        var features = new float[candidates.Length * Features.Count];
        Features.Write(recent, candidates, scores, features);
        var result = new float[candidates.Length];
        for (var place = 0; place < candidates.Length; place++)
        {
            for (var unit = 0; unit < Output.Length; unit++)
            {
                var sum = HiddenBias[unit];
                for (var feature = 0; feature < Features.Count; feature++)
                {
                    sum += features[(place * Features.Count) + feature] * Hidden[(feature * Output.Length) + unit];
                }

                result[place] += Math.Max(0, sum) * Output[unit];
            }
        }

        return result;
    }
}

/// <summary>Learns the ranker on the validation period, from candidates of towers that know nothing of that period: listwise
/// softmax over a user's candidates (ListNet, Cao et al. 2007, with the purchases as target).</summary>
internal sealed class RankerTrainer(TrainingOptions options, Action<string> say)
{
    private const int HiddenUnits = 32;
    private const int MostEpochs = 20;
    private const int BatchUsers = 64;
    private const int Folds = 4;

    /// <summary>Fits a ranker.</summary>
    /// <param name="towers">First stage, fitted before the validation period.</param>
    /// <param name="features">Tables made before the validation period.</param>
    /// <param name="final">Tables that the ranker is to be served with.</param>
    /// <param name="histories">Histories before the validation period.</param>
    /// <param name="held">Purchases of the validation period.</param>
    /// <param name="cancellation">Stops the fit.</param>
    /// <returns>The ranker; null where it is no better than the towers' own order on users that it did not see.</returns>
    public RankerWeights? Fit(
        IRanker towers, RankerFeatures features, RankerFeatures final, Histories histories, IReadOnlyDictionary<int, int[]> held, CancellationToken cancellation)
    {
        var lists = Lists(towers, features, histories, held);
        if (lists.Count < 50)
        {
            return null;
        }

        var random = new Random(options.Seed);
        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(lists));

        // How long to learn is read off users that a fit did not see, of every fold: a fourth of them alone would say little.
        var epochs = Math.Min(MostEpochs, options.Epochs);
        var byEpoch = new double[epochs + 1];
        byEpoch[0] = lists.Sum(list => list.Ndcg(null));
        for (var fold = 0; fold < Folds; fold++)
        {
            var check = lists.Where((_, place) => place % Folds == fold).ToList();
            Run(features, [.. lists.Where((_, place) => place % Folds != fold)], epochs, (network, epoch) => byEpoch[epoch] += check.Sum(list => list.Ndcg(network.Score(list))), cancellation);
        }

        var best = Array.IndexOf(byEpoch, byEpoch.Max());
        say(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"ranker: ndcg@10 {byEpoch[best] / lists.Count:F4} on users that it did not see ({lists.Count} in {Folds} folds), towers alone {byEpoch[0] / lists.Count:F4}, {best} epochs"));
        return best == 0 ? null : Run(features, lists, best, (_, _) => { }, cancellation).Export(final);
    }

    private List<CandidateList> Lists(IRanker towers, RankerFeatures features, Histories histories, IReadOnlyDictionary<int, int[]> held)
    {
        var lists = new CandidateList?[held.Count];
        var users = held.Keys.Order().ToArray();
        Parallel.For(0, users.Length, row =>
        {
            var scores = new float[towers.Items];
            var recent = new long[options.History];
            towers.Score(users[row], scores);
            histories.Write(users[row], long.MaxValue, recent);
            var candidates = Candidates.Of(scores, recent, options.Candidates);
            var relevant = held[users[row]];
            var labels = candidates.Select(item => Array.BinarySearch(relevant, item) >= 0 ? 1f : 0f).ToArray();
            var values = new float[candidates.Length * features.Count];
            features.Write(recent, candidates, [.. candidates.Select(item => scores[item])], values);
            lists[row] = new CandidateList(values, labels, relevant.Length);
        });
        return [.. lists.OfType<CandidateList>()];
    }

    private Network Run(RankerFeatures features, List<CandidateList> lists, int epochs, Action<Network, int> afterEpoch, CancellationToken cancellation)
    {
        manual_seed(options.Seed);
        var random = new Random(options.Seed);
        var network = new Network(features.Count, HiddenUnits, lists);
        using var optimizer = optim.AdamW(network.Parameters, 0.01, weight_decay: 0.05);
        var order = lists.Where(list => list.Labels.Any(label => label > 0)).ToArray();
        for (var epoch = 1; epoch <= epochs; epoch++)
        {
            random.Shuffle(order);
            foreach (var batch in order.Chunk(BatchUsers))
            {
                cancellation.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                optimizer.zero_grad();
                var loss = network.Loss(batch);
                loss.backward();
                optimizer.step();
            }

            afterEpoch(network, epoch);
        }

        return network;
    }

    /// <summary>The candidates of one user.</summary>
    private sealed record CandidateList(float[] Features, float[] Labels, int Relevant)
    {
        /// <summary>nDCG@10 by some scores, or in the towers' order.</summary>
        public double Ndcg(float[]? scores)
        {
            var order = scores is null ? [.. Enumerable.Range(0, Math.Min(10, Labels.Length))] : RankingMetrics.Top(scores, 10);
            var gain = order.Select((place, rank) => Labels[place] / Math.Log2(rank + 2)).Sum();
            return gain / Enumerable.Range(0, Math.Min(10, Relevant)).Sum(rank => 1 / Math.Log2(rank + 2));
        }
    }

    private sealed class Network
    {
        private readonly int features;
        private readonly float[] mean;
        private readonly float[] deviation;
        private readonly TorchSharp.Modules.Linear hidden;
        private readonly TorchSharp.Modules.Linear output;

        public Network(int features, int units, List<CandidateList> lists)
        {
            this.features = features;
            (mean, deviation) = Moments(lists);
            hidden = nn.Linear(features, units);
            output = nn.Linear(units, 1, hasBias: false);
        }

        public IEnumerable<TorchSharp.Modules.Parameter> Parameters => [.. hidden.parameters(), .. output.parameters()];

        public Tensor Loss(CandidateList[] batch)
        {
            var widest = batch.Max(list => list.Labels.Length);
            var values = new float[batch.Length * widest * features];
            var labels = new float[batch.Length * widest];
            var padding = new bool[batch.Length * widest];
            for (var row = 0; row < batch.Length; row++)
            {
                Standardise(batch[row].Features, values.AsSpan(row * widest * features));
                batch[row].Labels.CopyTo(labels, row * widest);
                padding.AsSpan((row * widest) + batch[row].Labels.Length, widest - batch[row].Labels.Length).Fill(true);
            }

            var scores = Forward(tensor(values, [batch.Length, widest, features])).masked_fill(tensor(padding, [batch.Length, widest]), -1e9);
            var target = tensor(labels, [batch.Length, widest]);
            return scores.log_softmax(1).mul(target).sum().neg().div(target.sum());
        }

        public float[] Score(CandidateList list)
        {
            using var scope = NewDisposeScope();
            using var off = no_grad();
            var values = new float[list.Features.Length];
            Standardise(list.Features, values);
            return Forward(tensor(values, [list.Labels.Length, features])).data<float>().ToArray();
        }

        /// <summary>Takes the weights out; standardisation goes into the first layer.</summary>
        public RankerWeights Export(RankerFeatures tables)
        {
            using var scope = NewDisposeScope();
            using var off = no_grad();
            var weights = hidden.weight!.div(tensor(deviation).unsqueeze(0));
            var bias = hidden.bias!.sub(weights.matmul(tensor(mean)));
            return new RankerWeights(tables, weights.t().contiguous().data<float>().ToArray(), bias.data<float>().ToArray(), output.weight!.flatten().data<float>().ToArray());
        }

        private Tensor Forward(Tensor values) => output.forward(nn.functional.relu(hidden.forward(values))).squeeze(-1);

        private void Standardise(ReadOnlySpan<float> from, Span<float> to)
        {
            for (var k = 0; k < from.Length; k++)
            {
                to[k] = (from[k] - mean[k % features]) / deviation[k % features];
            }
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
}
