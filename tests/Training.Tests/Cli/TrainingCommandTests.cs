using System.Text.Json;
using Reco.Bundle;
using Reco.Training.Cli;
using Reco.Training.Compression;
using Reco.Training.Model;

namespace Reco.Training.Tests.Cli;

/// <summary>The command line on the seeded demo shop, in this process.</summary>
[Collection(TrainsCollection.Name)]
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

    [Fact]
    public async Task Run_DemoShopTwice_PublishesOneVersionThatReadsBack()
    {
        var args = await SmallShop.OptionsAsync(folder.Path, "store", "--holdout-days=28", "--gate-min-lift=0.1", "--groups=3", "--group-feature", "--mlp-units=8", "--prune=0.75");
        Assert.True(await TrainingCommand.RunAsync(args, output, error) == 0, error.ToString() + output);
        Assert.Equal(0, await TrainingCommand.RunAsync(args, output, error));
        var version = Path.GetFileName(Assert.Single(Directory.GetDirectories(Path.Combine(folder.Path, "store", "shop"))));
        var reader = await BundleReader.OpenAsync(Path.Combine(folder.Path, "store", "shop", version), default);
        Assert.Equal(version, reader.Manifest.Version);
        Assert.Equal(reader.Manifest.Items, (await reader.ReadItemsAsync(default)).Length);
        Assert.Equal(reader.Manifest.Users, (await reader.ReadUsersAsync(default)).Length);
        var probe = (await reader.ReadParityAsync(default))!;
        Assert.Equal(reader.Manifest.Variants.Keys, probe.Answers.Keys);
        using (var tower = new OnnxTower(await File.ReadAllBytesAsync(Path.Combine(reader.Folder, BundleFiles.Model)), new TwoTowerShape(reader.Manifest.Users, reader.Manifest.Items, 0, reader.Manifest.MaxHistory, reader.Manifest.Dimension)))
        {
            probe.Check("fp32", (user, history) => tower.Embed([user], history));
            Assert.Throws<BundleException>(() => probe.Check("fp32", (user, history) => tower.Embed([user == 0 ? 1 : 0], history)));
        }

        foreach (var precision in reader.Manifest.Variants.Keys)
        {
            Assert.Equal(reader.Manifest.Items, reader.ReadItemMatrix(precision).Items);
        }

        Assert.Equal(SearchTokens.Scheme, reader.Manifest.Search!.Scheme);
        Assert.Equal(reader.Manifest.Search.Dimension, reader.ReadSearchItems()!.Dimension);
        Assert.Equal(reader.Manifest.Dimension, reader.ReadItemMatrix(reader.Manifest.Precision).Dimension);
        using var evaluation = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(reader.Folder, BundleFiles.Evaluation)));
        var difference = evaluation.RootElement.GetProperty("evaluation").GetProperty("difference").GetProperty("popularity");
        Assert.True(difference.GetProperty("low").GetDouble() > 0);
        var pruned = evaluation.RootElement.GetProperty("variants").GetProperty("int8-pruned75");
        Assert.True(pruned.GetProperty("bytes").GetInt64() < evaluation.RootElement.GetProperty("variants").GetProperty("int8").GetProperty("bytes").GetInt64());
        await CheckGroupsAsync(reader, evaluation.RootElement.GetProperty("evaluation").GetProperty("groups"));
        Assert.Empty(Directory.GetDirectories(Path.Combine(folder.Path, "store"), ".tmp-*"));
    }

    private static async Task CheckGroupsAsync(BundleReader reader, JsonElement reported)
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(reader.Folder, reader.Manifest.Groups!));
        var groups = lines.Select(line => JsonSerializer.Deserialize<BundleGroup>(line, BundleFiles.JsonLine)!).ToArray();
        Assert.Equal(3, groups.Length);
        Assert.Equal(groups.Select(group => group.Id), reported.EnumerateObject().Select(group => group.Name));
        Assert.Equal(groups.Select(group => group.Label), reported.EnumerateObject().Select(group => group.Value.GetProperty("label").GetString()));

        // Each stands for itself alone, and by users that a request may name.
        var users = (await reader.ReadUsersAsync(default)).Select(user => user.Id).ToHashSet();
        Assert.All(groups, group => Assert.Equal(Math.Min(20, group.Users), group.Group.Length));
        Assert.All(groups.SelectMany(group => group.Group), user => Assert.Contains(user, users));
        Assert.Equal(groups.Sum(group => group.Group.Length), groups.SelectMany(group => group.Group).Distinct().Count());
    }

    [Fact]
    public async Task Run_GateThatNothingPasses_PublishesNothingAndSaysWhy()
    {
        Assert.Equal(1, await TrainingCommand.RunAsync(await SmallShop.OptionsAsync(folder.Path, "store", "--gate-min-lift=50"), output, error));
        Assert.Contains("gate refuses", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(folder.Path, "store")));
    }

    [Fact]
    public async Task Run_HoldoutLongerThanTheData_SaysWhatToDo()
    {
        Assert.Equal(1, await TrainingCommand.RunAsync(["run", "--data=demo", $"--store={folder.Path}", "--holdout-days=400"], output, error));
        Assert.Contains("--holdout-days=400", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prepare_MoreUsersThanAreRankedFor_SaysThatASampleIs()
    {
        string[] args = ["prepare", .. (await SmallShop.OptionsAsync(folder.Path, "store", "--evaluation-users=100"))[1..]];
        Assert.Equal(0, await TrainingCommand.RunAsync(args, output, error));
        Assert.Contains("held-out period: a random sample of 100 of its", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("validation period: a random sample of 100 of its", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OneItem_SaysThatThereIsNothingToRank()
    {
        folder.Write("events.csv", "u,i,t\n" + string.Concat(Enumerable.Range(0, 200).Select(day => $"u{day % 40},one,{1_600_000_000 + (day * 86_400)}\n")));
        var data = folder.Write("log.json", """{ "events": "events.csv", "columns": { "user": "u", "item": "i", "time": "t" } }""");
        Assert.Equal(1, await TrainingCommand.RunAsync(["run", $"--data={data}", $"--store={folder.Path}"], output, error));
        Assert.Contains("nothing to rank", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--epochs=0", "--epochs is 0")]
    [InlineData("--item-dropout=1.5", "--item-dropout is 1.5")]
    [InlineData("--hard-negatives=-0.1", "--hard-negatives is -0.1")]
    [InlineData("--prune=NaN", "--prune is NaN")]
    [InlineData("--groups=-1", "--groups is -1")]
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

    [Theory]
    [InlineData("events.csv", "is a file of events")]
    [InlineData("gone.json", "there is no folder or file")]
    public async Task Validate_FileThatDescribesNothing_SaysWhatToName(string name, string message)
    {
        folder.Write("events.csv", "u,i,t\n");
        Assert.Equal(1, await TrainingCommand.RunAsync(["validate", $"--data={Path.Combine(folder.Path, name)}"], output, error));
        Assert.Contains(name, error.ToString(), StringComparison.Ordinal);
        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_DemoShop_SaysHowMuchThereIs()
    {
        Assert.Equal(0, await TrainingCommand.RunAsync(["validate", "--data=demo"], output, error));
        Assert.Contains("600 users", output.ToString(), StringComparison.Ordinal);
    }
}
