namespace Reco.Conformance;

/// <summary>Runs that are kept to some resources, and other options of runs.</summary>
public sealed class TargetTests
{
    [NodeFact]
    public async Task Targets_AndExclusions_KeepARunToWhatWasAsked()
    {
        await using var project = await NodeProject.StartAsync("targets");
        await project.UpAsync(0);
        Assert.Equal(["update a"], (await project.PreviewAsync(1, "--target", project.Urn("a"))).Steps);
        Assert.Equal(["update a", "update b", "update c"], (await project.PreviewAsync(1, "--target", project.Urn("a"), "--target-dependents")).Steps.Order(StringComparer.Ordinal));
        Assert.Equal(["update d"], (await project.PreviewAsync(1, "--target", "**::d")).Steps);
        Assert.Equal(["update a", "update b", "update c", "update d"], (await project.PreviewAsync(1, "--exclude", project.Urn("e"))).Steps.Order(StringComparer.Ordinal));
        Assert.Equal(["update d", "update e"], (await project.PreviewAsync(1, "--exclude", project.Urn("a"), "--exclude-dependents")).Steps.Order(StringComparer.Ordinal));
        Assert.Equal(["replace e"], (await project.PreviewAsync(0, "--replace", project.Urn("e"))).Steps);
        Assert.Equal(["replace e"], (await project.PreviewAsync(1, "--target-replace", project.Urn("e"))).Steps);

        // A target that needs what is no target and does not exist yet.
        var needs = await project.FailAsync(2, 1, "--target", project.Urn("needs"));
        Assert.Contains("fresh", needs.Text);
        var unknown = await project.FailAsync(0, 1, "--target", project.Urn("nobody"));
        Assert.Contains("nobody", unknown.Text);

        // Destroying a target takes its dependents only where that was asked for.
        var refused = await project.TryAsync("destroy", 0, "--target", project.Urn("b"));
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("--target-dependents", refused.Text);
        Assert.Equal(["a", "b", "c", "d", "e"], project.CloudNames());
        var run = await project.TryAsync("destroy", 0, "--target", project.Urn("b"), "--target-dependents");
        Assert.Equal(["delete c", "delete b"], run.Steps);
        run = await project.TryAsync("destroy", 0, "--exclude", project.Urn("a"));
        Assert.Equal(["a"], project.CloudNames());
        Assert.Equal(0, run.ExitCode);
    }

    [NodeFact]
    public async Task ExpectNoChanges_WhereSomethingChanges_EndsWithItsOwnCode()
    {
        await using var project = await NodeProject.StartAsync("parallel");
        var result = await project.RunAsync("preview", "--expect-no-changes", "--stack", project.Stack);
        Assert.True(result.ExitCode == 7, result.Text);

        // Six that take a while each: the provider counts how many it works at when one begins.
        await project.TakeRequestsAsync();
        await project.UpAsync(0, "--parallel", "1");
        Assert.Equal([1, 1, 1, 1, 1, 1], await WorkingAsync());
        await project.TryAsync("destroy");
        await project.TakeRequestsAsync();
        await project.UpAsync(0, "--parallel", "2");
        var working = await WorkingAsync();
        Assert.Equal(6, working.Count);
        Assert.All(working, at => Assert.InRange(at, 1, 2));
        result = await project.RunAsync("preview", "--expect-no-changes", "--stack", project.Stack, "--parallel", "32");
        Assert.True(result.ExitCode == 0, result.Text);

        async Task<IReadOnlyList<int>> WorkingAsync() => [.. (await project.TakeRequestsAsync()).Of("working").Select(request => (int)request["at"]!)];
    }

