using System.Text.Json.Nodes;
using System.Xml.Linq;
using Reco.Engine.Cli.Tests.Support;
using Reco.EngineFixture;

namespace Reco.Engine.Cli.Tests.Commands;

public sealed class StackCommandTests
{
    private static readonly ProgramDescription Shop = new()
    {
        Resources = [new DescribedResource("group") { Component = true }, new DescribedResource("web") { Inputs = new JsonObject { ["password"] = new JsonObject { ["secret"] = "hush-hush" } }, Parent = "group" }, new DescribedResource("job") { DependsOn = ["web"] }],
        Outputs = new JsonObject { ["url"] = "http://web", ["ports"] = new JsonArray(80, 443), ["key"] = new JsonObject { ["secret"] = "hush-hush" }, ["on"] = true },
    };

    [Fact]
    public async Task InitSelectLsRm_ManageStacks()
    {
        await using var project = new CliProject();
        Assert.Contains("Created stack 'dev'", (await project.RunAsync("stack", "init", "dev")).Ok().Output, StringComparison.Ordinal);
        (await project.RunAsync("stack", "init", "prod", "--no-select")).Ok();
        var twice = await project.RunAsync("stack", "init", "dev");
        Assert.NotEqual(0, twice.Code);
        Assert.Contains("already exists", twice.Error, StringComparison.Ordinal);
        var list = (await project.RunAsync("stack", "ls", "--json")).Ok().Parse().AsArray();
        Assert.Equal(["dev", "prod"], list.Select(entry => entry!["name"]!.GetValue<string>()));
        Assert.Equal([true, false], list.Select(entry => entry!["current"]!.GetValue<bool>()));
        Assert.DoesNotContain(list, entry => entry!.AsObject().ContainsKey("lastUpdate"));

        (await project.RunAsync("stack", "select", "prod")).Ok();
        Assert.Equal("prod", (await project.RunAsync("stack", "--show-name")).Ok().Output.Trim());
        Assert.Equal(6, (await project.RunAsync("stack", "select", "nobody")).Code);
        (await project.RunAsync("stack", "select", "--create", "test")).Ok();
        (await project.RunAsync("stack", "rm", "prod", "--yes")).Ok();
        Assert.Equal(["dev", "test"], (await project.RunAsync("stack", "ls", "--json")).Ok().Parse().AsArray().Select(entry => entry!["name"]!.GetValue<string>()));
        Assert.NotEqual(0, (await project.RunAsync("stack", "init", "no/such/thing/name")).Code);
        Assert.NotEqual(0, (await project.RunAsync("stack", "init", "../up")).Code);
    }

