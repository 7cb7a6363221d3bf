using Reco.Bundle.Onnx;
using Reco.Training.Ranking;

namespace Reco.Training.Onnx;

/// <summary>Writes what a ranker learned: features FP32 <c>[-1, K, features]</c> to scores FP32 <c>[-1, K]</c>.</summary>
internal static class RankerHeadGraph
{
    /// <summary>Adds the nodes.</summary>
    public static void Add(GraphBuilder graph, RankerWeights ranker, string input, string output)
    {
        switch (ranker.Head)
        {
            case NetworkHead network:
                AddNetwork(graph, network, ranker.Features.Count, input, output);
                break;
            case TreeHead trees:
                AddTrees(graph, trees, ranker.Features.Count, input, output);
                break;
            default:
                throw new NotSupportedException($"a ranker of type {ranker.Head.GetType().Name} has no ONNX form");
        }
    }

    private static void AddNetwork(GraphBuilder graph, NetworkHead network, int features, string input, string output)
    {
        graph.Floats("hidden_weights", network.Hidden, features, network.Output.Length);
        graph.Floats("hidden_bias", network.HiddenBias, network.Output.Length);
        graph.Floats("output_weights", network.Output, network.Output.Length);
        graph.Node("MatMul", [input, "hidden_weights"], "hidden_raw");
        graph.Node("Add", ["hidden_raw", "hidden_bias"], "hidden_sum");
        graph.Node("Relu", ["hidden_sum"], "hidden");

        // Sums of products: a MatMul with a vector takes ONNX Runtime ten times as long.
        graph.Node("Mul", ["hidden", "output_weights"], "hidden_weighted");
        graph.Node("ReduceSum", ["hidden_weighted", "axis_last"], output, ("keepdims", 0));
    }

    /// <summary>TreeEnsembleRegressor takes rows, so candidates of all requests are one list for its sake.</summary>
    private static void AddTrees(GraphBuilder graph, TreeHead trees, int features, string input, string output)
    {
        graph.Longs("tree_rows", [-1, features], 2);
        graph.Node("Reshape", [input, "tree_rows"], "tree_input");
        var (tree, node, leafTree, leafNode, leafValue) = (new List<long>(), new List<long>(), new List<long>(), new List<long>(), new List<float>());
        for (var index = 0; index < trees.Roots.Length; index++)
        {
            var end = index + 1 < trees.Roots.Length ? trees.Roots[index + 1] : trees.Feature.Length;
            for (var place = trees.Roots[index]; place < end; place++)
            {
                tree.Add(index);
                node.Add(place - trees.Roots[index]);
                if (trees.Feature[place] < 0)
                {
                    leafTree.Add(index);
                    leafNode.Add(place - trees.Roots[index]);
                    leafValue.Add(trees.Value[place]);
                }
            }
        }

        var leaf = trees.Feature.Select(feature => feature < 0).ToArray();
        long[] Child(int[] children) => [.. children.Select((child, place) => leaf[place] ? 0L : child - trees.Roots[tree[place]])];
        graph.TreeEnsemble("tree_input", "tree_output", new()
        {
            ["nodes_treeids"] = tree.ToArray(),
            ["nodes_nodeids"] = node.ToArray(),
            ["nodes_featureids"] = trees.Feature.Select(feature => Math.Max(0L, feature)).ToArray(),
            ["nodes_values"] = trees.Value.Select((value, place) => leaf[place] ? 0 : value).ToArray(),
            ["nodes_modes"] = leaf.Select(end => end ? "LEAF" : "BRANCH_LEQ").ToArray(),
            ["nodes_truenodeids"] = Child(trees.Left),
            ["nodes_falsenodeids"] = Child(trees.Right),
            ["target_treeids"] = leafTree.ToArray(),
            ["target_nodeids"] = leafNode.ToArray(),
            ["target_ids"] = new long[leafTree.Count],
            ["target_weights"] = leafValue.ToArray(),
        });
        graph.Node("Shape", ["candidates"], "ranking_shape");
        graph.Node("Reshape", ["tree_output", "ranking_shape"], output);
    }
}
