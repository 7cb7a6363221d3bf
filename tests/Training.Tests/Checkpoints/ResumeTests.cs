namespace Reco.Training.Tests.Checkpoints;

/// <summary>Real processes, killed for real.</summary>
[Collection(TrainsCollection.Name)]
public sealed class ResumeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("--mlp-units=0")] // the gradient written out
    [InlineData("--mlp-units=8")] // libtorch's
    public async Task Run_KilledInTheMiddle_ResumesToTheSameBits(string model)
    {
        var undisturbed = await RunAsync("a", model, killAt: null);
        Assert.Equal(0, undisturbed.Code);
        Assert.DoesNotContain("resuming", undisturbed.Output, StringComparison.Ordinal);

        Assert.NotEqual(0, (await RunAsync("b", model, killAt: "search epoch 2/")).Code);
        var again = await RunAsync("b", model, killAt: " epoch 1/");
        Assert.NotEqual(0, again.Code);
        Assert.Contains("resuming after epoch", again.Output, StringComparison.Ordinal);
        var last = await RunAsync("b", model, killAt: null);
        Assert.True(last.Code == 0, last.Output);
        Assert.Contains("resuming after epoch", last.Output, StringComparison.Ordinal);

        // The version is a hash of everything but measured times: same version, same bits.
        Assert.Equal(Version("a"), Version("b"));
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "b", ".work")));
    }

    [Fact]
    public async Task Run_ToldToStopTwice_StopsWithItsCodeAndNoTrace()
    {
        var (code, output) = await TrainingProcess.TerminateAsync("search epoch 1/", await SmallShop.OptionsAsync(folder.Path, "store"));
        Assert.True(code == 143, $"{code}: {output}");
        Assert.Contains("interrupted: nothing was published", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    private string Version(string store) => Path.GetFileName(Assert.Single(Directory.GetDirectories(Path.Combine(folder.Path, store, "shop"))));

    private async Task<(int Code, string Output)> RunAsync(string store, string model, string? killAt) => await TrainingProcess.RunAsync(killAt, await SmallShop.OptionsAsync(folder.Path, store, "--candidates=50", model));
}
