using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;

namespace Reco.Training.Ranking;

/// <summary>Learns a <see cref="TreeHead"/> by LightGBM's LambdaRank (Burges 2010; Ke et al. 2017) through ML.NET.</summary>
internal static class LambdaRank
{
    private const int Leaves = 15;
    private const int LeastRows = 50;
    private const double LearningRate = 0.1;

    /// <summary>Whether LightGBM's native library can be loaded here: it needs OpenMP's of GCC (package <c>libgomp1</c>), which slim
    /// images leave out.</summary>
    public static bool IsAvailable => NativeLibrary.TryLoad("lib_lightgbm", typeof(LightGbmRankingTrainer).Assembly, null, out _);

    /// <summary>Fits trees to the purchases of the lists.</summary>
    /// <param name="lists">Candidates; what nobody bought from teaches nothing and is left out.</param>
    /// <param name="trees">Trees.</param>
    /// <param name="seed">Seed. One thread, so that sums have one order and a seed one result.</param>
    public static TreeHead Fit(IReadOnlyList<CandidateList> lists, int trees, int seed)
    {
        var learning = lists.Where(list => list.HasPurchases).ToArray();
        var features = learning[0].Features.Length / learning[0].Labels.Length;
        var context = new MLContext(seed);
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features);
        schema[nameof(Row.Group)].ColumnType = new KeyDataViewType(typeof(uint), learning.Length);
        var trainer = context.Ranking.Trainers.LightGbm(new LightGbmRankingTrainer.Options
        {
            LabelColumnName = nameof(Row.Label),
            FeatureColumnName = nameof(Row.Features),
            RowGroupColumnName = nameof(Row.Group),
            NumberOfIterations = trees,
            NumberOfLeaves = Leaves,
            MinimumExampleCountPerLeaf = LeastRows,
            LearningRate = LearningRate,
            NumberOfThreads = 1,
            Seed = seed,
            CustomGains = [0, 1],
        });
        try
        {
            return Flatten(trainer.Fit(context.Data.LoadFromEnumerable(Rows(learning, features), schema)).Model.TrainedTreeEnsemble);
        }
        catch (ArgumentNullException)
        {
            // ML.NET cannot read a first tree without a split: too few rows, or nothing that tells them apart.
            return new TreeHead([], [], [], [], []);
        }
    }

    private static IEnumerable<Row> Rows(CandidateList[] lists, int features)
    {
        for (var group = 0; group < lists.Length; group++)
        {
            for (var place = 0; place < lists[group].Labels.Length; place++)
            {
                yield return new Row
                {
                    Features = lists[group].Features[(place * features)..((place + 1) * features)],
                    Label = lists[group].Labels[place],
                    Group = (uint)group + 1,
                };
            }
        }
    }

    private static TreeHead Flatten(RegressionTreeEnsemble ensemble)
    {
        var (roots, feature, value, left, right) = (new List<int>(), new List<int>(), new List<float>(), new List<int>(), new List<int>());
        for (var index = 0; index < ensemble.Trees.Count; index++)
        {
            var (tree, weight) = (ensemble.Trees[index], ensemble.TreeWeights[index]);
            roots.Add(feature.Count);
            Add(tree.NumberOfLeaves == 1 ? ~0 : 0);

            // Children below zero are leaves, counted from -1 downwards.
            int Add(int node)
            {
                var place = feature.Count;
                var leaf = node < 0;
                feature.Add(leaf ? -1 : tree.NumericalSplitFeatureIndexes[node]);
                value.Add((float)(leaf ? tree.LeafValues[~node] * weight : tree.NumericalSplitThresholds[node]));
                left.Add(place);
                right.Add(place);
                if (!leaf)
                {
                    left[place] = Add(tree.LeftChild[node]);
                    right[place] = Add(tree.RightChild[node]);
                }

                return place;
            }
        }

        return new TreeHead([.. roots], [.. feature], [.. value], [.. left], [.. right]);
    }

    private sealed class Row
    {
        public required float[] Features { get; init; }

        public required float Label { get; init; }

        public required uint Group { get; init; }
    }
}
