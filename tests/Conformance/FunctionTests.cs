namespace Reco.Conformance;

/// <summary>Functions, methods, and resources that are only read or taken over.</summary>
public sealed class FunctionTests
{
    [NodeFact]
    public async Task Invokes_PlainAndAsOutputs_ReachTheRightProvider()
    {
        await using var project = await NodeProject.StartAsync("invokes");
        await project.PreviewAsync();
        Assert.DoesNotContain((await project.TakeRequestsAsync()).Of("invoke"), entry => (string?)entry["args"]!["id"] == "thing");
        var run = await project.UpAsync();
        Assert.DoesNotContain("argument-secret", run.Text);
        var outputs = await project.OutputsAsync();
        Assert.Equal("[1,2]", outputs["plain"]!.ToJsonString());
        Assert.Equal("north", (string)outputs["ofParent"]!);
        Assert.Equal("north", (string)outputs["ofProvider"]!);
        Assert.Equal("[secret]", (string)outputs["secret"]!);
        Assert.Equal("stored", (string)outputs["found"]!);
        Assert.Contains("it was told to be rejected", (await project.FailAsync(1)).Text);
        Assert.Contains("the function was told to fail", (await project.FailAsync(2)).Text);
    }

    [NodeFact]
    public async Task Methods_OfResources_AreCalledOnTheirProvider()
    {
        await using var project = await NodeProject.StartAsync("methods");
        await project.UpAsync();
        var outputs = await project.OutputsAsync();
        Assert.Equal("hello from here", (string)outputs["said"]!);
        Assert.Equal("hello from north", (string)outputs["saidThere"]!);
    }

    [NodeFact]
    public async Task Read_OfAResourceThatOthersManage_IsNeverChangedOrDeleted()
    {
        await using var project = await NodeProject.StartAsync("get");
        Directory.CreateDirectory(project.Cloud);
        await File.WriteAllTextAsync(Path.Combine(project.Cloud, "theirs-1.json"), """{ "inputs": { "value": "x" }, "outputs": { "value": "x", "computed": "theirs" } }""");
        var run = await project.UpAsync(0, "--config", "id=theirs-1");
        Assert.Contains("read found", run.Steps);
        Assert.Equal("theirs", (string)(await project.OutputsAsync())["computed"]!);
        Assert.True((bool)(await project.StateAsync())["found"]["external"]!);
        await project.UpAsync(1, "--config", "id=theirs-1");
        // To read is not to change.
        Assert.Equal(0, (await project.RunAsync("preview", "--expect-no-changes", "--stack", project.Stack)).ExitCode);
        Assert.Contains("does not exist", (await project.FailAsync(2, 1, "--config", "id=theirs-1")).Text);
        await project.TakeRequestsAsync();
        Assert.Equal(0, (await project.TryAsync("destroy")).ExitCode);
        Assert.Equal(["delete user"], (await project.TakeRequestsAsync()).Work);
        Assert.Equal(["theirs"], project.CloudNames());
    }

    [NodeFact]
    public async Task Resource_LetGoAndTakenOverAgain_ChangesHands()
    {
        await using var project = await NodeProject.StartAsync("takeover");
        await project.UpAsync(0);
        var id = (string)(await project.StateAsync())["released"]["id"]!;
        Assert.Contains("read released", (await project.UpAsync(1, "--config", $"id={id}")).Steps);
        Assert.True((bool)(await project.StateAsync())["released"]["external"]!);
        await project.TakeRequestsAsync();
        var run = await project.UpAsync(2);
        Assert.Contains("create-replacement released", run.Steps);

        // What was only read is not ours to delete.
        Assert.Equal(["create released"], (await project.TakeRequestsAsync()).Work);
    }

    [NodeFact]
    public async Task Import_OfAnExistingResource_TakesItOverAndFollowsTheProgram()
    {
        await using var project = await NodeProject.StartAsync("imports");
        Directory.CreateDirectory(project.Cloud);
        await File.WriteAllTextAsync(Path.Combine(project.Cloud, "wild-1.json"), """{ "inputs": { "value": "as it is" }, "outputs": { "value": "as it is", "computed": "wild" } }""");
        string[] id = ["--config", "id=wild-1"];
        Assert.Contains("import adopted", (await project.PreviewAsync(0, id)).Steps);
        var run = await project.UpAsync(0, id);
        Assert.Equal(["create conformance-dev", "import adopted"], run.Steps.Order(StringComparer.Ordinal));
        Assert.Equal("wild-1", (string)(await project.StateAsync())["adopted"]["importID"]!);

        Assert.Equal(["update adopted"], (await project.UpAsync(1, id)).Steps);
        Assert.Empty((await project.UpAsync(2, id)).Steps);
        Assert.Contains("does not exist", (await project.FailAsync(3, 1, id)).Text);
        Assert.Contains("import", string.Join('\n', (await project.FailAsync(4, 1, id)).Messages("error")));
        await project.TakeRequestsAsync();
        Assert.Equal(0, (await project.TryAsync("destroy")).ExitCode);
        Assert.Equal(["delete adopted"], (await project.TakeRequestsAsync()).Work);
    }

    [NodeFact]
    public async Task Refresh_OfWhatChangedBehindTheProgram_TakesItOver()
    {
        await using var project = await NodeProject.StartAsync("refreshed");
        await project.UpAsync(0);
        var state = await project.StateAsync();
        var changed = Path.Combine(project.Cloud, (string)state["changed"]["id"]! + ".json");
        await File.WriteAllTextAsync(changed, (await File.ReadAllTextAsync(changed)).Replace("program", "somebody", StringComparison.Ordinal));
        File.Delete(Path.Combine(project.Cloud, (string)state["vanished"]["id"]! + ".json"));

        var run = await project.TryAsync("refresh", 0);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["delete vanished", "update changed"], run.Steps.Order(StringComparer.Ordinal));
        Assert.Equal("somebody", (string)(await project.StateAsync())["changed"]["inputs"]!["value"]!);

        // The next run brings back what the program says; one with --refresh does both at once.
        run = await project.UpAsync(0);
        Assert.Equal(["create vanished", "update changed"], run.Steps.Order(StringComparer.Ordinal));
        File.Delete(Path.Combine(project.Cloud, (string)(await project.StateAsync())["vanished"]["id"]! + ".json"));
        Assert.Empty((await project.UpAsync(0)).Steps);
        run = await project.UpAsync(1, "--refresh");
        Assert.Contains("create vanished", run.Steps);
        Assert.Contains("create new", run.Steps);
    }
}
