using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Tensor = TorchSharp.torch.Tensor;

namespace Reco.Training.Model.Direct;

/// <summary>AdamW (Loshchilov and Hutter 2019) that touches only the rows of a table that a step uses. A row that is used again first catches
/// up with the steps that it missed, in which its gradient was zero: its moments fade, and it drifts on by them and decays, as it would
/// have done step by step. So the result is that of AdamW over whole tables, up to rounding and the share of epsilon, at the cost of the
/// rows that are used.</summary>
/// <param name="rate">Learning rate.</param>
/// <param name="decay">Decoupled weight decay.</param>
internal sealed partial class RowAdam(double rate, double decay) : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    /// <summary>Missed steps after which nothing is left of the first moment.</summary>
    private const int LongestDrift = 128;

    private readonly List<Table> tables = [];
    private readonly Dictionary<int, Missed> missed = [];

    /// <summary>How far a row drifts in each missed step, but for what <see cref="corrections"/> says, and as seen from before decay.</summary>
    private readonly double[] drifts = [.. Enumerable.Range(1, LongestDrift).Select(step => Math.Pow(Beta1 / (Math.Sqrt(Beta2) * (1 - (rate * decay))), step))];

    /// <summary>Adam's correction of both moments for their start at zero, by step.</summary>
    private double[] corrections = new double[1_024];
    private int corrected;
    private int prepared = -1;

    /// <summary>Steps so far.</summary>
    public int Step { get; private set; }

    private double Kept => 1 - (rate * decay);

    /// <summary>Takes a parameter under its care.</summary>
    public Table Add(Tensor parameter)
    {
        var table = new Table(parameter);
        tables.Add(table);
        return table;
    }

    /// <summary>Brings rows up to the last step, so that they may be read.</summary>
    /// <param name="table">Table.</param>
    /// <param name="rows">Rows, each once.</param>
    /// <param name="count">Number of them.</param>
    public void CatchUp(Table table, int[] rows, int count)
    {
        Prepare(table, rows.AsSpan(0, count));
        Parts.Run(count, (from, to) =>
        {
            for (var place = from; place < to; place++)
            {
                CatchUp(table, rows[place]);
            }
        });
    }

    /// <summary>Brings all rows of all tables up to the last step.</summary>
    public void CatchUp()
    {
        foreach (var table in tables)
        {
            Prepare(table, table.All);
            Parts.Run(table.All.Length, (from, to) =>
            {
                for (var row = from; row < to; row++)
                {
                    CatchUp(table, row);
                }
            });
        }
    }

    /// <summary>Begins a step.</summary>
    public void Begin() => Step++;

    /// <summary>Moves rows by their gradients; they must have caught up before <see cref="Begin"/>.</summary>
    /// <param name="table">Table.</param>
    /// <param name="rows">Rows, each once; null for all.</param>
    /// <param name="count">Number of them.</param>
    /// <param name="gradient">Gradient of each, by its place.</param>
    /// <param name="column">Where in a row of <paramref name="gradient"/> that of the table begins.</param>
    public void Move(Table table, int[]? rows, int count, Block gradient, int column = 0)
    {
        rows ??= table.All;
        var size = (float)(rate / (1 - Math.Pow(Beta1, Step)));
        var root = (float)(1 / Math.Sqrt(1 - Math.Pow(Beta2, Step)));
        var kept = (float)Kept;
        Parts.Run(count, (from, to) =>
        {
            for (var place = from; place < to; place++)
            {
                var row = rows[place];
                Move(table.Weights[row], table.First(row), table.Second(row), gradient.Part(place, column, table.Weights.Width), size, root, kept);
                table.Last[row] = Step;
            }
        });
    }

    /// <summary>Writes moments and steps; all rows have caught up.</summary>
    public void Save(BinaryWriter writer)
    {
        CatchUp();
        writer.Write(Step);
        Each(block => writer.Write(MemoryMarshal.AsBytes(block)));
    }

    /// <summary>Reads them.</summary>
    public void Load(BinaryReader reader)
    {
        (Step, prepared) = (reader.ReadInt32(), -1);
        Each(block => reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(block)));
        tables.ForEach(table => Array.Fill(table.Last, Step));
    }

    /// <inheritdoc/>
    public void Dispose() => tables.ForEach(table => table.Dispose());

    private void Each(Action<Span<float>> handle)
    {
        foreach (var table in tables)
        {
            foreach (var row in table.All)
            {
                handle(table.Moments[row]);
            }
        }
    }

    /// <summary>Knows what each number of missed steps does, before several threads ask.</summary>
    private void Prepare(Table table, ReadOnlySpan<int> rows)
    {
        if (prepared != Step)
        {
            prepared = Step;
            missed.Clear();
            Correct();
        }

        foreach (var row in rows)
        {
            var steps = Step - table.Last[row];
            if (steps > 0 && !missed.ContainsKey(steps))
            {
                missed.Add(steps, After(steps));
            }
        }
    }

    private void Correct()
    {
        if (Step >= corrections.Length)
        {
            Array.Resize(ref corrections, Math.Max(2 * corrections.Length, Step + 1));
        }

        for (; corrected <= Step; corrected++)
        {
            corrections[corrected] = Math.Sqrt(1 - Math.Pow(Beta2, corrected)) / (1 - Math.Pow(Beta1, Math.Max(1, corrected)));
        }
    }

    private Missed After(int steps)
    {
        var (last, length, kept) = (Step - steps, Math.Min(steps, LongestDrift), Math.Pow(Kept, steps));
        var drift = rate * kept * TensorPrimitives.Dot<double>(drifts.AsSpan(0, length), corrections.AsSpan(last + 1, length));
        var epsilon = Epsilon * Math.Sqrt((1 - Math.Pow(Beta2, last + 1)) / Beta2);
        return new Missed((float)kept, Fade(Beta1, steps), Fade(Beta2, steps), (float)drift, (float)epsilon);
    }

    /// <summary>Nothing rather than numbers so small that processors are slow with them.</summary>
    private static float Fade(double beta, int steps) => Math.Pow(beta, steps) is var left && left < 1e-20 ? 0 : (float)left;

    private void CatchUp(Table table, int row)
    {
        if (table.Last[row] == Step)
        {
            return;
        }

        var by = missed[Step - table.Last[row]];
        table.Last[row] = Step;
        var weights = table.Weights[row];
        var first = table.First(row);
        var second = table.Second(row);
        var place = 0;
        for (; place <= weights.Length - Vector256<float>.Count; place += Vector256<float>.Count)
        {
            var (m, v) = (Vector256.Create<float>(first[place..]), Vector256.Create<float>(second[place..]));
            var moved = (Vector256.Create<float>(weights[place..]) * by.Kept) - (m * by.Drift / (Vector256.Sqrt(v) + Vector256.Create(by.Epsilon)));
            moved.CopyTo(weights[place..]);
            (m * by.First).CopyTo(first[place..]);
            (v * by.Second).CopyTo(second[place..]);
        }

        for (; place < weights.Length; place++)
        {
            weights[place] = (weights[place] * by.Kept) - (first[place] * by.Drift / (MathF.Sqrt(second[place]) + by.Epsilon));
            first[place] *= by.First;
            second[place] *= by.Second;
        }
    }

    private static void Move(Span<float> weights, Span<float> first, Span<float> second, ReadOnlySpan<float> gradient, float size, float root, float kept)
    {
        const float New1 = (float)(1 - Beta1), New2 = (float)(1 - Beta2), Old1 = (float)Beta1, Old2 = (float)Beta2, Small = (float)Epsilon;
        var place = 0;
        for (; place <= weights.Length - Vector256<float>.Count; place += Vector256<float>.Count)
        {
            var g = Vector256.Create(gradient[place..]);
            var m = (Vector256.Create<float>(first[place..]) * Old1) + (g * New1);
            var v = (Vector256.Create<float>(second[place..]) * Old2) + (g * g * New2);
            ((Vector256.Create<float>(weights[place..]) * kept) - (m * size / ((Vector256.Sqrt(v) * root) + Vector256.Create(Small)))).CopyTo(weights[place..]);
            m.CopyTo(first[place..]);
            v.CopyTo(second[place..]);
        }

        for (; place < weights.Length; place++)
        {
            var m = (first[place] * Old1) + (gradient[place] * New1);
            var v = (second[place] * Old2) + (gradient[place] * gradient[place] * New2);
            weights[place] = (weights[place] * kept) - (m * size / ((MathF.Sqrt(v) * root) + Small));
            (first[place], second[place]) = (m, v);
        }
    }

    /// <summary>What a number of missed steps does to a row.</summary>
    /// <param name="Kept">Share of the weights that decay leaves.</param>
    /// <param name="First">Share of the first moment that is left.</param>
    /// <param name="Second">Of the second.</param>
    /// <param name="Drift">Times the first moment over the root of the second: how far the weights moved.</param>
    /// <param name="Epsilon">What is added to that root.</param>
    private readonly record struct Missed(float Kept, float First, float Second, float Drift, float Epsilon);
}
