using System.Collections.Immutable;
using CsCheck;
using Reco.Bundle;

namespace Reco.Training.Tests.Bundle;

public sealed class BundleTests : IDisposable
{
    private readonly TemporaryFolder store = new();

    public void Dispose() => store.Dispose();

    [Fact]
    public async Task Publish_SameContentTwice_KeepsOneVersion()
    {
        var first = await WriteAsync("abc");
        var second = await WriteAsync("abc");
        Assert.Equal(first.Version, second.Version);
        Assert.NotEqual(first.Version, (await WriteAsync("abd")).Version);
        Assert.Equal(2, Directory.GetDirectories(Path.Combine(store.Path, "m")).Length);
    }

    [Fact]
    public async Task Open_ChangedFile_NamesIt()
    {
        var folder = Path.Combine(store.Path, "m", (await WriteAsync("abc")).Version);
        await File.WriteAllTextAsync(Path.Combine(folder, BundleFiles.ItemsFp32), "abX");
        var error = await Assert.ThrowsAsync<BundleException>(() => BundleReader.OpenAsync(folder, default));
        Assert.Contains(BundleFiles.ItemsFp32, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_OtherSchema_SaysWhichIsRead()
    {
        var folder = Path.Combine(store.Path, "m", (await WriteAsync("abc")).Version);
        var path = Path.Combine(folder, BundleFiles.Manifest);
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path)).Replace("\"schemaVersion\": 1", "\"schemaVersion\": 99", StringComparison.Ordinal));
        Assert.Contains("schemaVersion 99", (await Assert.ThrowsAsync<BundleException>(() => BundleReader.OpenAsync(folder, default))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Quantise_AnyMatrix_ErrsByHalfAStepAtMost() =>
        Gen.Float[-100, 100].Array[24].Sample(values =>
        {
            var matrix = ItemMatrix.Quantise(values, 3, 8);
            var row = new float[8];
            for (var item = 0; item < 3; item++)
            {
                matrix.CopyRow(item, row);
                for (var d = 0; d < 8; d++)
                {
                    Assert.InRange(Math.Abs(row[d] - values[(item * 8) + d]), 0, (matrix.Scales![item] * 0.5f) + 1e-4f);
                }
            }
        }, iter: 500);

    [Fact]
    public void Write_EachForm_ReadsBackTheSame()
    {
        var random = new Random(5);
        var values = Enumerable.Range(0, 60).Select(_ => random.NextSingle() - 0.5f).ToArray();
        foreach (var matrix in new[] { ItemMatrix.FromValues(values, 6, 10), ItemMatrix.RoundToHalf(values, 6, 10), ItemMatrix.Quantise(values, 6, 10) })
        {
            var path = Path.Combine(store.Path, "items.bin");
            using (var stream = File.Create(path))
            {
                matrix.Write(stream);
            }

            var read = matrix.Values is null ? ItemMatrix.ReadInt8(path, 6, 10) : matrix.IsHalf ? ItemMatrix.ReadFp16(path, 6, 10) : ItemMatrix.ReadFp32(path, 6, 10);
            Assert.Equal(new FileInfo(path).Length, matrix.Bytes);
            Assert.Equal(matrix.Values, read.Values);
            Assert.Equal(matrix.Quantised, read.Quantised);
            Assert.Equal(matrix.Scales, read.Scales);
            Assert.Throws<BundleException>(() => ItemMatrix.ReadFp32(path, 7, 11));
        }
    }

    private async Task<BundleManifest> WriteAsync(string content)
    {
        using var writer = new BundleWriter(store.Path);
        foreach (var file in new[] { BundleFiles.Model, BundleFiles.ItemsFp32 })
        {
            await writer.AddAsync(file, (stream, token) => stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(content), token).AsTask());
        }

        return await writer.PublishAsync(new BundleManifest
        {
            Name = "m",
            Dimension = 4,
            MaxHistory = 3,
            Users = 1,
            Items = 1,
            Precision = "fp32",
            Variants = ImmutableSortedDictionary<string, BundleVariant>.Empty.Add("fp32", new BundleVariant(BundleFiles.Model, BundleFiles.ItemsFp32)),
            Inputs = [],
            Outputs = [],
            Metrics = ImmutableSortedDictionary<string, double>.Empty,
            Lineage = new BundleLineage { Dataset = "d", DataHash = "h", CodeVersion = "c", Parameters = ImmutableSortedDictionary<string, string>.Empty, Seed = 1 },
        }, default);
    }
}
