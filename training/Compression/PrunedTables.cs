using Google.Protobuf;
using Reco.Bundle;
using Reco.Training.Model;
using Reco.Training.Onnx;

namespace Reco.Training.Compression;

/// <summary>Pruned towers in int8, and what they would take on disk.</summary>
/// <param name="Model">ONNX user tower, its tables dense.</param>
/// <param name="Items">Item matrix, dense.</param>
/// <param name="Dense">Bytes of both.</param>
/// <param name="Packed">Bytes of both with every int8 table packed as <see cref="SparseTable"/> does.</param>
/// <param name="Zeros">Share of zeros in the tables of items and users.</param>
internal sealed record PrunedTables(byte[] Model, ItemMatrix Items, long Dense, long Packed, double Zeros)
{
    /// <summary>Makes them.</summary>
    public static PrunedTables Of(TowerWeights weights)
    {
        var (shape, width) = (weights.Shape, weights.Shape.Dimension - 1);
        var model = UserTowerGraph.Build(weights, quantised: true).ToByteArray();
        var items = ItemMatrix.Quantise(weights.ItemVectors(), shape.Items, shape.Dimension);
        var dense = model.Length + items.Bytes;

        // The tables of the graph, and the item matrix beside it.
        var tables = new[]
        {
            ItemMatrix.Quantise(weights.HistoryItems, shape.Items, width).Quantised!,
            ItemMatrix.Quantise(weights.Users, shape.Users + 1, width).Quantised!,
            items.Quantised!,
        };
        var saved = tables.Sum(table => table.Length - (long)SparseTable.Pack(table).Length);
        var zeros = (weights.Items.Count(value => value == 0) + weights.Users.Count(value => value == 0)) / (double)(weights.Items.Length + weights.Users.Length);
        return new PrunedTables(model, items, dense, dense - saved, zeros);
    }
}
