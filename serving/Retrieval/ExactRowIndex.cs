using System.Runtime.CompilerServices;

namespace Reco.Scoring.Retrieval;

/// <summary>Exact search over vectors as they are in the bundle, row by row: slower than the layouts that are made for scans, but there
/// is nothing to make. It answers until something faster has been built, and what that is bad at.</summary>
/// <param name="rows">The vectors.</param>
internal sealed class ExactRowIndex<TRows>(TRows rows) : ScanIndex(rows.Count, rows.Dimension)
    where TRows : struct, IVectorRows
{
    private const int RowsAtOnce = Lanes * GroupsAtOnce;

    /// <inheritdoc/>
    public override string Kind => $"exact-{rows.Kind}";

    /// <inheritdoc/>
    public override long Bytes => rows.Bytes;

    /// <inheritdoc/>
    public override float Score(int item, ReadOnlySpan<float> query) => rows.Dot(item, query);

    /// <inheritdoc/>
    public override void CopyVector(int item, Span<float> vector) => rows.Copy(item, vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void ScoreBlock(int group, ReadOnlySpan<float> query, Span<float> scores)
    {
        var first = group * Lanes;
        for (var row = 0; row < Math.Min(RowsAtOnce, Count - first); row++)
        {
            scores[row] = rows.Dot(first + row, query);
        }
    }
}
