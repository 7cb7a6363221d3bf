using System.Numerics.Tensors;
using Reco.Training.Data;
using Reco.Training.Evaluation;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Reco.Training.Model;

/// <summary>Two towers in closed form: EASE (Steck 2019) reduced to rank d-1.
/// <para>EASE scores a user by x_u B with B = I - P diag(P)^-1, P = (X'X + lambda I)^-1. The best rank-r approximation of XB is
/// X(BV)V' with V the first r right singular vectors of XB, so that e_i = V_i, and a user's vector is the mean of (BV)_h over
/// the history h: the form that is served, with separate item tables for history and candidates. V comes from subspace
/// iteration, so that neither XB nor, where there are fewer users than items or both are many, P is ever formed. Users count more evenly than by the
/// length of their histories: a row of X has the root of its user's weight instead of ones, which no order of scores depends on.</para></summary>
internal static class LinearTowers
{
    private const int PowerIterations = 6;

    /// <summary>Iterations that lead from the basis of one regularisation to that of the next.</summary>
    private const int FurtherIterations = 2;

    private const int Oversampling = 16;

    /// <summary>How evenly users count (<see cref="PurchaseMatrix"/>): squared errors otherwise go to the few with the longest histories. By
    /// measurement: tests/Benchmarks/Training.</summary>
    private const double Evenness = 0.5;

    /// <summary>Regularisations that <see cref="Tune"/> tries.</summary>
    public static readonly double[] Lambdas = [30, 100, 200, 300, 500, 1_000];

    private const int Middle = 3;

    /// <summary>What the bias of the most popular item adds to a score.</summary>
    private const float LargestBias = 1e-6f;

    private const int PopularItems = 100;

    /// <summary>Largest number of users or items, whichever is smaller, up to which a matrix of that size is inverted: that takes seconds and half
    /// a gibibyte. Beyond it products with the inverse are solved for.</summary>
    private const int MostInverted = 5_000;

    /// <summary>Most purchases up to which solving takes a few minutes.</summary>
    public const int MostSolved = 2_000_000;

    /// <summary>Most users and items together for that: solving keeps some thousand bytes for each.</summary>
    public const int MostRows = 300_000;

    /// <summary>Whether fits are so cheap that they are tried without being asked for.</summary>
    public static bool IsCheap(TwoTowerShape shape, InteractionLog train) => train.Length <= train.Storage.MostInMemory
        && (Inverts(shape.Users, shape.Items) || (train.Length <= MostSolved && (long)shape.Users + shape.Items <= MostRows));

    private static bool Inverts(int users, int items) => Math.Min(users, items) <= MostInverted;

