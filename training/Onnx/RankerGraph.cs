using System.Runtime.InteropServices;
using Reco.Bundle.Onnx;
using Reco.Training.Ranking;

namespace Reco.Training.Onnx;

/// <summary>Writes the ranker as ONNX: <c>history</c> INT64 <c>[-1, H]</c>, <c>candidates</c> INT64 <c>[-1, K]</c> (item indices
/// + 1, 0 for padding) and <c>scores</c> FP32 <c>[-1, K]</c> (what the towers said) to <c>ranking</c> FP32 <c>[-1, K]</c>. The
/// features are computed inside, from tables of the catalogue; the compact form keeps those in 16 and 8 bits.</summary>
internal static class RankerGraph
{
    private const int IrVersion = 8;
    private const int Opset = 17;

    /// <summary>Builds the model.</summary>
    public static ModelProto Build(RankerWeights ranker, bool compact)
    {
        var graph = new GraphBuilder("ranker");
        var features = ranker.Features;
        graph.Input("history", TensorProto.Types.DataType.Int64, "batch", features.History);
        graph.Input("candidates", TensorProto.Types.DataType.Int64, "batch", "count");
        graph.Input("scores", TensorProto.Types.DataType.Float, "batch", "count");
        graph.Constant("zero", 0L);
        graph.Constant("one", 1f);
        graph.Constant("tiny", 1e-6f);
        graph.Longs("axis1", [1], 1);
        graph.Longs("axis2", [2], 1);
        graph.Longs("axis_last", [-1], 1);

        Mask(graph, "history", "history_mask");
        Mask(graph, "candidates", "candidate_mask");
        graph.Node("ReduceSum", ["history_mask", "axis1"], "length", ("keepdims", 1));
        graph.Node("Unsqueeze", ["history_mask", "axis1"], "history_mask3");
        List<string> columns = [Normalised(graph)];
        columns.AddRange(OwnPurchases(graph, features));
        columns.Add(Length(graph));
        columns.AddRange(Affinities(graph, features, compact));
        var joined = new List<string>();
        foreach (var column in columns)
        {
            graph.Node("Unsqueeze", [column, "axis_last"], $"{column}_column");
            joined.Add($"{column}_column");
        }

        joined.Add(Statics(graph, features, compact));
        graph.Node("Concat", [.. joined], "features", ("axis", -1));
        RankerHeadGraph.Add(graph, ranker, "features", "raw");
        graph.Constant("behind", -1e9f);
        graph.Node("Where", ["candidate_mask_bool", "raw", "behind"], "ranking");
        graph.Output("ranking", TensorProto.Types.DataType.Float, "batch", "count");
        return graph.Build(IrVersion, Opset);
    }

    private static void Mask(GraphBuilder graph, string input, string mask)
    {
        graph.Node("Greater", [input, "zero"], $"{mask}_bool");
        graph.Node("Cast", [$"{mask}_bool"], mask, ("to", (long)TensorProto.Types.DataType.Float));
    }

    private static string Normalised(GraphBuilder graph)
    {
        graph.Node("ReduceSum", ["candidate_mask", "axis1"], "candidate_count", ("keepdims", 1));
        graph.Node("Mul", ["scores", "candidate_mask"], "own_scores");
        graph.Node("ReduceSum", ["own_scores", "axis1"], "score_sum", ("keepdims", 1));
        graph.Node("Div", ["score_sum", "candidate_count"], "score_mean");
        graph.Node("Sub", ["scores", "score_mean"], "score_offset");
        graph.Node("Mul", ["score_offset", "candidate_mask"], "score_centred");
        graph.Node("Mul", ["score_centred", "score_centred"], "score_square");
        graph.Node("ReduceSum", ["score_square", "axis1"], "score_square_sum", ("keepdims", 1));
        graph.Node("Div", ["score_square_sum", "candidate_count"], "score_variance");
        graph.Node("Sqrt", ["score_variance"], "score_root");
        graph.Node("Add", ["score_root", "tiny"], "score_deviation");
        graph.Node("Div", ["score_centred", "score_deviation"], "score");
        return "score";
    }

