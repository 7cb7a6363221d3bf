using Reco.Bundle;
using Reco.Scoring.Hosting;

namespace Reco.Scoring.Tests.Models;

public sealed class BundlePullTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("reco-pull-");

    private string Store => Path.Combine(folder.FullName, "store");

    private string Target => Path.Combine(folder.FullName, "models");

    [Fact]
    public async Task Pull_WholeBundle_IsCopiedAndOpens()
    {
        var manifest = await BundleMaker.PublishAsync(Store, 1);
        var (code, output) = await PullAsync($"shop/{manifest.Version}");
        Assert.Equal(0, code);
        Assert.Contains(manifest.Version, output);
        var copy = await BundleReader.OpenAsync(Path.Combine(Target, "shop", manifest.Version), CancellationToken.None);
        Assert.Equal(manifest.Files, copy.Manifest.Files);
    }

    [Fact]
    public async Task Pull_NameAlone_TakesTheNewest()
    {
        await BundleMaker.PublishAsync(Store, 1);
        var newest = await BundleMaker.PublishAsync(Store, 5);
        Assert.Equal(0, (await PullAsync("shop")).Code);
        Assert.Equal([newest.Version], Directory.EnumerateDirectories(Path.Combine(Target, "shop")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Pull_DamagedBundle_IsRefusedAndLeavesNothing()
    {
        var manifest = await BundleMaker.PublishAsync(Store, 1);
        var file = Path.Combine(Store, "shop", manifest.Version, BundleFiles.ItemsFp32);
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
        var (code, output) = await PullAsync($"shop/{manifest.Version}");
        Assert.Equal(1, code);
        Assert.Contains(BundleFiles.ItemsFp32, output);
        Assert.Empty(Directory.EnumerateFiles(Target, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Pull_AfterATornCopy_ReplacesIt()
    {
        var manifest = await BundleMaker.PublishAsync(Store, 1);
        Assert.Equal(0, (await PullAsync("shop")).Code);
        var file = Path.Combine(Target, "shop", manifest.Version, BundleFiles.Model);
        await File.WriteAllTextAsync(file, "torn");
        Assert.Equal(0, (await PullAsync("shop")).Code);
        await BundleReader.OpenAsync(Path.Combine(Target, "shop", manifest.Version), CancellationToken.None);
    }

    [Theory]
    [InlineData("none/0123456789abcdef", 1)]
    [InlineData("../etc", 1)]
    public async Task Pull_NoSuchBundle_SaysSo(string bundle, int expected)
    {
        await BundleMaker.PublishAsync(Store, 1);
        var (code, output) = await PullAsync(bundle);
        Assert.Equal(expected, code);
        Assert.Contains("error: ", output);
    }

    [Fact]
    public async Task Pull_WrongUsage_SaysHow()
    {
        var error = new StringWriter();
        Assert.Equal(2, await PullCommand.RunAsync(["--from=/x"], TextWriter.Null, error));
        Assert.Contains("--bundle=NAME", error.ToString());
    }

    public void Dispose() => folder.Delete(recursive: true);

    private async Task<(int Code, string Output)> PullAsync(string bundle)
    {
        var output = new StringWriter();
        var code = await PullCommand.RunAsync([$"--from={Store}", $"--to={Target}", $"--bundle={bundle}"], output, output);
        return (code, output.ToString());
    }
}
