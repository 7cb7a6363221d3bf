using System.Runtime.InteropServices;
using Reco.Bundle.Onnx;
using Reco.Training.Model;

namespace Reco.Training.Onnx;

/// <summary>Writes the user tower as ONNX: <c>user</c> INT64 <c>[-1]</c> and <c>history</c> INT64 <c>[-1, H]</c> to
/// <c>embedding</c> FP32 <c>[-1, d]</c>. The embedding tables are FP32, or int8 with one scale a row: they are nearly all of
/// the model's size, and a row is dequantised after it was gathered, so that nothing but the rows in use is touched.</summary>
internal static class UserTowerGraph
{
    private const int IrVersion = 8;
    private const int Opset = 17;

    /// <summary>Builds the model.</summary>
    /// <param name="weights">Trained weights.</param>
    /// <param name="quantised">True for int8 tables.</param>
    /// <param name="half">True for FP16 tables, which are widened after a row was gathered.</param>
    public static ModelProto Build(TowerWeights weights, bool quantised, bool half = false)
    {
        var shape = weights.Shape;
        var width = shape.Dimension - 1;
        var (graph, items) = Begin("user-tower", weights);
        var vectors = GatherRows(graph, "items", items, shape.Items + 1, width, "history", quantised, half);
        var users = GatherRows(graph, "users", weights.Users, shape.Users + 1, width, "user", quantised, half);

        Pool(graph, weights, vectors);
        graph.Floats("history_transform", weights.History, width, width);
        graph.Node("MatMul", ["pooled", "history_transform"], "from_history");
        Finish(graph, users, weights);
        return Build(graph);
    }

    /// <summary>A graph with the tower's inputs, and the item table that histories look up: row 0 is the padding, as that of the
    /// user table is the unknown user.</summary>
    internal static (GraphBuilder Graph, float[] Items) Begin(string name, TowerWeights weights)
    {
        var (shape, width) = (weights.Shape, weights.Shape.Dimension - 1);
        var graph = new GraphBuilder(name);
        graph.Input("user", TensorProto.Types.DataType.Int64, "batch");
        graph.Input("history", TensorProto.Types.DataType.Int64, "batch", shape.History);
        var items = new float[(shape.Items + 1) * width];
        weights.HistoryItems.CopyTo(items, width);
        return (graph, items);
    }

    /// <summary>Adds the weighted mean <c>pooled</c> of the history's rows.</summary>
    internal static void Pool(GraphBuilder graph, TowerWeights weights, string vectors)
    {
        graph.Constant("zero", 0L);
        graph.Constant("minus_infinity", -1e9f);
        graph.Floats("recency", weights.Recency, 1, weights.Shape.History);
        graph.Node("Equal", ["history", "zero"], "padding");
        graph.Node("Where", ["padding", "minus_infinity", "recency"], "logits");
        graph.Node("Softmax", ["logits"], "weights", ("axis", -1));

        // [batch, 1, H] x [batch, H, width]: padding rows are zero, so an empty history pools to zero.
        graph.Longs("middle", [1], 1);
        graph.Node("Unsqueeze", ["weights", "middle"], "weights_row");
        graph.Node("MatMul", ["weights_row", vectors], "pooled_row");
        graph.Node("Squeeze", ["pooled_row", "middle"], "pooled");
    }

    /// <summary>Adds the user's own row to <c>from_history</c>, and the output. The last coordinate brings the item's bias
    /// into the dot product.</summary>
    internal static void Finish(GraphBuilder graph, string users, TowerWeights weights)
    {
        var dimension = weights.Shape.Dimension;
        graph.Node("Add", [users, "from_history"], "learned");
        Top(graph, weights.Top, dimension - 1);
        graph.Longs("pads", [0, 0, 0, 1], 4);
        graph.Node("Pad", [weights.Top is null ? "learned" : "topped", "pads", "pad_value"], "embedding");
        graph.Constant("pad_value", weights.BiasWeight);
        graph.Output("embedding", TensorProto.Types.DataType.Float, "batch", dimension);
    }

    /// <summary>Adds the hidden layer <c>topped</c>, if there is one. It stays FP32 in every variant: next to the tables it is small.</summary>
    private static void Top(GraphBuilder graph, TopWeights? top, int width)
    {
        if (top is null)
        {
            return;
        }

        graph.Floats("top_hidden", top.Hidden, width, top.Units);
        graph.Floats("top_bias", top.Bias, top.Units);
        graph.Floats("top_output", top.Output, top.Units, width);
        graph.Node("MatMul", ["learned", "top_hidden"], "top_product");
        graph.Node("Add", ["top_product", "top_bias"], "top_sum");
        graph.Node("Relu", ["top_sum"], "top_units");
        graph.Node("MatMul", ["top_units", "top_output"], "top_step");
        graph.Node("Add", ["learned", "top_step"], "topped");
    }

    /// <summary>The model of a graph.</summary>
    internal static ModelProto Build(GraphBuilder graph) => graph.Build(IrVersion, Opset);

    /// <summary>Adds a table and the rows of it that an input names.</summary>
    internal static string GatherRows(GraphBuilder graph, string name, float[] values, int rows, int width, string index, bool quantised, bool half)
    {
        if (half)
        {
            var halves = new Half[values.Length];
            System.Numerics.Tensors.TensorPrimitives.ConvertToHalf(values, halves);
            graph.Initializer($"{name}_h", TensorProto.Types.DataType.Float16, MemoryMarshal.AsBytes(halves.AsSpan()), rows, width);
            graph.Node("Gather", [$"{name}_h", index], $"{name}_h_rows");
            graph.Node("Cast", [$"{name}_h_rows"], $"{name}_rows", ("to", (long)TensorProto.Types.DataType.Float));
            return $"{name}_rows";
        }

        if (!quantised)
        {
            graph.Floats(name, values, rows, width);
            graph.Node("Gather", [name, index], $"{name}_rows");
            return $"{name}_rows";
        }

        var matrix = Bundle.ItemMatrix.Quantise(values, rows, width);
        graph.Initializer($"{name}_q", TensorProto.Types.DataType.Int8, MemoryMarshal.AsBytes(matrix.Quantised.AsSpan()), rows, width);
        graph.Floats($"{name}_scale", matrix.Scales!, rows, 1);
        graph.Node("Gather", [$"{name}_q", index], $"{name}_q_rows");
        graph.Node("Cast", [$"{name}_q_rows"], $"{name}_f_rows", ("to", (long)TensorProto.Types.DataType.Float));
        graph.Node("Gather", [$"{name}_scale", index], $"{name}_scale_rows");
        graph.Node("Mul", [$"{name}_f_rows", $"{name}_scale_rows"], $"{name}_rows");
        return $"{name}_rows";
    }
}