    private static string[] OwnPurchases(GraphBuilder graph, RankerFeatures features)
    {
        graph.Node("Unsqueeze", ["candidates", "axis2"], "candidates3");
        graph.Node("Unsqueeze", ["history", "axis1"], "history3");
        graph.Node("Equal", ["candidates3", "history3"], "same_bool");
        graph.Node("Cast", ["same_bool"], "same_raw", ("to", (long)TensorProto.Types.DataType.Float));
        graph.Node("Mul", ["same_raw", "history_mask3"], "same");
        graph.Node("ReduceSum", ["same", "axis2"], "own_count", ("keepdims", 0));
        graph.Node("Add", ["own_count", "one"], "own_count1");
        graph.Node("Log", ["own_count1"], "frequency");
        graph.Floats("latest_weights", features.Latest, features.History);
        graph.Floats("decay_weights", features.Decay, features.History);
        graph.Node("Mul", ["same", "latest_weights"], "same_latest");
        graph.NodeOverAxes("ReduceMax", ["same_latest"], "latest", 2);
        graph.Node("MatMul", ["same", "decay_weights"], "decayed");
        return ["frequency", "latest", "decayed"];
    }

    private static string Length(GraphBuilder graph)
    {
        graph.Node("Add", ["length", "one"], "length1");
        graph.Node("Log", ["length1"], "length_log");
        graph.Node("Mul", ["candidate_mask", "length_log"], "user_length");
        return "user_length";
    }

    private static IEnumerable<string> Affinities(GraphBuilder graph, RankerFeatures features, bool compact)
    {
        graph.Node("Max", ["length", "one"], "length_least");
        var narrow = compact && features.Categories.All(value => value <= short.MaxValue);
        for (var column = 0; column < features.Columns; column++)
        {
            // Row 0 is the padding.
            var values = new int[features.Items + 1];
            for (var item = 0; item < features.Items; item++)
            {
                values[item + 1] = features.Categories[(item * features.Columns) + column];
            }

            var name = $"category{column}";
            if (narrow)
            {
                graph.Initializer(name, TensorProto.Types.DataType.Int16, MemoryMarshal.AsBytes(values.Select(value => (short)value).ToArray().AsSpan()), values.Length);
            }
            else
            {
                graph.Initializer(name, TensorProto.Types.DataType.Int32, MemoryMarshal.AsBytes(values.AsSpan()), values.Length);
            }

            foreach (var side in new[] { "candidates", "history" })
            {
                graph.Node("Gather", [name, side], $"{name}_{side}_narrow");
                graph.Node("Cast", [$"{name}_{side}_narrow"], $"{name}_{side}", ("to", (long)TensorProto.Types.DataType.Int64));
            }

            Mask(graph, $"{name}_candidates", $"{name}_known");
            graph.Node("Unsqueeze", [$"{name}_candidates", "axis2"], $"{name}_c3");
            graph.Node("Unsqueeze", [$"{name}_history", "axis1"], $"{name}_h3");
            graph.Node("Equal", [$"{name}_c3", $"{name}_h3"], $"{name}_equal");
            graph.Node("Cast", [$"{name}_equal"], $"{name}_same_raw", ("to", (long)TensorProto.Types.DataType.Float));
            graph.Node("Mul", [$"{name}_same_raw", "history_mask3"], $"{name}_same");
            graph.Node("ReduceSum", [$"{name}_same", "axis2"], $"{name}_sum", ("keepdims", 0));
            graph.Node("Div", [$"{name}_sum", "length_least"], $"{name}_share");
            graph.Node("Mul", [$"{name}_share", $"{name}_known"], $"{name}_affinity");
            yield return $"{name}_affinity";
        }
    }

    private static string Statics(GraphBuilder graph, RankerFeatures features, bool compact)
    {
        const int Columns = RankerFeatures.Statics;
        var values = new float[(features.Items + 1) * Columns];
        features.Static.CopyTo(values, Columns);
        if (!compact)
        {
            graph.Floats("statics", values, features.Items + 1, Columns);
            graph.Node("Gather", ["statics", "candidates"], "statics_columns");
            return "statics_columns";
        }

        // One scale a column: the columns differ in range.
        var scales = Enumerable.Range(0, Columns).Select(column => Math.Max(1e-12f, values.Where((_, index) => index % Columns == column).Max(Math.Abs)) / 127f).ToArray();
        var quantised = values.Select((value, index) => (sbyte)MathF.Round(value / scales[index % Columns])).ToArray();
        graph.Initializer("statics", TensorProto.Types.DataType.Int8, MemoryMarshal.AsBytes(quantised.AsSpan()), features.Items + 1, Columns);
        graph.Floats("statics_scale", scales, Columns);
        graph.Node("Gather", ["statics", "candidates"], "statics_q");
        graph.Node("Cast", ["statics_q"], "statics_f", ("to", (long)TensorProto.Types.DataType.Float));
        graph.Node("Mul", ["statics_f", "statics_scale"], "statics_columns");
        return "statics_columns";
    }
}
