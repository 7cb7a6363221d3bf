using System.Globalization;
using System.Text.Json.Nodes;
using Reco.Engine.Cli.Tests.Support;
using Reco.EngineFixture;

namespace Reco.Engine.Cli.Tests.Commands;

public sealed class UpdateCommandTests
{
    private static readonly DescribedResource Web = new("web") { Inputs = new JsonObject { ["size"] = 1 } };

    [Fact]
    public async Task Up_PreviewAndUpdate_ShareOnePluginProcessThatEndsWithThem()
    {
        await using var project = new CliProject();
        await project.RunAsync("stack", "init", "dev");
        int[] Providers() => [.. Directory.GetFiles(project.World, "*" + DiskProvider.ProcessFile).Select(file => int.Parse(Path.GetFileNameWithoutExtension(file), CultureInfo.InvariantCulture))];
        foreach (var size in (int[])[1, 2])
        {
            // First the provider is made, then it is in the state.
            project.Describe(new ProgramDescription { Resources = [Web with { Inputs = new JsonObject { ["size"] = size } }] });
            (await project.RunProcessAsync(0, "up", "--yes")).Ok();
            Assert.Equal(["web"], project.Objects);
            Assert.Equal(size, Providers().Length);
        }

        Assert.DoesNotContain(Providers(), process => Directory.Exists($"/proc/{process}"));
    }

    [Theory]
    [InlineData("preview")]
    [InlineData("up", "--yes")]
    [InlineData("up", "--yes", "--skip-preview")]
    [InlineData("refresh", "--yes")]
    [InlineData("destroy", "--yes")]
    public async Task Command_WrongPassphrase_SaysSoAndDoesNothing(params string[] command)
    {
        await using var project = new CliProject();
        await project.RunAsync("stack", "init", "dev");
        project.Describe(new ProgramDescription { Resources = [Web] });
        (await project.RunAsync("up", "--yes", "--skip-preview")).Ok();
        var state = await File.ReadAllTextAsync(project.Checkpoint);
        project.Describe(new ProgramDescription { Resources = [new DescribedResource("other")] });
        project.Set("PULUMI_CONFIG_PASSPHRASE", "close sesame");
        var result = await project.RunAsync(command);

        Assert.Equal(1, result.Code);
        Assert.Contains("incorrect passphrase", result.Error, StringComparison.Ordinal);
        Assert.Equal(["web"], project.Objects);
        Assert.Equal(state, await File.ReadAllTextAsync(project.Checkpoint));
    }

