using Reco.Bundle;

namespace Reco.Scoring.Retrieval;

/// <summary>Makes exact indices of matrices.</summary>
internal static class ExactIndices
{
    /// <summary>The index that is fastest.</summary>
    /// <param name="matrix">The vectors.</param>
    /// <param name="halve">Keeps FP32 values as FP16.</param>
    public static IItemIndex Make(ItemMatrix matrix, bool halve)
    {
        if (matrix.Values is not { } values)
        {
            return new ExactInt8Index(matrix.Quantised!, matrix.Scales!, matrix.Items, matrix.Dimension);
        }

        return matrix.IsHalf || halve
            ? new ExactFp16Index(values, matrix.Items, matrix.Dimension)
            : new ExactFp32Index(values, matrix.Items, matrix.Dimension);
    }

    /// <summary>The index that is there soonest: over the rows as they are.</summary>
    public static IItemIndex Wrap(MatrixSource matrix) => matrix.Visit(new Wrapper());

    private sealed class Wrapper : IRowVisitor<IItemIndex>
    {
        public IItemIndex Visit<TRows>(TRows rows)
            where TRows : struct, IVectorRows => new ExactRowIndex<TRows>(rows);
    }
}
