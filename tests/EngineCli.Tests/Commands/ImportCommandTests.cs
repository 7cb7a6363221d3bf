using System.Text.Json.Nodes;
using Reco.Engine.Cli.Tests.Support;
using Reco.EngineFixture;

namespace Reco.Engine.Cli.Tests.Commands;

public sealed class ImportCommandTests
{
    private const string Type = "test:index:Thing";

    [Fact]
    public async Task Import_OneResource_IsProtectedAndWhatTheProgramDeclares()
    {
        await using var project = await CliProject.InitAsync();
        project.Describe(new ProgramDescription { Resources = [new("web")] });
        (await project.RunAsync("up", "--yes", "--skip-preview")).Ok();
        Make(project, "old-1", """{"size": 3}""");

        Assert.Equal(0, (await project.RunAsync("import", Type, "old", "old-1", "--preview-only")).Code);
        Assert.Single(State(await project.RunAsync("stack", "export")), entry => entry["type"]!.GetValue<string>() == Type);
        var run = (await project.RunAsync("import", Type, "old", "old-1", "--yes")).Ok();
        Assert.Contains("\"size\": 3", run.Output, StringComparison.Ordinal);
        var entry = State(await project.RunAsync("stack", "export")).Single(resource => resource["id"]?.GetValue<string>() == "old-1");
        Assert.True(entry["protect"]!.GetValue<bool>());
        Assert.Equal(CliProject.Urn("old"), entry["urn"]!.GetValue<string>());
        Assert.Equal("import", (await project.RunAsync("stack", "history", "--json")).Ok().Parse()[0]!["kind"]!.GetValue<string>());

        // Nothing of the stack was touched, and a program that declares it finds nothing to do.
        project.Describe(new ProgramDescription { Resources = [new("web"), new("old") { Inputs = new JsonObject { ["size"] = 3 }, Protect = true }] });
        (await project.RunAsync("preview", "--expect-no-changes")).Ok();
        (await project.RunAsync("import", Type, "old", "old-1", "--yes")).Ok();
        Assert.NotEqual(0, (await project.RunAsync("import", Type, "web", "old-1", "--yes")).Code);
    }

    [Fact]
    public async Task Import_File_HasParentsNamesAndProviders()
    {
        await using var project = await CliProject.InitAsync();
        Make(project, "a-1", """{"size": 1, "more": 2}""");
        Make(project, "b-1", "{}");
        var file = Path.Combine(project.Root, "import.json");
        File.WriteAllText(file, $$"""
            { "resources": [
              { "type": "my:index:Group", "name": "group", "component": true },
              { "type": "{{Type}}", "name": "a", "logicalName": "first", "id": "a-1", "parent": "group", "properties": ["size"] },
              { "type": "{{Type}}", "name": "b", "id": "b-1", "parent": "a" } ] }
            """);
        (await project.RunAsync("import", "--file", "import.json", "--yes", "--protect=false")).Ok();
        var state = State(await project.RunAsync("stack", "export"));
        Assert.Contains(state, entry => entry["urn"]!.GetValue<string>() == "urn:pulumi:dev::shop::my:index:Group$test:index:Thing::first" && entry["inputs"]!.ToJsonString() == """{"size":1}""");
        var child = state.Single(entry => entry["id"]?.GetValue<string>() == "b-1");
        Assert.EndsWith("Group$test:index:Thing$test:index:Thing::b", child["urn"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Null(child["protect"]);
        (await project.RunAsync("destroy", "--yes", "--skip-preview")).Ok();
        Assert.Empty(project.Objects);
    }

    [Fact]
    public async Task Import_WhatCannotBe_IsRefusedInWords()
    {
        await using var project = await CliProject.InitAsync();
        var missing = await project.RunAsync("import", Type, "old", "nobody-1", "--yes");
        Assert.Equal(1, missing.Code);
        Assert.Contains("nobody-1", missing.Output + missing.Error, StringComparison.Ordinal);
        foreach (var arguments in new string[][] { ["import"], ["import", Type, "old"], ["import", "Thing", "old", "x"], ["import", "--file", "gone.json"], ["import", Type, "old", "x", "--parent", "group"] })
        {
            var result = await project.RunAsync([.. arguments, "--yes"]);
            Assert.Equal(2, result.Code);
            Assert.StartsWith("error: import: ", result.Error, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(State(await project.RunAsync("stack", "export")), entry => entry["type"]!.GetValue<string>() == Type);
    }

    private static void Make(CliProject project, string id, string inputs) => File.WriteAllText(Path.Combine(project.World, id + ".object"), $"urn\n{inputs}");

    private static IEnumerable<JsonNode> State(CliResult export) => (export.Ok().Parse()["deployment"]!["resources"]?.AsArray() ?? []).Select(entry => entry!).Where(entry => !entry["type"]!.GetValue<string>().StartsWith("pulumi:providers:", StringComparison.Ordinal));
}
