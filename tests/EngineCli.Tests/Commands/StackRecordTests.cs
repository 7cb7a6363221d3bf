using System.Text.Json.Nodes;
using Reco.Engine.Cli.Tests.Support;
using Reco.EngineFixture;

namespace Reco.Engine.Cli.Tests.Commands;

/// <summary>What belongs to a stack beside its resources: name, tags, history, selection.</summary>
public sealed class StackRecordTests
{
    [Fact]
    public async Task Output_OfNumbers_HasExponentsOnlyWhereTheOfficialCliHasThem()
    {
        await using var project = await CliProject.InitAsync();
        project.Describe(new ProgramDescription { Outputs = new JsonObject { ["account"] = 12345678901234567000d, ["tiny"] = 0.000001, ["huge"] = 1e21, ["third"] = 0.1 + 0.2 } });
        Assert.Contains("account: 12345678901234567000", (await project.RunAsync("up", "--yes", "--skip-preview")).Ok().Output, StringComparison.Ordinal);
        Assert.Equal("account=12345678901234567000\nhuge=1E+21\nthird=0.30000000000000004\ntiny=0.000001\n", (await project.RunAsync("stack", "output", "--shell")).Ok().Output);
        Assert.Contains("unchanged", (await project.RunAsync("up", "--yes", "--expect-no-changes")).Ok().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rename_StackWithResources_TakesEverythingAlongAndChangesNothing()
    {
        await using var project = await CliProject.InitAsync();
        project.Describe(new ProgramDescription
        {
            Resources = [new("group") { Component = true }, new("web") { Parent = "group" }, new("job") { DependsOn = ["web"], Protect = true }],
            Outputs = new JsonObject { ["key"] = new JsonObject { ["secret"] = "hush-hush" } },
        });
        (await project.RunAsync("up", "--yes", "--config", "region=north")).Ok();
        (await project.RunAsync("stack", "tag", "set", "team", "shop")).Ok();
        (await project.RunAsync("stack", "init", "taken", "--no-select")).Ok();
        Assert.Equal(1, (await project.RunAsync("stack", "rename", "taken")).Code);

        (await project.RunAsync("stack", "rename", "live")).Ok();
        Assert.Equal(["live", "taken"], (await project.RunAsync("stack", "ls", "--json")).Ok().Parse().AsArray().Select(stack => stack!["name"]!.GetValue<string>()));
        var state = (await project.RunAsync("stack", "export")).Ok();
        Assert.DoesNotContain("urn:pulumi:dev::", state.Output, StringComparison.Ordinal);
        Assert.Contains("urn:pulumi:live::shop::pulumi:pulumi:Stack::shop-live", state.Output, StringComparison.Ordinal);
        Assert.Equal("hush-hush", (await project.RunAsync("stack", "output", "key", "--show-secrets")).Ok().Output.Trim());
        Assert.Equal("north", (await project.RunAsync("config", "get", "region")).Ok().Output.Trim());
        Assert.Equal("shop", (await project.RunAsync("stack", "tag", "get", "team")).Ok().Output.Trim());
        Assert.Single((await project.RunAsync("stack", "history", "--json")).Ok().Parse().AsArray());
        (await project.RunAsync("preview", "--expect-no-changes")).Ok();
        Assert.Equal(6, (await project.RunAsync("stack", "output", "--stack", "dev")).Code);
    }

    [Fact]
    public async Task Tag_SetGetListRemove_KeepsTheOfficialFile()
    {
        await using var project = await CliProject.InitAsync();
        (await project.RunAsync("stack", "tag", "set", "team", "shop")).Ok();
        (await project.RunAsync("stack", "tag", "set", "cost:centre", "42")).Ok();
        var file = Path.ChangeExtension(project.Checkpoint, ".pulumi-tags");
        Assert.Equal("""{"version":1,"tags":{"cost:centre":"42","team":"shop"}}""", File.ReadAllText(file));
        Assert.Equal("""{"cost:centre":"42","team":"shop"}""", (await project.RunAsync("stack", "tag", "ls", "--json")).Ok().Parse().ToJsonString());
        Assert.Single((await project.RunAsync("stack", "ls", "--json")).Ok().Parse().AsArray());
        Assert.Equal(2, (await project.RunAsync("stack", "tag", "set", "no good", "x")).Code);
        (await project.RunAsync("stack", "tag", "rm", "team")).Ok();
        Assert.Equal(1, (await project.RunAsync("stack", "tag", "get", "team")).Code);
        (await project.RunAsync("stack", "rm", "--yes")).Ok();
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task StateRename_Resource_ItsDependentsFollow()
    {
        await using var project = await CliProject.InitAsync();
        project.Describe(new ProgramDescription { Resources = [new("web"), new("job") { DependsOn = ["web"] }] });
        (await project.RunAsync("up", "--yes", "--skip-preview")).Ok();
        Assert.Equal(1, (await project.RunAsync("state", "rename", CliProject.Urn("web"), "job", "--yes")).Code);
        Assert.Equal(1, (await project.RunAsync("state", "rename", CliProject.Urn("nobody"), "site", "--yes")).Code);
        (await project.RunAsync("state", "rename", CliProject.Urn("web"), "site", "--yes")).Ok();
        project.Describe(new ProgramDescription { Resources = [new("site"), new("job") { DependsOn = ["site"] }] });
        (await project.RunAsync("preview", "--expect-no-changes")).Ok();
    }

    [Fact]
    public async Task Unselect_SelectedStack_AsksForOneWhereThereAreSeveral()
    {
        await using var project = await CliProject.InitAsync();
        (await project.RunAsync("stack", "init", "other")).Ok();
        (await project.RunAsync("stack", "unselect")).Ok();
        Assert.Equal(6, (await project.RunAsync("stack", "output")).Code);
    }
}
