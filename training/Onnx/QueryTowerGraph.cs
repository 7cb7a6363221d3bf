using Reco.Bundle.Onnx;
using Reco.Training.Search;

namespace Reco.Training.Onnx;

/// <summary>Writes the query tower as ONNX: <c>tokens</c> INT64 <c>[-1, T]</c> (numbers of hashed tokens, 0 for padding) to
/// <c>embedding</c> FP32 <c>[-1, d]</c>. The table is int8 with one scale a row; only the rows in use are dequantised.</summary>
internal static class QueryTowerGraph
{
    /// <summary>Builds the model.</summary>
    public static ModelProto Build(SearchWeights weights)
    {
        var graph = new GraphBuilder("query-tower");
        graph.Input("tokens", TensorProto.Types.DataType.Int64, "batch", SearchWeights.MostTokens);
        var rows = UserTowerGraph.GatherRows(graph, "table", weights.Tokens, weights.Buckets + 1, weights.Dimension - 1, "tokens", quantised: true, half: false);
        graph.Longs("axis1", [1], 1);
        graph.Constant("tiny", 1e-12f);
        graph.Node("ReduceSum", [rows, "axis1"], "sum", ("keepdims", 0));
        graph.Node("Mul", ["sum", "sum"], "squares");
        graph.Node("ReduceSum", ["squares", "axis1"], "square_sum", ("keepdims", 1));
        graph.Node("Add", ["square_sum", "tiny"], "square_sum_tiny");
        graph.Node("Sqrt", ["square_sum_tiny"], "length");
        graph.Node("Div", ["sum", "length"], "direction");

        // The last coordinate is 1: it brings the item's bias into the dot product.
        graph.Longs("pads", [0, 0, 0, 1], 4);
        graph.Constant("pad_value", 1f);
        graph.Node("Pad", ["direction", "pads", "pad_value"], "embedding");
        graph.Output("embedding", TensorProto.Types.DataType.Float, "batch", weights.Dimension);
        return UserTowerGraph.Build(graph);
    }
}
