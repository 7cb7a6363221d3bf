using System.Collections.Immutable;
using Google.Protobuf;
using Reco.Bundle;
using Reco.Training.Model;
using Reco.Training.Onnx;

namespace Reco.Fixtures;

/// <summary>Publishes bundles with the training's own graph and formats but seeded weights, where a bundle of a certain shape is needed
/// and not a good model. Tests and benchmarks share this file.</summary>
internal static class SeededBundle
{
    /// <summary>The trained weights' stand-ins.</summary>
    public static TowerWeights Weights(TwoTowerShape shape, int seed)
    {
        var random = new Random(seed);
        var free = shape.Dimension - 1;
        float[] Values(int count)
        {
            var values = new float[count];
            foreach (ref var value in values.AsSpan())
            {
                value = (float)((random.NextDouble() * 2) - 1);
            }

            return values;
        }

        return new TowerWeights
        {
            Shape = shape,
            Items = Values(shape.Items * free),
            ItemBias = Values(shape.Items),
            Users = Values((shape.Users + 1) * free),
            History = Values(free * free),
            Recency = Values(shape.History),
        };
    }

    /// <summary>Publishes a bundle in a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="name">Name of the model.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <param name="weights">Weights.</param>
    /// <param name="items">Catalogue, an item for each of the weights'.</param>
    /// <param name="users">Users, one for each of the weights'.</param>
    /// <param name="reference">Content of <c>reference.json</c>; none where null.</param>
    /// <param name="change">Changes the manifest before it is written.</param>
    /// <param name="groups">Groups of users; none where null.</param>
    public static async Task<BundleManifest> PublishAsync(
        string store, string name, int seed, TowerWeights weights, IEnumerable<BundleItem> items, IEnumerable<BundleUser> users, byte[]? reference = null,
        Func<BundleManifest, BundleManifest>? change = null, IEnumerable<BundleGroup>? groups = null)
    {
        var shape = weights.Shape;
        var vectors = weights.ItemVectors();
        using var writer = new BundleWriter(store);
        await AddAsync(BundleFiles.Model, UserTowerGraph.Build(weights, quantised: false).WriteTo);
        await AddAsync(BundleFiles.ModelInt8, UserTowerGraph.Build(weights, quantised: true).WriteTo);
        await AddAsync(BundleFiles.ItemsFp32, ItemMatrix.FromValues(vectors, shape.Items, shape.Dimension).Write);
        await AddAsync(BundleFiles.ItemsInt8, ItemMatrix.Quantise(vectors, shape.Items, shape.Dimension).Write);
        await writer.AddLinesAsync(BundleFiles.Items, items, CancellationToken.None);
        await writer.AddLinesAsync(BundleFiles.Users, users, CancellationToken.None);
        if (groups is not null)
        {
            await writer.AddLinesAsync(BundleFiles.Groups, groups, CancellationToken.None);
        }

        if (reference is not null)
        {
            await AddAsync(BundleFiles.Reference, stream => stream.Write(reference));
        }

        var manifest = new BundleManifest
        {
            Name = name,
            CreatedAt = DateTimeOffset.UnixEpoch.AddDays(seed),
            Dimension = shape.Dimension,
            MaxHistory = shape.History,
            Users = shape.Users,
            Items = shape.Items,
            Precision = "fp32",
            Groups = groups is null ? null : BundleFiles.Groups,
            Variants = ImmutableSortedDictionary<string, BundleVariant>.Empty
                .Add("fp32", new BundleVariant(BundleFiles.Model, BundleFiles.ItemsFp32))
                .Add("int8", new BundleVariant(BundleFiles.ModelInt8, BundleFiles.ItemsInt8)),
            Inputs = [new TensorSpec("user", "INT64", [-1]), new TensorSpec("history", "INT64", [-1, shape.History])],
            Outputs = [new TensorSpec("embedding", "FP32", [-1, shape.Dimension])],
            Metrics = ImmutableSortedDictionary<string, double>.Empty,
            Lineage = new BundleLineage { Dataset = "synthetic", DataHash = "0", CodeVersion = "test", Parameters = ImmutableSortedDictionary<string, string>.Empty, Seed = seed },
        };
        return await writer.PublishAsync(change?.Invoke(manifest) ?? manifest, CancellationToken.None);

        Task AddAsync(string file, Action<Stream> write) => writer.AddAsync(file, (stream, _) =>
        {
            write(stream);
            return Task.CompletedTask;
        });
    }
}
