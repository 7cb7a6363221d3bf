using System.Numerics.Tensors;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Reco.Training.Model;

/// <summary>P where both users and items are too many to invert a matrix of either: each product is solved for by conjugate gradients with the
/// diagonal as preconditioner, which needs nothing but the purchases. The diagonal of P is estimated from products with random signs
/// (Hutchinson 1990), scaled so that no few items make up the error of the others. Added up in an order of its own, so that a seed gives
/// one result.</summary>
internal sealed class GramSolver : IGramInverse
{
    private const int Probes = 128;
    private const int MostSteps = 60;
    private const double Tolerance = 1e-4;

    private readonly PurchaseMatrix matrix;
    private readonly double lambda;
    private readonly double[] scale;

    /// <summary>Estimates the diagonal.</summary>
    public GramSolver(PurchaseMatrix matrix, double lambda, int seed)
    {
        this.matrix = matrix;
        this.lambda = lambda;
        scale = [.. matrix.GramDiagonal().Select(value => value + lambda)];
        Diagonal = tensor(Estimate(new Random(seed))).unsqueeze(1).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Diagonal { get; }

    /// <inheritdoc/>
    public Tensor Times(Tensor w)
    {
        var width = (int)w.shape[1];
        return tensor(Solve(w.contiguous().data<double>().ToArray(), width), [matrix.Items, width]);
    }

    /// <inheritdoc/>
    public void Dispose() => Diagonal.Dispose();

    private double[] Estimate(Random random)
    {
        var signs = new double[(long)matrix.Items * Probes];
        for (var place = 0; place < signs.Length; place++)
        {
            signs[place] = random.Next(2) == 0 ? 1 : -1;
        }

        var probes = new double[signs.Length];
        Rows((row, at) => TensorPrimitives.Multiply(signs.AsSpan(at, Probes), Math.Sqrt(scale[row]), probes.AsSpan(at, Probes)), Probes);
        var solved = Solve(probes, Probes);
        var diagonal = new double[matrix.Items];
        Rows((row, at) =>
        {
            // Times the scale it is at least 1, as for every positive definite matrix, and at most what no purchases would leave.
            var estimate = TensorPrimitives.Dot<double>(signs.AsSpan(at, Probes), solved.AsSpan(at, Probes)) * Math.Sqrt(scale[row]) / Probes;
            diagonal[row] = Math.Clamp(estimate, 1, scale[row] / lambda) / scale[row];
        }, Probes);
        return diagonal;
    }

    private double[] Solve(double[] target, int width)
    {
        var (solution, rest, along) = (new double[target.Length], (double[])target.Clone(), new double[target.Length]);
        Rows((row, at) => TensorPrimitives.Divide(rest.AsSpan(at, width), scale[row], along.AsSpan(at, width)), width);
        var wanted = Dots(rest, along, width).Select(value => value * Tolerance * Tolerance).ToArray();
        var before = Dots(rest, along, width);
        for (var step = 0; step < MostSteps && before.Zip(wanted).Any(pair => pair.First > pair.Second); step++)
        {
            var image = matrix.GramTimes(along, width);
            Rows((_, at) => TensorPrimitives.MultiplyAdd(along.AsSpan(at, width), lambda, image.AsSpan(at, width), image.AsSpan(at, width)), width);
            var length = Quotients(before, Dots(along, image, width));
            var back = length.Select(value => -value).ToArray();
            Rows((_, at) =>
            {
                TensorPrimitives.MultiplyAdd(along.AsSpan(at, width), length, solution.AsSpan(at, width), solution.AsSpan(at, width));
                TensorPrimitives.MultiplyAdd(image.AsSpan(at, width), back, rest.AsSpan(at, width), rest.AsSpan(at, width));
            }, width);

            // What is left, by the preconditioner; the image is not needed any more.
            Rows((row, at) => TensorPrimitives.Divide(rest.AsSpan(at, width), scale[row], image.AsSpan(at, width)), width);
            var after = Dots(rest, image, width);
            var turn = Quotients(after, before);
            Rows((_, at) => TensorPrimitives.MultiplyAdd(along.AsSpan(at, width), turn, image.AsSpan(at, width), along.AsSpan(at, width)), width);
            before = after;
        }

        return solution;
    }

    /// <summary>A column that is solved exactly stays as it is.</summary>
    private static double[] Quotients(double[] left, double[] right) => [.. left.Zip(right, (first, second) => second > 0 ? first / second : 0)];

    private void Rows(Action<int, int> body, int width) => Parallel.For(0, matrix.Items, row => body(row, row * width));

    /// <summary>Products of columns, by blocks of rows so that their order does not depend on the number of cores.</summary>
    private double[] Dots(double[] left, double[] right, int width)
    {
        const int Block = 1_024;
        var sums = new double[(matrix.Items + Block - 1) / Block][];
        Parallel.For(0, sums.Length, block =>
        {
            var sum = sums[block] = new double[width];
            for (var row = block * Block; row < Math.Min(matrix.Items, (block + 1) * Block); row++)
            {
                TensorPrimitives.MultiplyAdd(left.AsSpan(row * width, width), right.AsSpan(row * width, width), sum, sum);
            }
        });
        var total = new double[width];
        foreach (var sum in sums)
        {
            TensorPrimitives.Add(total, sum, total);
        }

        return total;
    }
}
