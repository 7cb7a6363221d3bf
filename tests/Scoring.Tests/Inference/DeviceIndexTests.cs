using System.Collections.Immutable;
using CsCheck;
using Reco.Bundle;
using Reco.Scoring.Configuration;
using Reco.Scoring.Inference;
using Reco.Scoring.Retrieval;

namespace Reco.Scoring.Tests.Inference;

/// <summary>Search by ONNX Runtime, here on the processor, against the exact search of the same rows.</summary>
public sealed class DeviceIndexTests : IDisposable
{
    private readonly string store = Directory.CreateTempSubdirectory("reco-device-").FullName;

    public void Dispose() => Directory.Delete(store, recursive: true);

    [Theory]
    [InlineData(BundleFiles.ItemsFp32)]
    [InlineData(BundleFiles.ItemsFp16)]
    [InlineData(BundleFiles.ItemsInt8)]
    public async Task Search_AnyFilterWeightsAndPlaces_GivesWhatExactSearchGives(string file)
    {
        const int Items = 3_000;
        const int Dimension = 20;
        var random = new Random(5);
        var matrix = await SourceAsync(file, Values(Items * Dimension, random), Items, Dimension);
        var exact = ExactIndices.Wrap(matrix);
        using var index = DeviceIndex.Make(matrix, new InferenceOptions { Providers = ["TensorRT", "CUDA", "CPU"] }, (_, _) => { });
        Assert.Equal("exact-cpu", index.Kind);
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[1, 400], Gen.Int[0, 3], Gen.Bool).Sample((seed, places, excludedOf10, weighted) =>
        {
            var random = new Random(seed);
            var filter = new ItemFilter(
                [.. Enumerable.Range(0, Items).Where(_ => random.Next(10) < excludedOf10)],
                random.Next(3) switch { 0 => [], 1 => Bits(Items, random, 0.4), _ => Bits(Items, random, 0.03) });
            var weights = weighted ? Values(Items, random).Select(Math.Abs).ToArray() : null;
            var query = Values(Dimension, random);
            var (found, expected) = (new Hit[places], new Hit[places]);
            var count = exact.Search(query, filter, expected, weights);
            Assert.Equal(count, index.Search(query, filter, found, weights));
            Assert.Equal(expected[..count], found[..count]);
        });
    }

    // Of equal scores the lower index comes first, as everywhere; one place more than there are items is no error.
    [Fact]
    public async Task Search_EqualRowsAndMorePlacesThanItems_GivesAllInOrder()
    {
        var matrix = await SourceAsync(BundleFiles.ItemsFp32, [.. Enumerable.Repeat(0.5f, 70 * 3)], 70, 3);
        using var index = DeviceIndex.Make(matrix, new InferenceOptions(), (_, _) => { });
        var hits = new Hit[71];
        Assert.Equal(69, index.Search([1, 1, 1], new ItemFilter([4]), hits));
        Assert.Equal(Enumerable.Range(0, 70).Where(item => item != 4), hits[..69].Select(hit => hit.Item));
        Assert.Equal(5, index.Search([1, 1, 1], default, hits.AsSpan(0, 5)));
        Assert.Equal([0, 1, 2, 3, 4], hits[..5].Select(hit => hit.Item));
    }

    [Fact]
    public async Task Search_ManyAtOnce_AnswersEachAsAlone()
    {
        const int Items = 500;
        var matrix = await SourceAsync(BundleFiles.ItemsInt8, Values(Items * 8, new Random(1)), Items, 8);
        using var index = DeviceIndex.Make(matrix, new InferenceOptions(), (_, _) => { });
        var exact = ExactIndices.Wrap(matrix);
        Parallel.For(0, 300, number =>
        {
            var random = new Random(number);
            var (query, filter) = (Values(8, random), new ItemFilter(null, number % 2 == 0 ? Bits(Items, random, 0.5) : []));
            var (found, expected) = (new Hit[10 + (number % 3)], new Hit[10 + (number % 3)]);
            exact.Search(query, filter, expected);
            index.Search(query, filter, found);
            Assert.Equal(expected, found);
        });
    }

    [Fact]
    public async Task Service_IndexDevice_ServesBySuchSearch()
    {
        await using var host = await ScoringHost.StartAsync("--Reco:Retrieval:Index=device");
        await using var other = await ScoringHost.StartAsync();
        Assert.Contains("exact-cpu", (await host.GetAsync("/v2/models/shop")).ToJsonString(), StringComparison.Ordinal);
        foreach (var question in new[] { "/v1/recommend?user=u3&k=7", "/v1/recommend?user=u5&k=7&filter=size:small", "/v1/similar?item=sku-4&k=5" })
        {
            Assert.Equal(Protocols.DomainTests.Ids(await other.GetAsync(question)), Protocols.DomainTests.Ids(await host.GetAsync(question)));
        }
    }

    private async Task<MatrixSource> SourceAsync(string file, float[] values, int items, int dimension)
    {
        using var writer = new BundleWriter(store);
        var matrix = file switch
        {
            BundleFiles.ItemsFp16 => ItemMatrix.RoundToHalf(values, items, dimension),
            BundleFiles.ItemsInt8 => ItemMatrix.Quantise(values, items, dimension),
            _ => ItemMatrix.FromValues(values, items, dimension),
        };
        await writer.AddAsync(file, (stream, _) =>
        {
            matrix.Write(stream);
            return Task.CompletedTask;
        });
        var manifest = await writer.PublishAsync(new BundleManifest
        {
            Name = "vectors",
            CreatedAt = DateTimeOffset.UnixEpoch,
            Dimension = dimension,
            MaxHistory = 1,
            Users = 0,
            Items = items,
            Precision = "only",
            Variants = ImmutableSortedDictionary<string, BundleVariant>.Empty.Add("only", new BundleVariant(file, file)),
            Inputs = [],
            Outputs = [],
            Metrics = ImmutableSortedDictionary<string, double>.Empty,
            Lineage = new BundleLineage { Dataset = "synthetic", DataHash = "0", CodeVersion = "test", Parameters = ImmutableSortedDictionary<string, string>.Empty, Seed = 1 },
        }, CancellationToken.None);
        var bundle = await BundleReader.OpenAsync(Path.Combine(store, manifest.Name, manifest.Version), CancellationToken.None);
        return new MatrixSource(bundle, file, items, dimension, () => bundle.ReadItemMatrix("only"));
    }

    private static ulong[] Bits(int items, Random random, double share)
    {
        var bits = new ulong[(items + 63) / 64];
        for (var item = 0; item < items; item++)
        {
            bits[item / 64] |= random.NextDouble() < share ? 1UL << (item % 64) : 0;
        }

        return bits;
    }

    private static float[] Values(int count, Random random)
    {
        var values = new float[count];
        foreach (ref var value in values.AsSpan())
        {
            value = (float)((random.NextDouble() * 2) - 1);
        }

        return values;
    }
}