    [NodeFact]
    public async Task Json_OfPreviewAndEvents_HasTheOfficialShape()
    {
        await using var project = await NodeProject.StartAsync("lifecycle");
        await project.UpAsync(0);
        var preview = await project.PreviewAsync(2, "--show-replacement-steps");
        var document = preview.Document;
        Assert.Equal("2", (string)document["config"]!["conformance:step"]!);
        Assert.True((long)document["duration"]! > 0);
        Assert.Equal(1, (int)document["changeSummary"]!["replace"]!);
        Assert.Equal(2, (int)document["changeSummary"]!["update"]!);
        Assert.False(document["changeSummary"]!.AsObject().ContainsKey("create-replacement"));
        var replace = preview.Step("replace", "base");
        Assert.Equal("""["immutable"]""", replace["replaceReasons"]!.ToJsonString());
        Assert.Equal("""["immutable","value"]""", replace["diffReasons"]!.ToJsonString());
        Assert.Equal("""{"kind":"update-replace","inputDiff":true}""", replace["detailedDiff"]!["immutable"]!.ToJsonString());
        Assert.Equal("""{"kind":"update","inputDiff":true}""", replace["detailedDiff"]!["value"]!.ToJsonString());
        Assert.Equal("a", (string)replace["oldState"]!["inputs"]!["immutable"]!);
        Assert.Equal("b", (string)replace["newState"]!["inputs"]!["immutable"]!);
        Assert.Contains("create-replacement base", preview.Steps);
        Assert.DoesNotContain("create-replacement base", (await project.PreviewAsync(2)).Steps);

        var run = await project.UpAsync(2);
        Assert.Equal(Enumerable.Range(0, run.Events.Count), run.Events.Select(line => (int)line["sequence"]!));
        Assert.All(run.Events, line => Assert.Equal(3, line.Count));
        Assert.NotNull(run.Events[0]["preludeEvent"]!["config"]);
        Assert.NotNull(run.Events[^1]["cancelEvent"]);
        var summary = run.Of("summaryEvent").Single();
        Assert.Equal("succeeded", (string)summary["result"]!);
        Assert.False((bool)summary["isPreview"]!);
        Assert.Equal("{}", summary["PolicyPacks"]!.ToJsonString());
        var created = run.Of("resourcePreEvent").Select(body => body["metadata"]!).Single(step => (string)step["op"]! == "create-replacement");
        Assert.False(created.AsObject().ContainsKey("logical"));
        Assert.Equal("""["immutable"]""", created["keys"]!.ToJsonString());
        Assert.Equal("update-replace", (string)created["detailedDiff"]!["immutable"]!["diffKind"]!);
        Assert.Equal("a", (string)created["old"]!["inputs"]!["immutable"]!);
    }

    [NodeFact]
    public async Task Logs_OfTheProgram_ComeThroughBySeverity()
    {
        await using var project = await NodeProject.StartAsync("logs");
        var run = await project.UpAsync();
        Assert.Empty(run.Messages("debug"));
        Assert.Contains("a debug line", (await project.UpAsync(0, "--debug")).Messages("debug"));
        Assert.Contains("an info line", run.Messages("info"));
        Assert.Contains("on standard output", run.Messages("info"));
        Assert.Contains("on standard error", run.Messages("info#err"));
        var warning = run.Of("diagnosticEvent").Single(body => (string)body["severity"]! == "warning" && ((string)body["message"]!).Contains("about the thing", StringComparison.Ordinal));
        Assert.Equal(project.Urn("thing"), (string)warning["urn"]!);
        var ephemeral = run.Of("diagnosticEvent").Single(body => ((string)body["message"]!).Contains("only for a moment", StringComparison.Ordinal));
        Assert.True((bool)ephemeral["ephemeral"]!);
    }

    [NodeFact]
    public async Task Program_ThatWaitsForTheEnd_IsLetGoAfterTheDeletions()
    {
        await using var project = await NodeProject.StartAsync("shutdown");
        await project.UpAsync(0);
        Assert.Equal("leaver,stayer", await File.ReadAllTextAsync(Path.Combine(project.Folder, "exit.txt")));
        await project.UpAsync(1);
        Assert.Equal("stayer", await File.ReadAllTextAsync(Path.Combine(project.Folder, "exit.txt")));
    }
}
