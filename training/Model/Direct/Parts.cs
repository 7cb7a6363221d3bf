namespace Reco.Training.Model.Direct;

/// <summary>Work in equal parts, one for each core. What a part computes must not depend on how many there are: results are the same bits
/// with any number of cores.</summary>
internal static class Parts
{
    private static readonly ParallelOptions Cores = new() { MaxDegreeOfParallelism = Environment.ProcessorCount };

    /// <summary>Rows of a part, so that parts of equal length need not take equally long.</summary>
    private const int LeastRows = 64;

    /// <summary>Runs over ranges of rows.</summary>
    /// <param name="count">Rows.</param>
    /// <param name="body">Is given the first row and the one behind the last.</param>
    public static void Run(int count, Action<int, int> body)
    {
        var parts = Math.Clamp(count / LeastRows, 1, 4 * Environment.ProcessorCount);
        if (parts == 1 || Environment.ProcessorCount == 1)
        {
            body(0, count);
            return;
        }

        Parallel.For(0, parts, Cores, part => body((int)((long)count * part / parts), (int)((long)count * (part + 1) / parts)));
    }

    /// <summary>Runs over ranges of columns, where rows are added to in an order that must stay.</summary>
    /// <param name="width">Columns.</param>
    /// <param name="body">Is given the first column and their number.</param>
    public static void Columns(int width, Action<int, int> body)
    {
        const int Line = 16;
        var parts = Math.Clamp(width / Line, 1, Environment.ProcessorCount);
        if (parts == 1)
        {
            body(0, width);
            return;
        }

        int At(int part) => part == parts ? width : width / Line * part / parts * Line;
        Parallel.For(0, parts, Cores, part => body(At(part), At(part + 1) - At(part)));
    }
}
