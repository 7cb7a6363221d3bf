using System.Numerics.Tensors;
using Reco.Training.Data;

namespace Reco.Training.Evaluation;

/// <summary>Matrix factorisation: a user's and an item's vector, and their product.</summary>
internal sealed class FactorRanker(string name, float[] users, float[] items, float[] bias, int rank) : IRanker
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public int Items => bias.Length;

    /// <summary>Implicit ALS (Hu, Koren and Volinsky 2008) with frequency-scaled regularisation (Rendle et al. 2022): confidence
    /// 1 + alpha log(1 + count).</summary>
    public static FactorRanker ImplicitAls(InteractionLog train, int users, int items, int rank, double alpha, double regularisation, int sweeps = 8)
    {
        var counts = train.CountBy(entry => (entry.User, entry.Item)).Select(pair => (pair.Key.User, pair.Key.Item, Weight: alpha * Math.Log(1 + pair.Value))).Order().ToArray();
        var ofUsers = counts.GroupBy(entry => entry.User).ToDictionary(group => group.Key, group => group.Select(entry => (entry.Item, entry.Weight)).ToArray());
        var ofItems = counts.GroupBy(entry => entry.Item).ToDictionary(group => group.Key, group => group.Select(entry => (entry.User, entry.Weight)).ToArray());
        var left = new double[users * rank];
        var random = new Random(1);
        var right = Enumerable.Range(0, items * rank).Select(_ => (random.NextDouble() - 0.5) * 0.2 / Math.Sqrt(rank)).ToArray();
        for (var sweep = 0; sweep < sweeps; sweep++)
        {
            Solve(ofUsers, right, left, rank, regularisation, items);
            Solve(ofItems, left, right, rank, regularisation, users);
        }

        return new FactorRanker("iALS", [.. left.Select(value => (float)value)], [.. right.Select(value => (float)value)], new float[items], rank);
    }

    /// <summary>BPR-MF (Rendle et al. 2009): stochastic gradient descent on pairs of a purchase and a uniform negative.</summary>
    public static FactorRanker Bpr(InteractionLog train, int users, int items, int rank, float rate, float regularisation, int epochs)
    {
        var random = new Random(1);
        float[] Table(int rows) => [.. Enumerable.Range(0, rows * rank).Select(_ => (random.NextSingle() - 0.5f) * 0.1f)];
        var (left, right, bias) = (Table(users), Table(items), new float[items]);
        for (var step = 0L; step < (long)epochs * train.Length; step++)
        {
            var (user, positive, _) = train[random.Next(train.Length)];
            var negative = random.Next(items);
            var u = left.AsSpan(user * rank, rank);
            var p = right.AsSpan(positive * rank, rank);
            var n = right.AsSpan(negative * rank, rank);
            var gap = bias[positive] - bias[negative] + TensorPrimitives.Dot<float>(u, p) - TensorPrimitives.Dot<float>(u, n);
            var pull = rate / (1 + MathF.Exp(gap));
            bias[positive] += pull - (rate * regularisation * bias[positive]);
            bias[negative] -= pull + (rate * regularisation * bias[negative]);
            for (var k = 0; k < rank; k++)
            {
                var (uk, pk, nk) = (u[k], p[k], n[k]);
                u[k] += (pull * (pk - nk)) - (rate * regularisation * uk);
                p[k] += (pull * uk) - (rate * regularisation * pk);
                n[k] += (-pull * uk) - (rate * regularisation * nk);
            }
        }

        return new FactorRanker("BPR-MF", left, right, bias, rank);
    }

    /// <inheritdoc/>
    public void Score(int user, Span<float> scores)
    {
        var vector = users.AsSpan(user * rank, rank);
        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = bias[item] + TensorPrimitives.Dot<float>(vector, items.AsSpan(item * rank, rank));
        }
    }

    private static void Solve(Dictionary<int, (int Other, double Weight)[]> lists, double[] fixedSide, double[] solved, int rank, double regularisation, int others)
    {
        var gram = new double[rank * rank];
        for (var row = 0; row < fixedSide.Length; row += rank)
        {
            Rank1(gram, fixedSide.AsSpan(row, rank), 1);
        }

        Array.Clear(solved);
        Parallel.ForEach(lists, entry =>
        {
            var matrix = (double[])gram.Clone();
            var target = solved.AsSpan(entry.Key * rank, rank);
            foreach (var (other, weight) in entry.Value)
            {
                var vector = fixedSide.AsSpan(other * rank, rank);
                Rank1(matrix, vector, weight);
                TensorPrimitives.MultiplyAdd(vector, 1 + weight, target, target);
            }

            for (var k = 0; k < rank; k++)
            {
                matrix[(k * rank) + k] += regularisation * (entry.Value.Length + (0.1 * others));
            }

            SolveInPlace(matrix, target, rank);
        });
    }

    private static void Rank1(double[] matrix, ReadOnlySpan<double> vector, double weight)
    {
        for (var row = 0; row < vector.Length; row++)
        {
            var line = matrix.AsSpan(row * vector.Length, vector.Length);
            TensorPrimitives.MultiplyAdd(vector, weight * vector[row], line, line);
        }
    }

    /// <summary>Cholesky's solution of a symmetric positive definite system.</summary>
    private static void SolveInPlace(double[] a, Span<double> b, int n)
    {
        for (var row = 0; row < n; row++)
        {
            for (var column = 0; column <= row; column++)
            {
                var sum = a[(row * n) + column] - TensorPrimitives.Dot<double>(a.AsSpan(row * n, column), a.AsSpan(column * n, column));
                a[(row * n) + column] = row == column ? Math.Sqrt(sum) : sum / a[(column * n) + column];
            }

            b[row] = (b[row] - TensorPrimitives.Dot<double>(a.AsSpan(row * n, row), b[..row])) / a[(row * n) + row];
        }

        for (var row = n - 1; row >= 0; row--)
        {
            for (var below = row + 1; below < n; below++)
            {
                b[row] -= a[(below * n) + row] * b[below];
            }

            b[row] /= a[(row * n) + row];
        }
    }
}