    /// <summary>Fits towers of a shape.</summary>
    public static TowerWeights Fit(InteractionLog train, TwoTowerShape shape, double lambda, int seed, double evenness = Evenness)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var matrix = new PurchaseMatrix(train, shape.Users, shape.Items, evenness);
        return Fit(matrix, shape, lambda, seed, Start(shape, seed), PowerIterations).Weights;
    }

    /// <summary>P, inverted or solved for.</summary>
    public static IGramInverse Inverse(PurchaseMatrix matrix, double lambda, int seed) =>
        Inverts(matrix.Users, matrix.Items) ? new GramInverse(matrix, lambda) : new GramSolver(matrix, lambda, seed);

    private static Tensor Start(TwoTowerShape shape, int seed)
    {
        var rank = Math.Min(Math.Min(shape.Users, shape.Items), shape.Dimension - 1 + Oversampling);
        return linalg.qr(randn(shape.Items, rank, dtype: float64, generator: new Generator((ulong)seed))).Q;
    }

    /// <summary>Fits from a basis of the items' space, the better the fewer iterations.</summary>
    private static (TowerWeights Weights, Tensor Basis) Fit(PurchaseMatrix matrix, TwoTowerShape shape, double lambda, int seed, Tensor basis, int iterations)
    {
        using var inverse = Inverse(matrix, lambda, seed);
        var width = shape.Dimension - 1;
        for (var round = 0; round < iterations; round++)
        {
            // B' X' X B, applied to the basis.
            using var temporary = NewDisposeScope();
            var image = matrix.TransposedTimes(matrix.Times(TimesB(inverse, basis)));
            basis = linalg.qr(TimesBTransposed(inverse, image)).Q.MoveToOuterDisposeScope();
        }

        // Rotate the basis onto the singular vectors, so that the first ones matter most.
        var small = matrix.Times(TimesB(inverse, basis));
        var right = linalg.svd(small, fullMatrices: false).Vh.t().slice(1, 0, Math.Min(width, basis.shape[1]), 1);
        var vectors = basis.matmul(right);
        return (Pack(shape, vectors, TimesB(inverse, vectors), matrix), basis);
    }

    /// <summary>Chooses the regularisation on held-out purchases: from the middle one upwards, or else downwards, as long as that is a
    /// gain.</summary>
    /// <returns>The best one, its nDCG@10 and its towers.</returns>
    public static (double Lambda, double Ndcg, TowerWeights Weights) Tune(
        InteractionLog train, IReadOnlyDictionary<int, int[]> held, TwoTowerShape shape, int seed, bool hideSeen, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var matrix = new PurchaseMatrix(train, shape.Users, shape.Items, Evenness);
        var histories = train.Histories(shape.Users);
        var best = (Lambda: 0.0, Ndcg: double.NegativeInfinity, Weights: (TowerWeights?)null);
        var (basis, iterations) = (Start(shape, seed), PowerIterations);
        bool Gains(int place)
        {
            cancellation.ThrowIfCancellationRequested();
            (var weights, basis) = Fit(matrix, shape, Lambdas[place], seed, basis, iterations);
            iterations = FurtherIterations;
            var ndcg = TowerRanker.Ndcg(weights, histories, held, hideSeen);
            var gains = ndcg > best.Ndcg;
            best = gains ? (Lambdas[place], ndcg, weights) : best;
            return gains;
        }

        var up = Middle;
        while (up < Lambdas.Length && Gains(up))
        {
            up++;
        }

        for (var down = Middle - 1; best.Lambda <= Lambdas[Middle] && down >= 0 && Gains(down); down--)
        {
        }

        return (best.Lambda, best.Ndcg, best.Weights!);
    }

    private static Tensor TimesB(IGramInverse inverse, Tensor w) => w.sub(inverse.Times(w.div(inverse.Diagonal)));

    private static Tensor TimesBTransposed(IGramInverse inverse, Tensor w) => w.sub(inverse.Times(w).div(inverse.Diagonal));

    private static TowerWeights Pack(TwoTowerShape shape, Tensor items, Tensor history, PurchaseMatrix matrix)
    {
        var width = shape.Dimension - 1;

        // One scale for all: the order of the scores stays, and their size suits int8 and readers.
        var scale = history.pow(2).sum(1).sqrt().max().item<double>();
        var identity = new float[width * width];
        for (var row = 0; row < width; row++)
        {
            identity[(row * width) + row] = 1;
        }

        var (table, most) = (Padded(items, width), Math.Max(1, matrix.ItemCounts.Max()));

        // As large as the coordinates of what sells most.
        var size = Enumerable.Range(0, shape.Items).OrderByDescending(item => matrix.ItemCounts[item]).Take(PopularItems)
            .Average(item => Math.Abs(TensorPrimitives.MaxMagnitude<float>(table.AsSpan(item * width, width))));
        size = size > 0 && float.IsFinite(size) ? size : 1;
        return new TowerWeights
        {
            Shape = shape,
            Items = table,
            HistoryItems = Padded(history.div(Math.Max(scale, 1e-12)), width),

            // So small that it only orders items for somebody of whom nothing is known.
            ItemBias = [.. matrix.ItemCounts.Select(count => size * count / most)],
            BiasWeight = LargestBias / size,
            Users = new float[(shape.Users + 1) * width],
            History = identity,
            Recency = new float[shape.History],
        };
    }

    private static float[] Padded(Tensor table, int width)
    {
        var padded = zeros(table.shape[0], width, dtype: float32);
        padded.slice(1, 0, table.shape[1], 1).copy_(table);
        return padded.data<float>().ToArray();
    }
}
