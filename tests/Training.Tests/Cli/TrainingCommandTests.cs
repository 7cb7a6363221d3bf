using System.Text.Json;
using Reco.Bundle;
using Reco.Training.Cli;

namespace Reco.Training.Tests.Cli;

/// <summary>The command line on the seeded demo shop, in this process.</summary>
public sealed class TrainingCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    public void Dispose()
    {
        folder.Dispose();
        output.Dispose();
        error.Dispose();
    }

    [SlowFact]
    public async Task Run_DemoShopTwice_PublishesOneVersionThatReadsBack()
    {
        string[] args = ["run", "--data=demo", $"--store={folder.Path}", "--name=shop", "--epochs=4", "--holdout-days=28", "--gate-min-lift=0.1"];
        Assert.True(await TrainingCommand.RunAsync(args, output, error) == 0, error.ToString() + output);
        Assert.Equal(0, await TrainingCommand.RunAsync(args, output, error));
        var version = Path.GetFileName(Assert.Single(Directory.GetDirectories(Path.Combine(folder.Path, "shop"))));
        var reader = await BundleReader.OpenAsync(Path.Combine(folder.Path, "shop", version), default);
        Assert.Equal(version, reader.Manifest.Version);
        Assert.Equal(reader.Manifest.Items, (await reader.ReadItemsAsync(default)).Length);
        Assert.Equal(reader.Manifest.Users, (await reader.ReadUsersAsync(default)).Length);
        Assert.Equal(reader.Manifest.Dimension, reader.ReadItemMatrix(reader.Manifest.Precision).Dimension);
        using var evaluation = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(reader.Folder, BundleFiles.Evaluation)));
        var difference = evaluation.RootElement.GetProperty("evaluation").GetProperty("difference").GetProperty("popularity");
        Assert.True(difference.GetProperty("low").GetDouble() > 0);
        Assert.Empty(Directory.GetDirectories(folder.Path, ".tmp-*"));
    }

    [SlowFact]
    public async Task Run_GateThatNothingPasses_PublishesNothingAndSaysWhy()
    {
        Assert.Equal(1, await TrainingCommand.RunAsync(["run", "--data=demo", $"--store={folder.Path}", "--epochs=1", "--gate-min-lift=50"], output, error));
        Assert.Contains("gate refuses", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Run_HoldoutLongerThanTheData_SaysWhatToDo()
    {
        Assert.Equal(1, await TrainingCommand.RunAsync(["run", "--data=demo", $"--store={folder.Path}", "--holdout-days=400"], output, error));
        Assert.Contains("--holdout-days=400", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--epochs=0", "--epochs is 0")]
    [InlineData("--no-such-option", "no-such-option")]
    [InlineData("--loss=none", "loss")]
    public async Task Run_WrongOption_IsUsageError(string option, string message)
    {
        Assert.Equal(2, await TrainingCommand.RunAsync(["run", "--data=demo", $"--store={folder.Path}", option], output, error));
        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_MissingFolder_SaysWhichAndPrintsNoTrace()
    {
        Assert.Equal(1, await TrainingCommand.RunAsync(["run", "--data=/nowhere/at/all", $"--store={folder.Path}"], output, error));
        Assert.Contains("/nowhere/at/all", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_DemoShop_SaysHowMuchThereIs()
    {
        Assert.Equal(0, await TrainingCommand.RunAsync(["validate", "--data=demo"], output, error));
        Assert.Contains("600 users", output.ToString(), StringComparison.Ordinal);
    }
}