    [Fact]
    public async Task LsAndOutput_AfterUp_HaveTheOfficialShapes()
    {
        await using var project = await UpAsync();
        var entry = (await project.RunAsync("stack", "ls", "--json")).Ok().Parse().AsArray().Single()!.AsObject();
        Assert.Equal("dev", entry["name"]!.GetValue<string>());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", entry["lastUpdate"]!.GetValue<string>());
        Assert.Equal(5, entry["resourceCount"]!.GetValue<int>());

        var masked = (await project.RunAsync("stack", "output", "--json")).Ok().Parse();
        Assert.Equal("""{"key":"[secret]","on":true,"ports":[80,443],"url":"http://web"}""", masked.ToJsonString());
        var shown = (await project.RunAsync("stack", "output", "--json", "--show-secrets")).Ok().Parse();
        Assert.Equal("hush-hush", shown["key"]!.GetValue<string>());
        Assert.Equal("http://web", (await project.RunAsync("stack", "output", "url")).Ok().Output.TrimEnd('\n'));
        Assert.Equal("[80,443]", (await project.RunAsync("stack", "output", "ports")).Ok().Output.TrimEnd('\n'));
        Assert.Equal("[secret]", (await project.RunAsync("stack", "output", "key")).Ok().Output.TrimEnd('\n'));
        Assert.Equal("key='[secret]'\non=true\nports='[80,443]'\nurl=http://web\n", (await project.RunAsync("stack", "output", "--shell")).Ok().Output);
        var missing = await project.RunAsync("stack", "output", "nothing");
        Assert.Equal(1, missing.Code);
        Assert.Contains("nothing", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExportImport_RoundTrip_KeepsEverything()
    {
        await using var project = await UpAsync();
        var plain = (await project.RunAsync("stack", "export")).Ok();
        Assert.DoesNotContain("hush-hush", plain.Output, StringComparison.Ordinal);
        var file = Path.Combine(project.Root, "out.json");
        (await project.RunAsync("stack", "export", "--file", file, "--show-secrets")).Ok();
        var exported = JsonNode.Parse(File.ReadAllText(file))!;
        Assert.Equal(3, exported["version"]!.GetValue<int>());
        Assert.Equal("passphrase", exported["deployment"]!["secrets_providers"]!["type"]!.GetValue<string>());
        var web = exported["deployment"]!["resources"]!.AsArray().Single(entry => entry!["urn"]!.GetValue<string>().EndsWith("::web", StringComparison.Ordinal))!;
        Assert.Equal("\"hush-hush\"", web["inputs"]!["password"]!["plaintext"]!.GetValue<string>());

        (await project.RunAsync("stack", "import", "--file", file)).Ok();
        Assert.DoesNotContain("hush-hush", File.ReadAllText(project.Checkpoint), StringComparison.Ordinal);
        (await project.RunAsync("preview", "--expect-no-changes")).Ok();

        // Another stack's state is not taken by mistake, and neither is a broken one.
        (await project.RunAsync("stack", "init", "other")).Ok();
        var stranger = await project.RunAsync("stack", "import", "--file", file);
        Assert.NotEqual(0, stranger.Code);
        Assert.Contains("another stack", stranger.Error, StringComparison.Ordinal);
        web["parent"] = "urn:pulumi:dev::shop::fixture:index:Group::nobody";
        File.WriteAllText(file, exported.ToJsonString());
        var broken = await project.RunAsync("stack", "import", "--file", file, "--stack", "dev");
        Assert.NotEqual(0, broken.Code);
        Assert.Contains("nobody", broken.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_Json_HasTheOfficialShape()
    {
        await using var project = await UpAsync();
        (await project.RunAsync("up", "--yes", "--message", "again")).Ok();
        var updates = (await project.RunAsync("stack", "history", "--json")).Ok().Parse().AsArray();
        Assert.Equal(2, updates.Count);
        var latest = updates[0]!.AsObject();
        Assert.Equal(["version", "kind", "startTime", "message", "environment", "config", "result", "endTime", "resourceChanges"], latest.Select(member => member.Key));
        Assert.Equal("again", latest["message"]!.GetValue<string>());
        Assert.Equal("update", latest["kind"]!.GetValue<string>());
        Assert.Equal("succeeded", latest["result"]!.GetValue<string>());
        Assert.Equal(4, latest["resourceChanges"]!["same"]!.GetValue<int>());
        Assert.Single((await project.RunAsync("stack", "history", "--json", "--page-size", "1", "--page", "2")).Ok().Parse().AsArray());
        Assert.Contains("again", (await project.RunAsync("stack", "history")).Ok().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Graph_DotAndSvg_ShowResourcesAndEdges()
    {
        await using var project = await UpAsync();
        (await project.RunAsync("stack", "graph", "shop.dot")).Ok();
        var dot = File.ReadAllText(Path.Combine(project.Root, "shop.dot"));
        Assert.StartsWith("strict digraph {", dot, StringComparison.Ordinal);
        Assert.Contains("#246C60", dot, StringComparison.Ordinal);
        Assert.Contains("#AA6639", dot, StringComparison.Ordinal);
        (await project.RunAsync("stack", "graph", "shop.svg")).Ok();
        var svg = XDocument.Load(Path.Combine(project.Root, "shop.svg"));
        XNamespace names = "http://www.w3.org/2000/svg";
        var texts = svg.Descendants(names + "text").Select(text => text.Value).ToList();
        Assert.Contains("web", texts);
        Assert.Contains("job", texts);
        Assert.NotEmpty(svg.Descendants(names + "path"));
        Assert.All(svg.Descendants(names + "rect"), box => Assert.True((double)box.Attribute("width")! > 0));
    }

    [Fact]
    public async Task Graph_OfAStackThatHasNothingYet_ShowsWhatAnUpdateWouldMake()
    {
        await using var project = new CliProject();
        project.Describe(new ProgramDescription { Generated = 25 });
        (await project.RunAsync("stack", "init", "dev")).Ok();

        var told = (await project.RunAsync("stack", "graph", "plan.svg")).Ok();

        Assert.Contains("would end with", told.Output, StringComparison.Ordinal);
        XNamespace names = "http://www.w3.org/2000/svg";
        var boxes = XDocument.Load(Path.Combine(project.Root, "plan.svg")).Descendants(names + "g").Select(box => box.Element(names + "rect")!).ToList();
        Assert.True(boxes.Count >= 25);
        Assert.Equal(boxes.Count, boxes.Select(box => (box.Attribute("x")!.Value, box.Attribute("y")!.Value)).Distinct().Count());
        (await project.RunAsync("stack", "graph", "plan.dot", "--planned")).Ok();
        Assert.Contains("item-24", File.ReadAllText(Path.Combine(project.Root, "plan.dot")), StringComparison.Ordinal);
        (await project.RunAsync("stack", "graph", "now.dot")).Ok();
        Assert.DoesNotContain("item-24", File.ReadAllText(Path.Combine(project.Root, "now.dot")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Graph_OfAProgramThatFails_SaysSoAndWritesNothing()
    {
        await using var project = new CliProject();
        project.Describe(new ProgramDescription { Fails = "no shop without a till" });
        (await project.RunAsync("stack", "init", "dev")).Ok();

        var told = await project.RunAsync("stack", "graph", "plan.svg");

        Assert.Equal(1, told.Code);
        Assert.Contains("error:", told.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(project.Root, "plan.svg")));
    }

    [Fact]
    public async Task Rm_WithResources_RefusesWithoutForce()
    {
        await using var project = await UpAsync();
        var refused = await project.RunAsync("stack", "rm", "dev", "--yes");
        Assert.NotEqual(0, refused.Code);
        Assert.Contains("--force", refused.Error, StringComparison.Ordinal);
        (await project.RunAsync("stack", "rm", "dev", "--yes", "--force")).Ok();
        Assert.False(File.Exists(project.Checkpoint));
        Assert.True(File.Exists(project.Checkpoint + ".bak"));
    }

    [Fact]
    public async Task StateDelete_WithDependents_RefusesThenRemovesThem()
    {
        await using var project = await UpAsync();
        var web = "urn:pulumi:dev::shop::fixture:index:Group$test:index:Thing::web";
        var refused = await project.RunAsync("state", "delete", web, "--yes");
        Assert.NotEqual(0, refused.Code);
        Assert.Contains("job", refused.Error, StringComparison.Ordinal);
        (await project.RunAsync("state", "delete", web, "--yes", "--target-dependents")).Ok();
        Assert.Equal(3, (await project.RunAsync("stack", "ls", "--json")).Ok().Parse()[0]!["resourceCount"]!.GetValue<int>());
        Assert.Equal(["job", "web"], project.Objects);
        Assert.NotEqual(0, (await project.RunAsync("state", "delete", web, "--yes")).Code);
    }

    [Fact]
    public async Task StateDelete_All_ForgetsEverythingButWhatIsProtected()
    {
        await using var project = await UpAsync();
        Assert.Equal(2, (await project.RunAsync("state", "delete", "--yes")).Code);
        (await project.RunAsync("state", "protect", "--all", "--yes")).Ok();
        Assert.NotEqual(0, (await project.RunAsync("state", "delete", "--all", "--yes")).Code);
        (await project.RunAsync("state", "delete", "--all", "--force", "--yes")).Ok();
        Assert.Equal(0, (await project.RunAsync("stack", "ls", "--json")).Ok().Parse()[0]!["resourceCount"]!.GetValue<int>());
        Assert.Equal(["job", "web"], project.Objects);
    }

    [Fact]
    public async Task Init_CopiesConfigurationAndRm_RemovesBackupsWhereAsked()
    {
        await using var project = await UpAsync();
        (await project.RunAsync("config", "set", "key", "hush", "--secret")).Ok();
        Assert.Equal(6, (await project.RunAsync("stack", "init", "test", "--copy-config-from", "nowhere")).Code);
        Assert.Single((await project.RunAsync("stack", "ls", "--json")).Ok().Parse().AsArray());
        (await project.RunAsync("stack", "init", "test", "--copy-config-from", "dev")).Ok();
        Assert.Equal("hush", (await project.RunAsync("config", "get", "key", "--stack", "test")).Ok().Output.Trim());
        Assert.Equal(2, (await project.RunAsync("stack", "ls", "--json", "--project", "shop")).Ok().Parse().AsArray().Count);
        Assert.Empty((await project.RunAsync("stack", "ls", "--json", "--project", "other")).Ok().Parse().AsArray());

        (await project.RunAsync("stack", "rm", "dev", "--yes", "--force", "--remove-backups")).Ok();
        Assert.False(File.Exists(project.Checkpoint + ".bak"));
        Assert.False(Directory.Exists(Path.Combine(project.Root, ".pulumi", "backups", "shop", "dev")));
    }

    private static async Task<CliProject> UpAsync()
    {
        var project = new CliProject();
        project.Describe(Shop);
        (await project.RunAsync("stack", "init", "dev")).Ok();
        (await project.RunAsync("up", "--yes", "--skip-preview")).Ok();
        return project;
    }
}