    [Fact]
    public async Task Lifecycle_UpPreviewRefreshDestroy_DoWhatTheySay()
    {
        await using var project = new CliProject();
        await project.RunAsync("stack", "init", "dev");
        project.Describe(new ProgramDescription { Resources = [Web, new DescribedResource("job") { DependsOn = ["web"] }], Outputs = new JsonObject { ["url"] = "http://web", ["key"] = new JsonObject { ["secret"] = "hush-hush" } }, Says = ["hello from the program"] });

        var up = (await project.RunAsync("up", "--yes")).Ok();
        Assert.Contains("hello from the program", up.Output, StringComparison.Ordinal);
        Assert.Contains("http://web", up.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("hush-hush", up.Output + up.Error, StringComparison.Ordinal);
        Assert.Equal(["job", "web"], project.Objects);

        var same = (await project.RunAsync("up", "--yes", "--expect-no-changes")).Ok();
        Assert.Contains("unchanged", same.Output, StringComparison.Ordinal);

        project.Describe(new ProgramDescription { Resources = [Web with { Inputs = new JsonObject { ["size"] = 2 } }] });
        Assert.Equal(7, (await project.RunAsync("preview", "--expect-no-changes")).Code);
        Assert.Equal(["job", "web"], project.Objects);
        (await project.RunAsync("up", "--yes", "--skip-preview")).Ok();
        Assert.Equal(["web"], project.Objects);

        File.Delete(Directory.GetFiles(project.World).Single());
        (await project.RunAsync("refresh", "--yes")).Ok();
        (await project.RunAsync("up", "--yes")).Ok();
        Assert.Equal(["web"], project.Objects);

        (await project.RunAsync("destroy", "--yes")).Ok();
        Assert.Empty(project.Objects);
        Assert.Contains("dev", (await project.RunAsync("stack", "ls")).Ok().Output, StringComparison.Ordinal);
        (await project.RunAsync("destroy", "--yes", "--remove")).Ok();
        Assert.Empty((await project.RunAsync("stack", "ls", "--json")).Ok().Parse().AsArray());
        Assert.False(File.Exists(Path.Combine(project.Root, "Pulumi.dev.yaml")));
    }

    [Fact]
    public async Task Preview_Json_HasTheOfficialShape()
    {
        await using var project = new CliProject();
        await project.RunAsync("stack", "init", "dev");
        project.Describe(new ProgramDescription { Resources = [Web] });
        var json = (await project.RunAsync("preview", "--json")).Ok().Parse();

        Assert.Equal(["changeSummary", "duration", "steps"], json.AsObject().Select(member => member.Key).Where(name => name is not ("diagnostics" or "maybeCorrupt")).Order());
        var step = json["steps"]!.AsArray().Single(step => step!["urn"]!.GetValue<string>() == CliProject.Urn("web"))!;
        Assert.Equal("create", step["op"]!.GetValue<string>());
        Assert.Equal(1, step["newState"]!["inputs"]!["size"]!.GetValue<int>());
        Assert.Equal(2, json["changeSummary"]!["create"]!.GetValue<int>());
    }

    [Fact]
    public async Task Up_WithoutYesOrTerminal_SaysWhatToPass()
    {
        await using var project = new CliProject();
        await project.RunAsync("stack", "init", "dev");
        var result = await project.RunAsync("up");
        Assert.Equal(2, result.Code);
        Assert.Contains("--yes", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_ProviderFails_TellsWhichResourceAndKeepsTheRest()
    {
        await using var project = new CliProject();
        await project.RunAsync("stack", "init", "dev");
        project.Describe(new ProgramDescription { Resources = [Web, new DescribedResource("bad") { Inputs = new JsonObject { ["fail"] = "create" }, DependsOn = ["web"] }] });
        var result = await project.RunAsync("up", "--yes");

        Assert.NotEqual(0, result.Code);
        Assert.Contains("told to fail to create", result.Output + result.Error, StringComparison.Ordinal);
        Assert.Equal(["web"], project.Objects);
        Assert.Contains("succeeded", (await project.RunAsync("stack", "history", "--json")).Output.Replace("failed", "succeeded", StringComparison.Ordinal), StringComparison.Ordinal);

        project.Describe(new ProgramDescription { Resources = [Web] });
        (await project.RunAsync("up", "--yes")).Ok();
    }

    [Fact]
    public async Task Up_ProgramFails_ShowsItsErrorAndFails()
    {
        await using var project = new CliProject();
        await project.RunAsync("stack", "init", "dev");
        project.Describe(new ProgramDescription { Resources = [Web], Fails = "the shop has no database" });
        var result = await project.RunAsync("up", "--yes", "--skip-preview");
        Assert.NotEqual(0, result.Code);
        Assert.Contains("the shop has no database", result.Output + result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Output + result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_ProtectedResourceGone_RefusesUntilUnprotected()
    {
        await using var project = new CliProject();
        await project.RunAsync("stack", "init", "dev");
        project.Describe(new ProgramDescription { Resources = [Web with { Protect = true }] });
        (await project.RunAsync("up", "--yes")).Ok();
        project.Describe(new ProgramDescription());
        var refused = await project.RunAsync("up", "--yes");
        Assert.NotEqual(0, refused.Code);
        Assert.Contains("protected", refused.Output + refused.Error, StringComparison.Ordinal);
        Assert.Equal(["web"], project.Objects);

        (await project.RunAsync("state", "unprotect", CliProject.Urn("web"), "--yes")).Ok();
        (await project.RunAsync("up", "--yes")).Ok();
        Assert.Empty(project.Objects);
    }

    [Fact]
    public async Task Up_Targets_TouchesOnlyThose()
    {
        await using var project = new CliProject();
        await project.RunAsync("stack", "init", "dev");
        project.Describe(new ProgramDescription { Resources = [Web, new DescribedResource("job")] });
        (await project.RunAsync("up", "--yes", "--target", CliProject.Urn("job"))).Ok();
        Assert.Equal(["job"], project.Objects);
        var unknown = await project.RunAsync("up", "--yes", "--target", CliProject.Urn("nobody"));
        Assert.NotEqual(0, unknown.Code);
        Assert.Contains("nobody", unknown.Output + unknown.Error, StringComparison.Ordinal);
        (await project.RunAsync("up", "--yes", "--exclude", CliProject.Urn("job"))).Ok();
        Assert.Equal(["job", "web"], project.Objects);
    }

    [Fact]
    public async Task Up_EventsToNobody_IsRefusedBeforeAnythingChanges()
    {
        await using var project = new CliProject();
        (await project.RunAsync("stack", "init", "dev")).Ok();
        var before = File.ReadAllText(project.Checkpoint);
        var result = await project.RunAsync("up", "--yes", "--skip-preview", "--event-log", "tcp://127.0.0.1:9");
        Assert.Equal(1, result.Code);
        Assert.Contains("127.0.0.1:9", result.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(project.Checkpoint));
    }

    [Theory]
    [InlineData("missing/events.jsonl")]
    [InlineData("world")]
    [InlineData("")]
    public async Task Up_EventLogThatCannotBeWritten_IsRefusedBeforeAnythingBegins(string log)
    {
        await using var project = new CliProject();
        File.WriteAllText(Path.Combine(project.Root, "Pulumi.dev.yaml"), "config: {}\n");
        var result = await project.RunAsync("up", "--yes", "--skip-preview", "--stack", "dev", "--config", "region=north", "--event-log", log);
        Assert.Equal(2, result.Code);
        Assert.Contains("--event-log", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(project.Root, ".pulumi")), "the run has begun");
        Assert.Equal("config: {}\n", File.ReadAllText(Path.Combine(project.Root, "Pulumi.dev.yaml")));
    }

    [Fact]
    public async Task Up_EventLogOnFullDisk_RunsAndTells()
    {
        await using var project = await CliProject.InitAsync();
        var result = (await project.RunAsync("up", "--yes", "--skip-preview", "--event-log", "/dev/full")).Ok();
        Assert.Contains("/dev/full", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Destroy_WithProtectedResources_LeavesThemAndTheStack()
    {
        await using var project = await CliProject.InitAsync();
        project.Describe(new ProgramDescription { Resources = [new("web"), new("job") { DependsOn = ["web"], Protect = true }, new("free")] });
        (await project.RunAsync("up", "--yes", "--skip-preview")).Ok();
        var result = await project.RunAsync("destroy", "--yes", "--skip-preview", "--exclude-protected", "--remove");
        Assert.Equal(1, result.Code);
        Assert.Equal(["job", "web"], project.Objects);
        Assert.Contains("1 of them protected", result.Output, StringComparison.Ordinal);
        result = (await project.RunAsync("destroy", "--yes", "--skip-preview", "--exclude-protected")).Ok();
        Assert.DoesNotContain("are gone", result.Output, StringComparison.Ordinal);
        Assert.Single((await project.RunAsync("stack", "ls", "--json")).Ok().Parse().AsArray());
    }

    [Fact]
    public async Task Up_EventLog_IsJsonLinesInOrderWithoutSecrets()
    {
        await using var project = new CliProject();
        await project.RunAsync("stack", "init", "dev");
        project.Describe(new ProgramDescription { Resources = [Web with { Inputs = new JsonObject { ["password"] = new JsonObject { ["secret"] = "hush-hush" } } }] });
        var log = Path.Combine(project.Root, "events.jsonl");
        (await project.RunAsync("up", "--yes", "--event-log", log)).Ok();

        var events = File.ReadAllLines(log).Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(entry => entry["sequence"]!.GetValue<int>() - events[0]["sequence"]!.GetValue<int>()));
        Assert.True(events[0].ContainsKey("preludeEvent"));
        Assert.Contains(events, entry => entry.ContainsKey("resourcePreEvent"));
        Assert.Contains(events, entry => entry.ContainsKey("resOutputsEvent"));
        Assert.Contains(events, entry => entry.ContainsKey("summaryEvent"));
        Assert.DoesNotContain("hush-hush", File.ReadAllText(log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Config_GivenToUp_ReachesTheProgram()
    {
        await using var project = new CliProject();
        await project.RunAsync("stack", "init", "dev");
        project.Describe(new ProgramDescription { Outputs = new JsonObject { ["region"] = new JsonObject { ["config"] = "shop:region" } } });
        (await project.RunAsync("up", "--yes", "--config", "region=north", "--message", "first")).Ok();
        Assert.Equal("north", (await project.RunAsync("stack", "output", "region")).Ok().Output.Trim());
        Assert.Equal("north", (await project.RunAsync("config", "get", "region")).Ok().Output.Trim());
    }
}
