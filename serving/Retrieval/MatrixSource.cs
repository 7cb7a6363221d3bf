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
    /// <summary>Hands the rows to a visitor: as the file has them, or widened where it has FP16.</summary>
    /// <exception cref="BundleException">The file is not as long as it must be.</exception>
    public TResult Visit<TResult>(IRowVisitor<TResult> visitor)
    {
        if (System.IO.Path.GetFileName(Path).Contains("fp16", StringComparison.Ordinal))
        {
            return visitor.Visit(new FloatRows(Read().Values!, Items, Dimension));
        }

        var file = FileBytes.Read(Path);
        var isByte = System.IO.Path.GetFileName(Path).Contains("int8", StringComparison.Ordinal);
        var expected = isByte ? Items * (Dimension + 4L) : Items * (long)Dimension * sizeof(float);
        if (file.Length != expected)
        {
            throw new BundleException($"{Path} has {file.Length} bytes; its shape in the manifest needs {expected}.");
        }

        return isByte ? visitor.Visit(new ByteRows(file, Items, Dimension)) : visitor.Visit(new FloatRows(file, Items, Dimension));
    }
}

/// <summary>Does something with rows of whatever kind they are.</summary>
internal interface IRowVisitor<TResult>
{
    /// <summary>Does it.</summary>
    TResult Visit<TRows>(TRows rows)
        where TRows : struct, IVectorRows;
}
