namespace Reco.Conformance;

/// <summary>Components, values that refer to resources, transforms.</summary>
public sealed class ComponentTests
{
    [NodeFact]
    public async Task Component_WithChildren_HasOutputsAndIsWaitedFor()
    {
        await using var project = await NodeProject.StartAsync("components");
        var run = await project.UpAsync(0);
        Assert.True(run.At("create shop-front") < run.At("create customer"));
        var state = await project.StateAsync();
        Assert.Equal(0, (int)state["shop"]["outputs"]!["version"]!);
        Assert.Equal((string)state["shop"]["urn"]!, (string)state["shop-front"]["parent"]!);
        Assert.Contains((string)state["shop-front"]["urn"]!, state["customer"]["dependencies"]!.AsArray().Select(urn => (string)urn!));

        // Outputs of a component are no change of a resource.
        Assert.Empty((await project.UpAsync(1)).Steps);
        Assert.Equal(1, (int)(await project.StateAsync())["shop"]["outputs"]!["version"]!);
        run = await project.TryAsync("destroy");
        Assert.True(run.At("delete customer") < run.At("delete shop-front"));
        Assert.True(run.At("delete shop-front") < run.At("delete shop"));
    }

    [NodeFact]
    public async Task Transforms_OfResourceComponentAndStack_RunFromTheInsideOut()
    {
        await using var project = await NodeProject.StartAsync("transforms");
        var preview = await project.PreviewAsync();
        Assert.Contains("create child", preview.Steps);
        var run = await project.UpAsync();
        Assert.DoesNotContain("by-transform-secret", run.Text);
        var outputs = await project.OutputsAsync();
        Assert.Equal("""["own","group","stack"]""", outputs["order"]!.ToJsonString());
        Assert.Equal("by transform", (string)outputs["invoked"]!["added"]!);
        var child = (await project.StateAsync())["child"];
        Assert.Equal("child by stack", (string)child["inputs"]!["stackwide"]!);
        Assert.Contains(project.Urn("source"), child["dependencies"]!.AsArray().Select(urn => (string)urn!));

        // The Node SDK hands back what a transform returns without what it depends on: only dependsOn tells.
        Assert.All(child["propertyDependencies"]!.AsObject(), entry => Assert.Null(entry.Value));
        Assert.Contains("linked", child["propertyDependencies"]!.AsObject().Select(entry => entry.Key));
        Assert.Equal("""["ignored"]""", child["ignoreChanges"]!.ToJsonString());
        Assert.Empty((await project.UpAsync()).Steps);
    }

    [NodeFact]
    public async Task Transformations_OfTheOldKind_RunInsideTheProgram()
    {
        await using var project = await NodeProject.StartAsync("transformations");
        await project.UpAsync();
        var child = (await project.StateAsync())["child"];
        Assert.Equal("stack", (string)child["inputs"]!["tag"]!);
        Assert.Equal("child", (string)child["inputs"]!["group"]!);
        Assert.Equal("computed", (string)child["additionalSecretOutputs"]![0]!);
    }

    [NodeFact]
    public async Task ResourceReferences_AsInputsAndOutputs_ComeBackAsResources()
    {
        await using var project = await NodeProject.StartAsync("references");
        await project.UpAsync();
        Assert.Equal("original", (string)(await project.OutputsAsync())["viaHolder"]!);
        var state = await project.StateAsync();
        var reference = state["holder"]["inputs"]!["thing"]!;
        Assert.Equal("5cf8f73096256a8f31e491e813e4eb8e", (string)reference["4dabf18193072939515e22adb298388d"]!);
        Assert.Equal(project.Urn("thing"), (string)reference["urn"]!);
        Assert.Equal((string)state["thing"]["id"]!, (string)reference["id"]!);
        Assert.Empty((await project.UpAsync()).Steps);
    }

    [NodeFact]
    public async Task Unknowns_InAPreview_AreShownWhereTheyStand()
    {
        await using var project = await NodeProject.StartAsync("unknowns");
        const string Unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
        var consumer = (await project.PreviewAsync()).Step("create", "consumer")["newState"]!["inputs"]!;
        Assert.Equal(Unknown, (string)consumer["map"]!["deep"]!["unknown"]!);
        Assert.Equal(1, (int)consumer["map"]!["deep"]!["known"]!);
        Assert.Equal($"""["{Unknown}","known"]""", consumer["list"]!.ToJsonString());
        Assert.Equal(Unknown, (string)consumer["text"]!);
        await project.UpAsync();
        Assert.Empty((await project.PreviewAsync()).Steps);

        // A replacement makes the outputs unknown again; text mode says so.
        var preview = await project.PreviewAsync(1);
        Assert.Contains("update consumer", preview.Steps);
        var text = (await project.SucceedAsync("preview", "--diff", "--stack", project.Stack, "--config", "step=1")).Output;
        Assert.Contains("[unknown]", text);
        Assert.DoesNotContain(Unknown, text);
    }
}
