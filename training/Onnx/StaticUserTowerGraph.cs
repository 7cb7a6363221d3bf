using System.Runtime.InteropServices;
using Reco.Bundle.Onnx;
using Reco.Training.Compression;
using Reco.Training.Model;

namespace Reco.Training.Onnx;

/// <summary>Writes the user tower as a statically quantised ONNX graph (QDQ form): tables and weights in int8 with one scale a
/// column, the input of the matrix product in uint8 with a range that was calibrated on real requests. The weights of the
/// history's places stay FP32: with fifty of them each is near 0.02, which 8 bits would round to a few steps.</summary>
internal static class StaticUserTowerGraph
{
    /// <summary>Builds the model; inputs and output are those of <see cref="UserTowerGraph"/>.</summary>
    /// <param name="weights">Trained weights.</param>
    /// <param name="pooled">Range of the pooled history.</param>
    public static ModelProto Build(TowerWeights weights, ActivationRange pooled)
    {
        var shape = weights.Shape;
        var width = shape.Dimension - 1;
        var (graph, items) = UserTowerGraph.Begin("user-tower-static", weights);
        var vectors = GatherRows(graph, "items", ChannelMatrix.Quantise(items, width, ChannelMatrix.Full), shape.Items + 1, width, "history", axis: 2);
        var users = GatherRows(graph, "users", ChannelMatrix.Quantise(weights.Users, width, ChannelMatrix.Full), shape.Users + 1, width, "user", axis: 1);
        UserTowerGraph.Pool(graph, weights, vectors);
        graph.Constant("pooled_scale", pooled.Scale);
        graph.Initializer("pooled_zero", TensorProto.Types.DataType.Uint8, [pooled.ZeroPoint]);
        graph.Node("QuantizeLinear", ["pooled", "pooled_scale", "pooled_zero"], "pooled_q");
        graph.Node("DequantizeLinear", ["pooled_q", "pooled_scale", "pooled_zero"], "pooled_dq");
        Matrix(graph, "history_transform", ChannelMatrix.Quantise(weights.History, width, ChannelMatrix.Reduced), width, width);
        graph.Node("DequantizeLinear", ["history_transform_q", "history_transform_scale", "history_transform_zero"], "history_transform", ("axis", 1));
        graph.Node("MatMul", ["pooled_dq", "history_transform"], "from_history");
        UserTowerGraph.Finish(graph, users, weights);
        return UserTowerGraph.Build(graph);
    }

    private static string GatherRows(GraphBuilder graph, string name, ChannelMatrix matrix, int rows, int width, string index, int axis)
    {
        Matrix(graph, name, matrix, rows, width);
        graph.Node("Gather", [$"{name}_q", index], $"{name}_q_rows");
        graph.Node("DequantizeLinear", [$"{name}_q_rows", $"{name}_scale", $"{name}_zero"], $"{name}_rows", ("axis", axis));
        return $"{name}_rows";
    }

    private static void Matrix(GraphBuilder graph, string name, ChannelMatrix matrix, int rows, int columns)
    {
        graph.Initializer($"{name}_q", TensorProto.Types.DataType.Int8, MemoryMarshal.AsBytes(matrix.Values.AsSpan()), rows, columns);
        graph.Floats($"{name}_scale", matrix.Scales, columns);
        graph.Initializer($"{name}_zero", TensorProto.Types.DataType.Int8, new byte[columns], columns);
    }
}
