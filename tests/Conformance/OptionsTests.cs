namespace Reco.Conformance;

/// <summary>Resource options that change how differences count, and names that resources had before.</summary>
public sealed class OptionsTests
{
    [NodeFact]
    public async Task Aliases_OfEveryKind_KeepTheResources()
    {
        await using var project = await NodeProject.StartAsync("aliases");
        await project.UpAsync(0);
        var before = project.CloudNames();
        await project.TakeRequestsAsync();
        var run = await project.UpAsync(1);
        Assert.Equal(["create dependent"], run.Steps);
        Assert.Equal(["create dependent"], (await project.TakeRequestsAsync()).Work);
        Assert.Equal(before.Count + 1, project.CloudNames().Count);
        var state = await project.StateAsync();
        Assert.Equal("urn:pulumi:dev::conformance::testing:index:Group$testing:index:Group$testing:index:Thing::store-inner-back", (string)state["store-inner-back"]["urn"]!);
        Assert.Equal((string)state["store-inner"]["urn"]!, (string)state["store-inner-back"]["parent"]!);
        Assert.Contains("newName", (string)state["dependent"]["dependencies"]![0]!);
        Assert.Empty((await project.UpAsync(1)).Steps);

        // Two resources cannot both have been the same one.
        run = await project.FailAsync(2, 1);
        Assert.Contains("alias", string.Join('\n', run.Messages("error")));
    }

    [NodeFact]
    public async Task IgnoreChanges_OfPathsAndWildcards_HideTheDifferences()
    {
        await using var project = await NodeProject.StartAsync("ignoreChanges");
        await project.UpAsync(0);
        var preview = await project.PreviewAsync(1);
        Assert.Equal(["update grown", "update item", "update member", "update wildcard"], preview.Steps.Order(StringComparer.Ordinal));
        await project.TakeRequestsAsync();
        var run = await project.UpAsync(1, "--diff");
        Assert.Contains("~ followed (hidden)", run.Command.Output);
        var update = (await project.TakeRequestsAsync()).Of("update", "member")[0];
        Assert.Equal(0, (int)update["news"]!["map"]!["kept"]!);
        Assert.Equal(1, (int)update["news"]!["map"]!["followed"]!);
        Assert.Equal("map.kept", (string)update["ignoreChanges"]![0]!);
        var state = await project.StateAsync();
        Assert.Equal("[0,1]", state["item"]["inputs"]!["list"]!.ToJsonString());
        Assert.Equal("""[{"a":0,"b":1},{"a":0,"b":1}]""", state["wildcard"]["inputs"]!["list"]!.ToJsonString());
        Assert.Equal("""["map.followed"]""", state["member"]["hideDiff"]!.ToJsonString());
        Assert.Null(state["added"]["inputs"]!["extra"]);
        Assert.Equal("old", (string)state["removed"]["inputs"]!["extra"]!);
    }

    [NodeFact]
    public async Task ReplaceOnChanges_OfPaths_TurnUpdatesIntoReplacements()
    {
        await using var project = await NodeProject.StartAsync("replaceOnChanges");
        await project.UpAsync(0);
        var preview = await project.PreviewAsync(1);
        Assert.Equal(["replace everything", "replace path", "replace property"], preview.Steps.Where(step => step.StartsWith("replace ", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Contains("update other", preview.Steps);
        Assert.DoesNotContain(preview.Steps, step => step.EndsWith("both", StringComparison.Ordinal));
        Assert.Equal("""["value"]""", preview.Step("replace", "property")["replaceReasons"]!.ToJsonString());
        Assert.Equal("update-replace", (string)preview.Step("replace", "property")["detailedDiff"]!["value"]!["kind"]!);
    }
}
