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
    public Tensor Times(Tensor w) => tensor(Sums(Rows, Values(w), (int)w.shape[1], scales, null), [Users, w.shape[1]]);

    /// <summary>X' w, for w <c>[users, n]</c>.</summary>
    public Tensor TransposedTimes(Tensor w) => tensor(Sums(Owners, Values(w), (int)w.shape[1], null, scales), [Items, w.shape[1]]);

    /// <summary>X'X w, for w <c>[items, width]</c>.</summary>
    public double[] GramTimes(double[] w, int width) => Sums(Owners, Sums(Rows, w, width, scales, null), width, null, scales);

    /// <summary>Diagonal of X'X.</summary>
    public double[] GramDiagonal() => [.. Owners.Select(owners => owners?.Sum(user => scales[user] * scales[user]) ?? 0)];

    private static double[] Values(Tensor w) => w.contiguous().data<double>().ToArray();

    /// <summary>Sums of the rows of w that each list names, times the factor of the list or of the row: libtorch's products with sparse
    /// matrices work on one thread.</summary>
    private static double[] Sums(IReadOnlyList<IReadOnlyList<int>?> lists, double[] values, int width, double[]? ofLists, double[]? ofRows)
    {
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
        return sums;
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
