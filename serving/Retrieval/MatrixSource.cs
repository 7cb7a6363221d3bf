using Reco.Bundle;

namespace Reco.Scoring.Retrieval;

/// <summary>An item matrix of a bundle that is not read yet: rows stay as the file has them where they are used one by one, and are read where another
/// layout is made of them.</summary>
/// <param name="Bundle">The bundle.</param>
/// <param name="File">File of the matrix.</param>
/// <param name="Items">Number of rows.</param>
/// <param name="Dimension">Length of a row.</param>
/// <param name="Read">Reads it.</param>
internal sealed record MatrixSource(BundleReader Bundle, string File, int Items, int Dimension, Func<ItemMatrix> Read)
{
    // Whoever visits shares the rows: they are read and kept once.
    private readonly Lazy<FloatRows> floats = new(() => BundleFiles.FormOf(File) == ItemForm.Half
        ? new FloatRows(Read().Values!, Items, Dimension)
        : new FloatRows(Open(Bundle, File, Items * (long)Dimension * sizeof(float)), Items, Dimension));

    private readonly Lazy<ByteRows> bytes = new(() => new ByteRows(Open(Bundle, File, Items * (Dimension + 4L)), Items, Dimension));

    /// <summary>Whether a visit verifies the file by what it reads of it.</summary>
    public bool VerifiesVisited => BundleFiles.FormOf(File) != ItemForm.Half;

    /// <summary>Hands the rows to a visitor: as the file has them, or widened where it has FP16.</summary>
    /// <exception cref="BundleException">The file is damaged, or not as long as it must be.</exception>
    public TResult Visit<TResult>(IRowVisitor<TResult> visitor) => BundleFiles.FormOf(File) == ItemForm.Int8 ? visitor.Visit(bytes.Value) : visitor.Visit(floats.Value);

    private static FileBytes Open(BundleReader bundle, string name, long expected)
    {
        var file = FileBytes.Read(bundle, name);
        return file.Length == expected ? file : throw new BundleException($"{bundle.Find(name)} has {file.Length} bytes; its shape in the manifest needs {expected}.");
    }
}

/// <summary>Does something with rows of whatever kind they are.</summary>
internal interface IRowVisitor<TResult>
{
    /// <summary>Does it.</summary>
    TResult Visit<TRows>(TRows rows)
        where TRows : struct, IVectorRows;
}
