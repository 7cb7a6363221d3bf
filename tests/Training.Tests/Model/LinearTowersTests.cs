using Reco.Bundle;
using Reco.Training.Compression;
using Reco.Training.Data;
using Reco.Training.Evaluation;
using Reco.Training.Model;

namespace Reco.Training.Tests.Model;

public sealed class LinearTowersTests
{
    [Fact]
    public void Fit_RankOfTheData_OrdersAsFullEaseDoes()
    {
        var log = Log(users: 20, items: 30);
        var histories = new Histories(log, 20);
        var towers = new TowerRanker(LinearTowers.Fit(log, new TwoTowerShape(20, 30, 0, 60, 31), 5, 1, evenness: 0), histories);
        var ease = new EaseRanker(log, 20, 30, 5);
        var (left, right) = (new float[30], new float[30]);
        for (var user = 0; user < 20; user++)
        {
            towers.Score(user, left);
            ease.Score(user, right);
            Assert.Equal(RankingMetrics.Top(right, 5), RankingMetrics.Top(left, 5));
        }
    }

    [Theory]
    [InlineData(20, 30)]
    [InlineData(30, 20)]
    public void Score_EitherSideInverted_IsTheClosedForm(int users, int items)
    {
        const double Lambda = 3;
        var log = Log(users, items);
        var x = new double[users, items];
        foreach (var entry in log)
        {
            x[entry.User, entry.Item] = 1;
        }

        var p = Invert(items, (row, column) => Enumerable.Range(0, users).Sum(user => x[user, row] * x[user, column]) + (row == column ? Lambda : 0));
        var ease = new EaseRanker(log, users, items, Lambda);
        var scores = new float[items];
        for (var user = 0; user < users; user++)
        {
            ease.Score(user, scores);
            for (var item = 0; item < items; item++)
            {
                var expected = Enumerable.Range(0, items).Where(other => other != item).Sum(other => x[user, other] * -p[other, item] / p[item, item]);
                Assert.Equal(expected, scores[item], tolerance: 1e-4);
            }
        }
    }

    [Fact]
    public void Fit_SomebodyOfWhomNothingIsKnown_GetsWhatSellsMostInEightBitsToo()
    {
        // Item i is bought by half as many as the one before it; the last user buys nothing.
        const int Users = 401, Items = 40;
        InteractionLog log = (from user in Enumerable.Range(0, 400) from item in Enumerable.Range(0, Items) where user % (1 << Math.Min(item, 8)) == 0 select new Interaction(user, item, (user * 100) + item)).ToArray();
        var weights = LinearTowers.Fit(log, new TwoTowerShape(Users, Items, 0, 10, 16), 30, 1);
        var histories = log.Histories(Users);
        var vector = new float[16];
        UserTower.Embed(weights, histories, 400, vector);
        var matrix = ItemMatrix.Quantise(weights.ItemVectors(), Items, 16);
        var scores = new float[Items];
        MatrixScorer.Score(matrix, vector, scores);
        Assert.Equal([0, 1, 2, 3, 4, 5], RankingMetrics.Top(scores, 6));

        // Whoever is known is not offered what sells most because it does.
        UserTower.Embed(weights, histories, 0, vector);
        var largest = weights.ItemBias.Max() * weights.BiasWeight;
        MatrixScorer.Score(ItemMatrix.FromValues(weights.ItemVectors(), Items, 16), vector, scores);
        Assert.True(largest < 1e-3 * scores.Max(), $"{largest} beside {scores.Max()}");
    }

