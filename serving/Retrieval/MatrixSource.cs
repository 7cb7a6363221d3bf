using Reco.Bundle;

namespace Reco.Scoring.Retrieval;

/// <summary>An item matrix of a bundle that is not read yet: rows stay as the file has them where they are used one by one, and are read where another
/// layout is made of them.</summary>
/// <param name="Path">File of the matrix.</param>
/// <param name="Items">Number of rows.</param>
/// <param name="Dimension">Length of a row.</param>
/// <param name="Read">Reads it.</param>
internal sealed record MatrixSource(string Path, int Items, int Dimension, Func<ItemMatrix> Read)
{
    // Whoever visits shares the rows: they are read and kept once.
    private readonly Lazy<FloatRows> floats = new(() => Has(Path, "fp16")
        ? new FloatRows(Read().Values!, Items, Dimension)
        : new FloatRows(Open(Path, Items * (long)Dimension * sizeof(float)), Items, Dimension));

    private readonly Lazy<ByteRows> bytes = new(() => new ByteRows(Open(Path, Items * (Dimension + 4L)), Items, Dimension));

    /// <summary>Hands the rows to a visitor: as the file has them, or widened where it has FP16.</summary>
    /// <exception cref="BundleException">The file is not as long as it must be.</exception>
    public TResult Visit<TResult>(IRowVisitor<TResult> visitor) => Has(Path, "int8") ? visitor.Visit(bytes.Value) : visitor.Visit(floats.Value);

    private static bool Has(string path, string precision) => System.IO.Path.GetFileName(path).Contains(precision, StringComparison.Ordinal);

    private static FileBytes Open(string path, long expected)
    {
        var file = FileBytes.Read(path);
        return file.Length == expected ? file : throw new BundleException($"{path} has {file.Length} bytes; its shape in the manifest needs {expected}.");
    }
}

/// <summary>Does something with rows of whatever kind they are.</summary>
internal interface IRowVisitor<TResult>
{
    /// <summary>Does it.</summary>
    TResult Visit<TRows>(TRows rows)
        where TRows : struct, IVectorRows;
}
