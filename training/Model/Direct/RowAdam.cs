using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Reco.Training.Model.Direct;

/// <summary>AdamW (Loshchilov and Hutter 2019) that touches only the rows of a table that a step uses. A row that is used again first catches
/// up with the steps that it missed, in which its gradient was zero: its moments fade, and it drifts on by them and decays, as it would
/// have done step by step. So the result is that of AdamW over whole tables, up to rounding and the share of epsilon, at the cost of the
/// rows that are used.</summary>
/// <param name="rate">Learning rate.</param>
/// <param name="decay">Decoupled weight decay.</param>
internal sealed class RowAdam(double rate, double decay) : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    /// <summary>Missed steps after which nothing is left of the first moment.</summary>
    private const int LongestDrift = 160;

    private readonly List<Table> tables = [];
    private readonly Dictionary<int, Missed> missed = [];

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
                Move(table.Weights[row], table.First[row], table.Second[row], gradient.Part(place, column, table.Weights.Width), size, root, kept);
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
        Step = reader.ReadInt32();
        Each(block => reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(block)));
        tables.ForEach(table => Array.Fill(table.Last, Step));
    }

    /// <inheritdoc/>
    public void Dispose() => tables.ForEach(table => table.Dispose());

    private void Each(Action<Span<float>> handle)
    {
        foreach (var block in tables.SelectMany(table => new[] { table.First, table.Second }))
        {
            for (var row = 0L; row < block.Rows; row++)
            {
                handle(block[row]);
            }
        }
    }

    /// <summary>Knows what each number of missed steps does, before several threads ask.</summary>
    private void Prepare(Table table, ReadOnlySpan<int> rows)
    {
        missed.Clear();
        foreach (var row in rows)
        {
            var steps = Step - table.Last[row];
            if (steps > 0 && !missed.ContainsKey(steps))
            {
                missed.Add(steps, After(steps));
            }
        }
    }

    private Missed After(int steps)
    {
        var (last, drift, first, second) = (Step - steps, 0.0, 1.0, 1.0);
        var (power1, power2) = (Math.Pow(Beta1, last), Math.Pow(Beta2, last));
        var (left, epsilon) = (Math.Pow(Kept, steps), 0.0);
        for (var step = 1; step <= Math.Min(steps, LongestDrift); step++)
        {
            (first, second, power1, power2, left) = (first * Beta1, second * Beta2, power1 * Beta1, power2 * Beta2, left / Kept);
            var root = Math.Sqrt(second / (1 - power2));
            epsilon = step == 1 ? Epsilon / root : epsilon;
            drift += left * first / ((1 - power1) * root);
        }

        return new Missed((float)Math.Pow(Kept, steps), Fade(Beta1, steps), Fade(Beta2, steps), (float)(rate * drift), (float)epsilon);
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
        var first = table.First[row];
        var second = table.Second[row];
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

    /// <summary>A parameter with its moments.</summary>
    internal sealed class Table : IDisposable
    {
        private readonly Tensor first;
        private readonly Tensor second;

        /// <summary>Starts with moments of zero.</summary>
        public Table(Tensor parameter)
        {
            Weights = new Block(parameter);
            using var off = no_grad();
            (first, second) = (zeros(parameter.shape).DetachFromDisposeScope(), zeros(parameter.shape).DetachFromDisposeScope());
            (First, Second) = (new Block(first), new Block(second));
            Last = new int[Weights.Rows];
            All = [.. Enumerable.Range(0, Last.Length)];
        }

        /// <summary>The parameter.</summary>
        public Block Weights { get; }

        /// <summary>First moments.</summary>
        public Block First { get; }

        /// <summary>Second moments.</summary>
        public Block Second { get; }

        /// <summary>The step that each row is up to.</summary>
        public int[] Last { get; }

        /// <summary>All rows.</summary>
        public int[] All { get; }

        /// <inheritdoc/>
        public void Dispose()
        {
            first.Dispose();
            second.Dispose();
        }
    }
}
