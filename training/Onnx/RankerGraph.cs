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
        string[] columns = [Normalised(graph), .. OwnPurchases(graph, features), Length(graph)];
        var joined = new List<string>();
        foreach (var column in columns)
        {
            graph.Node("Unsqueeze", [column, "axis_last"], $"{column}_column");
            joined.Add($"{column}_column");
        }

        if (features.Columns > 0)
        {
            joined.Add(Affinities(graph, features, compact));
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

    /// <summary>How often and how lately the user bought the candidate itself, by comparing it with each item of the history
    /// (<c>[batch, K, H]</c>). Sums over products, for a MatMul with a vector takes ONNX Runtime ten times as long.</summary>
    private static string[] OwnPurchases(GraphBuilder graph, RankerFeatures features)
    {
        graph.Constant("nothing", -1L);
        graph.Node("Where", ["history_mask_bool", "history", "nothing"], "history_or_nothing");
        graph.Node("Cast", ["candidates"], "candidates_narrow", ("to", (long)TensorProto.Types.DataType.Int32));
        graph.Node("Cast", ["history_or_nothing"], "history_narrow", ("to", (long)TensorProto.Types.DataType.Int32));
        graph.Node("Unsqueeze", ["candidates_narrow", "axis2"], "candidates3");
        graph.Node("Unsqueeze", ["history_narrow", "axis1"], "history3");
        graph.Node("Equal", ["candidates3", "history3"], "same_bool");
        graph.Node("Cast", ["same_bool"], "same", ("to", (long)TensorProto.Types.DataType.Float));
        graph.Node("ReduceSum", ["same", "axis2"], "own_count", ("keepdims", 0));
        graph.Node("Add", ["own_count", "one"], "own_count1");
        graph.Node("Log", ["own_count1"], "frequency");
        graph.Floats("latest_weights", features.Latest, features.History);
        graph.Floats("decay_weights", features.Decay, features.History);
        graph.Node("Mul", ["same", "latest_weights"], "same_latest");
        graph.NodeOverAxes("ReduceMax", ["same_latest"], "latest", 2);
        graph.Node("Mul", ["same", "decay_weights"], "same_decayed");
        graph.Node("ReduceSum", ["same_decayed", "axis2"], "decayed", ("keepdims", 0));
        return ["frequency", "latest", "decayed"];
    }

    private static string Length(GraphBuilder graph)
    {
        graph.Node("Add", ["length", "one"], "length1");
        graph.Node("Log", ["length1"], "length_log");
        graph.Node("Mul", ["candidate_mask", "length_log"], "user_length");
        return "user_length";
    }

    /// <summary>Shares of the history that have the candidate's value, a column for each kind of value (<c>[batch, K, columns]</c>): the history is
    /// counted by value, all columns in one row of counts, where place 0 is for what has no value.</summary>
    private static string Affinities(GraphBuilder graph, RankerFeatures features, bool compact)
    {
        var places = Places(features, out var count);
        if (compact && count <= short.MaxValue)
        {
            graph.Initializer("places", TensorProto.Types.DataType.Int16, MemoryMarshal.AsBytes(places.Select(place => (short)place).ToArray().AsSpan()), features.Items + 1, features.Columns);
        }
        else
        {
            graph.Initializer("places", TensorProto.Types.DataType.Int32, MemoryMarshal.AsBytes(places.AsSpan()), features.Items + 1, features.Columns);
        }

        graph.Longs("flat", [0, -1], 2);
        foreach (var side in new[] { "history", "candidates" })
        {
            graph.Node("Gather", ["places", side], $"{side}_places_narrow");
            graph.Node("Cast", [$"{side}_places_narrow"], $"{side}_places3", ("to", (long)TensorProto.Types.DataType.Int64));
            graph.Node("Reshape", [$"{side}_places3", "flat"], $"{side}_places");
        }

        graph.Floats("each_column", [.. Enumerable.Repeat(1f, features.Columns)], features.Columns);
        graph.Node("Unsqueeze", ["history_mask", "axis2"], "history_mask3");
        graph.Node("Mul", ["history_mask3", "each_column"], "counted3");
        graph.Node("Reshape", ["counted3", "flat"], "counted");
        graph.Floats("no_counts", new float[count], 1, count);
        graph.Node("Mul", ["length", "no_counts"], "counts_before");
        graph.Scatter("counts_before", "history_places", "counted", "counts", 1);
        graph.Node("GatherElements", ["counts", "candidates_places"], "found", ("axis", 1));
        graph.Longs("by_column", [0, -1, features.Columns], 3);
        graph.Node("Reshape", ["found", "by_column"], "found3");
        graph.Node("Max", ["length", "one"], "length_least");
        graph.Node("Unsqueeze", ["length_least", "axis2"], "length_least3");
        graph.Node("Div", ["found3", "length_least3"], "shares");
        Mask(graph, "candidates_places3", "known");
        graph.Node("Mul", ["shares", "known"], "affinities");
        return "affinities";
    }

    /// <summary>The place of each item's values in the row of counts <c>[items + 1, columns]</c>; row 0 is the padding.</summary>
    private static int[] Places(RankerFeatures features, out int count)
    {
        var places = new int[(features.Items + 1) * features.Columns];
        count = 1;
        for (var column = 0; column < features.Columns; column++)
        {
            var (first, most) = (count - 1, 0);
            for (var item = 0; item < features.Items; item++)
            {
                var value = features.Categories[(item * features.Columns) + column];
                places[((item + 1) * features.Columns) + column] = value == 0 ? 0 : first + value;
                most = Math.Max(most, value);
            }

            count += most;
        }

        return places;
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
