using System.Text.Json.Nodes;
using Reco.Engine.Cli.Tests.Support;
using Reco.EngineFixture;

namespace Reco.Engine.Cli.Tests.Reliability;

/// <summary>A state that cannot be used is refused, and left alone.</summary>
public sealed class DamageTests
{
    private static readonly string[][] Commands =
    [
        ["up", "--yes"], ["preview"], ["refresh", "--yes"], ["destroy", "--yes"], ["stack", "export"], ["stack", "output"], ["state", "unprotect", "--all", "--yes"],
    ];

    [Fact]
    public async Task Checkpoint_Damaged_IsRefusedWithItsBackupNamed()
    {
        await using var project = await UpTwiceAsync();
        var good = await File.ReadAllTextAsync(project.Checkpoint);
        string[] damages =
        [
            good[..(good.Length / 2)],
            "",
            "\0\0\0\0" + good,
            "[]",
            """{"checkpoint":{}}""",
            good.Replace("\"custom\":true", "\"custom\":\"yes\"", StringComparison.Ordinal),
        ];
        foreach (var (bad, command) in damages.SelectMany(bad => Commands.Select(command => (bad, command))))
        {
            await File.WriteAllTextAsync(project.Checkpoint, bad);
            var result = await project.RunAsync(command);
            Assert.Equal(1, result.Code);
            Assert.Contains(project.Checkpoint, result.Error, StringComparison.Ordinal);
            Assert.Contains(project.Checkpoint + ".bak", result.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
            Assert.Equal(bad, await File.ReadAllTextAsync(project.Checkpoint));
        }

        File.Copy(project.Checkpoint + ".bak", project.Checkpoint, overwrite: true);
        (await project.RunAsync("up", "--yes")).Ok();
    }

    [Theory]
    [InlineData("\"version\":3", "\"version\":5", "newer")]
    [InlineData("\"version\":3", "\"version\":2", "official CLI")]
    [InlineData("\"version\":3", "\"version\":4,\"features\":[\"views\"]", "views")]
    public async Task Checkpoint_OfAnotherVersion_IsRefused(string what, string by, string expected)
    {
        await using var project = await UpTwiceAsync();
        var text = (await File.ReadAllTextAsync(project.Checkpoint)).Replace(what, by, StringComparison.Ordinal);
        await File.WriteAllTextAsync(project.Checkpoint, text);
        var result = await project.RunAsync("up", "--yes");
        Assert.Equal(1, result.Code);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.Equal(text, await File.ReadAllTextAsync(project.Checkpoint));
    }

    [Fact]
    public async Task Checkpoint_Inconsistent_IsRefusedAndCanBeRepaired()
    {
        await using var project = await UpTwiceAsync();
        var file = JsonNode.Parse(await File.ReadAllTextAsync(project.Checkpoint))!;
        var resources = file["checkpoint"]!["latest"]!["resources"]!.AsArray();
        resources[^1]!["dependencies"] = new JsonArray(CliProject.Urn("nobody"));
        await File.WriteAllTextAsync(project.Checkpoint, file.ToJsonString());
        var refused = await project.RunAsync("up", "--yes");
        Assert.Equal(1, refused.Code);
        Assert.Contains("nobody", refused.Error, StringComparison.Ordinal);
        Assert.Contains("state repair", refused.Error, StringComparison.Ordinal);
        (await project.RunAsync("state", "repair", "--yes")).Ok();
        (await project.RunAsync("up", "--yes")).Ok();
    }

    [Fact]
    public async Task DiskFull_InTheMiddleOfAnUp_TheOldStateSurvives()
    {
        if (!SmallDisk.IsPossible)
        {
            // Needs root to mount a file system of its own.
            return;
        }

        using var disk = new SmallDisk(kilobytes: 600);
        await using var project = new CliProject();
        project.Set("PULUMI_BACKEND_URL", $"file://{disk.Path}");
        var checkpoint = Path.Combine(disk.Path, ".pulumi", "stacks", "shop", "dev.json");
        (await project.RunAsync("stack", "init", "dev")).Ok();
        project.Describe(new ProgramDescription { Generated = 5 });
        (await project.RunAsync("up", "--yes", "--skip-preview")).Ok();
        project.Describe(new ProgramDescription { Generated = 500 });
        var full = await project.RunAsync("up", "--yes", "--skip-preview");

        Assert.Equal(1, full.Code);
        Assert.Contains("No space left", full.Output + full.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", full.Output + full.Error, StringComparison.Ordinal);
        Assert.Equal(3, JsonNode.Parse(await File.ReadAllTextAsync(checkpoint))!["version"]!.GetValue<int>());

        // With room again: everything that was made is known, or reported.
        disk.Grow(kilobytes: 20_000);
        var export = (await project.RunAsync("stack", "export")).Ok().Parse()["deployment"]!;
        var known = export["resources"]!.AsArray().Concat(export["pending_operations"]?.AsArray().Select(operation => operation!["resource"]) ?? []).Select(entry => entry!["urn"]!.GetValue<string>()).ToHashSet();
        Assert.All(Directory.GetFiles(project.World, "*.object"), file => Assert.Contains(File.ReadLines(file).First(), known));
        (await project.RunAsync("up", "--yes", "--skip-preview")).Ok();
        (await project.RunAsync("preview", "--expect-no-changes")).Ok();
    }

    private static async Task<CliProject> UpTwiceAsync()
    {
        var project = new CliProject();
        (await project.RunAsync("stack", "init", "dev")).Ok();
        project.Describe(new ProgramDescription { Resources = [new DescribedResource("web")] });
        (await project.RunAsync("up", "--yes", "--skip-preview")).Ok();
        (await project.RunAsync("up", "--yes", "--skip-preview")).Ok();
        return project;
    }
}
