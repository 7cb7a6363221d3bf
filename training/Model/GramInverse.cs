using System.Numerics.Tensors;
using Reco.Training.Data;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Reco.Training.Model;

/// <summary>User-by-item matrix X in memory: who bought what at least once. A user's row is ones, or, with evenness b, the root of the
/// user's weight n^-b for n items, scaled so that purchases weigh one on average: 0 counts each purchase alike, 1 each user.</summary>
internal sealed class PurchaseMatrix
{
    private readonly Dictionary<bool, double[]> grams = [];
    private readonly double[] scales;

    /// <summary>Collects interactions.</summary>
    public PurchaseMatrix(InteractionLog train, int users, int items, double evenness = 0)
    {
        Users = users;
        Items = items;
        var histories = train.Histories(users);
        Rows = new int[users][];
        ItemCounts = new float[items];
        Owners = new List<int>[items];
        var pairs = 0L;
        for (var user = 0; user < users; user++)
        {
            if (histories.Of(user).IsEmpty)
            {
                continue;
            }

            int[] row = [.. histories.All(user).Distinct().Order()];
            Rows[user] = row;
            pairs += row.Length;
            foreach (var item in row)
            {
                ItemCounts[item]++;
                (Owners[item] ??= []).Add(user);
            }
        }

        var weights = Rows.Select(row => row is null ? 0 : Math.Pow(row.Length, -evenness)).ToArray();
        var average = Rows.Select((row, user) => (row?.Length ?? 0) * weights[user]).Sum() / Math.Max(1, pairs);
        scales = [.. weights.Select(weight => Math.Sqrt(weight / Math.Max(average, double.Epsilon)))];
    }

    /// <summary>Number of users.</summary>
    public int Users { get; }

    /// <summary>Number of items.</summary>
    public int Items { get; }

    /// <summary>Items of each user, ascending; null for a user without any.</summary>
    public int[]?[] Rows { get; }

    /// <summary>Users of each item; null for an item without any.</summary>
    public List<int>?[] Owners { get; }

    /// <summary>Number of users of each item.</summary>
    public float[] ItemCounts { get; }

    /// <summary>What a user's row has in place of ones.</summary>
    public double Scale(int user) => scales[user];

    /// <summary>X w, for w <c>[items, n]</c>.</summary>
    public Tensor Times(Tensor w) => Sums(Rows, w, scales, null);

    /// <summary>X' w, for w <c>[users, n]</c>.</summary>
    public Tensor TransposedTimes(Tensor w) => Sums(Owners, w, null, scales);

    /// <summary>Sums of the rows of w that each list names, times the factor of the list or of the row: libtorch's products with sparse
    /// matrices work on one thread.</summary>
    private static Tensor Sums(IReadOnlyList<IReadOnlyList<int>?> lists, Tensor w, double[]? ofLists, double[]? ofRows)
    {
        var width = (int)w.shape[1];
        var values = w.contiguous().data<double>().ToArray();
        var sums = new double[(long)lists.Count * width];
        Parallel.For(0, lists.Count, row =>
        {
            var sum = sums.AsSpan(row * width, width);
            for (var place = 0; place < (lists[row]?.Count ?? 0); place++)
            {
                var named = lists[row]![place];
                TensorPrimitives.MultiplyAdd(values.AsSpan(named * width, width), ofRows?[named] ?? 1, sum, sum);
            }

            TensorPrimitives.Multiply(sum, ofLists?[row] ?? 1, sum);
        });
        return tensor(sums, [lists.Count, width]);
    }

    /// <summary>XX' or X'X, dense, whichever is smaller.</summary>
    public double[] Gram(bool ofUsers) => grams.TryGetValue(ofUsers, out var known) ? known : grams[ofUsers] = Count(ofUsers);

    private double[] Count(bool ofUsers)
    {
        var (size, lists) = ofUsers ? (Users, (IReadOnlyList<IReadOnlyList<int>?>)Owners) : (Items, Rows);
        var gram = new double[(long)size * size];
        for (var at = 0; at < lists.Count; at++)
        {
            var list = lists[at];
            for (var left = 0; left < (list?.Count ?? 0); left++)
            {
                var row = (long)list![left] * size;
                for (var right = 0; right < list.Count; right++)
                {
                    gram[row + list[right]] += ofUsers ? scales[list[left]] * scales[list[right]] : scales[at] * scales[at];
                }
            }
        }

        return gram;
    }
}

/// <summary>P = (X'X + lambda I)^-1 as an operator. With fewer users than items it is kept as
/// (I - X'(XX' + lambda I)^-1 X) / lambda (Woodbury), so that memory is the square of the smaller side.</summary>
internal sealed class GramInverse : IDisposable
{
    private readonly PurchaseMatrix matrix;
    private readonly double lambda;
    private readonly bool dual;

    /// <summary>Inverts.</summary>
    public GramInverse(PurchaseMatrix matrix, double lambda)
    {
        this.matrix = matrix;
        this.lambda = lambda;
        dual = matrix.Users < matrix.Items;
        var size = dual ? matrix.Users : matrix.Items;
        using var gram = tensor(matrix.Gram(dual), [size, size]);
        gram.diagonal().add_(lambda);
        using var factor = linalg.cholesky(gram);
        Inverse = cholesky_inverse(factor).DetachFromDisposeScope();
        Diagonal = (dual ? DualDiagonal() : Inverse.diagonal().clone()).unsqueeze(1).DetachFromDisposeScope();
    }

    /// <summary>The inverse of the smaller Gram matrix.</summary>
    public Tensor Inverse { get; }

    /// <summary>True where <see cref="Inverse"/> is that of XX' + lambda I.</summary>
    public bool OfUsers => dual;

    /// <summary>Diagonal of P <c>[items, 1]</c>.</summary>
    public Tensor Diagonal { get; }

    /// <summary>P w.</summary>
    public Tensor Times(Tensor w) =>
        dual ? w.sub(matrix.TransposedTimes(Inverse.matmul(matrix.Times(w)))).div(lambda) : Inverse.matmul(w);

    /// <inheritdoc/>
    public void Dispose()
    {
        Inverse.Dispose();
        Diagonal.Dispose();
    }

    private Tensor DualDiagonal()
    {
        var inverse = Inverse.data<double>().ToArray();
        var diagonal = new double[matrix.Items];
        Parallel.For(0, matrix.Items, item =>
        {
            var sum = 0.0;
            foreach (var left in matrix.Owners[item] ?? [])
            {
                foreach (var right in matrix.Owners[item]!)
                {
                    sum += matrix.Scale(left) * matrix.Scale(right) * inverse[((long)left * matrix.Users) + right];
                }
            }

            diagonal[item] = (1 - sum) / lambda;
        });
        return tensor(diagonal);
    }
}
