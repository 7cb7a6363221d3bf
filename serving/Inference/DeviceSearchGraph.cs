using Reco.Bundle;
using Reco.Bundle.Onnx;
using Reco.Scoring.Retrieval;

namespace Reco.Scoring.Inference;

/// <summary>Exact search as an ONNX graph: <c>query</c> FP32 <c>[d, 1]</c>, <c>factors</c> FP32 <c>[1]</c> or <c>[items]</c>, <c>allowed</c>
/// BOOL likewise and <c>k</c> INT64 <c>[1]</c> to <c>scores</c> FP32 <c>[k]</c> and <c>found</c> INT64 <c>[k]</c>, best first. The vectors are the
/// bundle's own file, which ONNX Runtime brings to the device once.</summary>
internal static class DeviceSearchGraph
{
    /// <summary>The inputs and outputs.</summary>
    public const string Query = "query", Factors = "factors", Allowed = "allowed", Places = "k", Scores = "scores", Found = "found";

    private const int IrVersion = 8;
    private const int Opset = 17;

    /// <summary>Builds the model.</summary>
    /// <param name="matrix">The vectors.</param>
    public static ModelProto Build(MatrixSource matrix)
    {
        var graph = new GraphBuilder("item-search");
        graph.Input(Query, TensorProto.Types.DataType.Float, matrix.Dimension, 1);
        graph.Input(Factors, TensorProto.Types.DataType.Float, "factors_length");
        graph.Input(Allowed, TensorProto.Types.DataType.Bool, "allowed_length");
        graph.Input(Places, TensorProto.Types.DataType.Int64, 1);
        graph.Node("MatMul", [AddVectors(graph, matrix), Query], "column");
        graph.Longs("flat", [-1], 1);
        graph.Node("Reshape", ["column", "flat"], "products");
        graph.Node("Mul", ["products", Factors], "weighted");
        graph.Constant("nothing", float.NegativeInfinity);
        graph.Node("Where", [Allowed, "weighted", "nothing"], "candidates");
        graph.Node("TopK", ["candidates", Places], [Scores, Found], ("axis", 0), ("largest", 1), ("sorted", 1));
        graph.Output(Scores, TensorProto.Types.DataType.Float, "places");
        graph.Output(Found, TensorProto.Types.DataType.Int64, "places");
        return graph.Build(IrVersion, Opset);
    }

    /// <summary>Adds the vectors as FP32 <c>[items, d]</c>; what has to be widened is when the session is made.</summary>
    private static string AddVectors(GraphBuilder graph, MatrixSource matrix)
    {
        var (items, dimension) = ((long)matrix.Items, (long)matrix.Dimension);
        switch (BundleFiles.FormOf(matrix.File))
        {
            case ItemForm.Int8:
                graph.External("scales", TensorProto.Types.DataType.Float, matrix.File, 0, items * sizeof(float), items, 1);
                graph.External("bytes", TensorProto.Types.DataType.Int8, matrix.File, items * sizeof(float), items * dimension, items, dimension);
                graph.Node("Cast", ["bytes"], "unscaled", ("to", (int)TensorProto.Types.DataType.Float));
                graph.Node("Mul", ["unscaled", "scales"], "vectors");
                break;
            case ItemForm.Half:
                graph.External("halves", TensorProto.Types.DataType.Float16, matrix.File, 0, items * dimension * sizeof(ushort), items, dimension);
                graph.Node("Cast", ["halves"], "vectors", ("to", (int)TensorProto.Types.DataType.Float));
                break;
            default:
                graph.External("vectors", TensorProto.Types.DataType.Float, matrix.File, 0, items * dimension * sizeof(float), items, dimension);
                break;
        }

        return "vectors";
    }
}