    [Fact]
    public void Solver_BesideTheInverse_HasTheSameProductsAndNearlyTheSameDiagonal()
    {
        // Items of very different popularity, which is what makes a diagonal hard to estimate.
        const double Lambda = 5;
        var random = new Random(4);
        InteractionLog log = Enumerable.Range(0, 6_000).Select(place => new Interaction(random.Next(400), (int)(300 * Math.Pow(random.NextDouble(), 3)), place)).ToArray();
        var matrix = new PurchaseMatrix(log, 400, 300, evenness: 0.5);
        using var inverse = new GramInverse(matrix, Lambda);
        using var solver = new GramSolver(matrix, Lambda, seed: 1);
        using var again = new GramSolver(matrix, Lambda, seed: 1);
        using var w = TorchSharp.torch.randn(300, 7, dtype: TorchSharp.torch.float64, generator: new TorchSharp.torch.Generator(2));
        double[] Of(TorchSharp.torch.Tensor tensor) => tensor.contiguous().data<double>().ToArray();
        var (expected, solved) = (Of(inverse.Times(w)), Of(solver.Times(w)));
        var scale = expected.Max(Math.Abs);
        Assert.All(expected.Zip(solved), pair => Assert.Equal(pair.First, pair.Second, tolerance: 1e-3 * scale));
        Assert.All(Of(inverse.Diagonal).Zip(Of(solver.Diagonal)), pair => Assert.InRange(pair.Second / pair.First, 0.75, 1.33));
        Assert.InRange(Of(inverse.Diagonal).Zip(Of(solver.Diagonal), (first, second) => Math.Abs((second / first) - 1)).Average(), 0, 0.08);
        Assert.Equal(Of(solver.Diagonal), Of(again.Diagonal));
        Assert.Equal(solved, Of(again.Times(w)));
    }

    [Theory]
    [InlineData(20, 30)]
    [InlineData(30, 20)]
    public void Times_UsersCountMoreEvenly_IsTheInverseOfTheWeightedGram(int users, int items)
    {
        const double Lambda = 3;
        var log = Log(users, items);
        var bought = log.ToLookup(entry => entry.User, entry => entry.Item);
        var weights = Enumerable.Range(0, users).Select(user => bought[user].Any() ? 1 / Math.Sqrt(bought[user].Count()) : 0).ToArray();
        var average = log.Sum(entry => weights[entry.User]) / log.Length;
        var expected = Invert(items, (row, column) =>
            Enumerable.Range(0, users).Where(user => bought[user].Contains(row) && bought[user].Contains(column)).Sum(user => weights[user] / average) + (row == column ? Lambda : 0));

        using var inverse = new GramInverse(new PurchaseMatrix(log, users, items, evenness: 0.5), Lambda);
        var actual = inverse.Times(TorchSharp.torch.eye(items, dtype: TorchSharp.torch.float64)).data<double>().ToArray();
        var diagonal = inverse.Diagonal.data<double>().ToArray();
        for (var row = 0; row < items; row++)
        {
            Assert.Equal(expected[row, row], diagonal[row], tolerance: 1e-9);
            for (var column = 0; column < items; column++)
            {
                Assert.Equal(expected[row, column], actual[(row * items) + column], tolerance: 1e-9);
            }
        }
    }

    private static Interaction[] Log(int users, int items)
    {
        // Groups of users with tastes of their own, so that there is something to learn; each pair once.
        var random = new Random(7);
        return [.. (from user in Enumerable.Range(0, users) from item in Enumerable.Range(0, items) where random.NextDouble() < (user % 3 == item % 3 ? 0.5 : 0.1) select new Interaction(user, item, item)).OrderBy(entry => entry.Time)];
    }

    /// <summary>Gauss-Jordan, as a second opinion.</summary>
    private static double[,] Invert(int size, Func<int, int, double> value)
    {
        var a = new double[size, 2 * size];
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column < size; column++)
            {
                a[row, column] = value(row, column);
            }

            a[row, size + row] = 1;
        }

        for (var pivot = 0; pivot < size; pivot++)
        {
            var scale = a[pivot, pivot];
            for (var column = 0; column < 2 * size; column++)
            {
                a[pivot, column] /= scale;
            }

            for (var row = 0; row < size; row++)
            {
                var factor = row == pivot ? 0 : a[row, pivot];
                for (var column = 0; column < 2 * size; column++)
                {
                    a[row, column] -= factor * a[pivot, column];
                }
            }
        }

        var inverse = new double[size, size];
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column < size; column++)
            {
                inverse[row, column] = a[row, size + column];
            }
        }

        return inverse;
    }
}
