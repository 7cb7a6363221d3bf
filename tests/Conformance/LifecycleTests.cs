using System.Text.Json.Nodes;

namespace Reco.Conformance;

/// <summary>What happens to resources from run to run.</summary>
public sealed class LifecycleTests
{
    [NodeFact]
    public async Task Resources_FromFirstRunToDestroy_TakeTheStepsOfPulumi()
    {
        await using var project = await NodeProject.StartAsync("lifecycle.ts");
        var preview = await project.PreviewAsync(0);
        Assert.Equal(["create base", "create bystander", "create conformance-dev", "create dependent", "create leaver"], preview.Steps.Order(StringComparer.Ordinal));
        Assert.Empty(project.CloudNames());

        var run = await project.UpAsync(0);
        Assert.True(run.At("create base") < run.At("create dependent"));
        Assert.Equal(["base", "bystander", "dependent", "leaver"], project.CloudNames());
        Assert.StartsWith("computed-base-", (string)(await project.OutputsAsync())["computed"]!);

        Assert.Empty((await project.UpAsync(0)).Steps);
        Assert.Equal(["update base"], (await project.UpAsync(1)).Steps);

        run = await project.UpAsync(2);
        Assert.Equal(["create-replacement base", "delete-replaced base", "replace base", "update dependent", "update leaver"], run.Steps.Order(StringComparer.Ordinal));
        Assert.Equal("delete-replaced base", run.Steps[^1]);
        Assert.Equal(["base", "bystander", "dependent", "leaver"], project.CloudNames());

        Assert.Equal(["delete leaver"], (await project.UpAsync(3)).Steps);
        await project.TakeRequestsAsync();
        run = await project.TryAsync("destroy");
        Assert.Equal(0, run.ExitCode);
        Assert.True(run.At("delete dependent") < run.At("delete base"));
        Assert.Empty((await project.StateAsync()).Entries);
        Assert.Empty(project.CloudNames());
    }

    [NodeFact]
    public async Task Replacement_DeletingFirst_TakesDependentsThatWouldBeReplacedAlong()
    {
        await using var project = await NodeProject.StartAsync("deleteFirst");
        await project.UpAsync(0);
        await project.TakeRequestsAsync();
        var run = await project.UpAsync(1);
        var work = (await project.TakeRequestsAsync()).Work;
        Assert.Equal(["delete leaf", "delete middle", "delete root", "create root"], work.Take(4));
        Assert.True(work.ToList().IndexOf("create middle") < work.ToList().IndexOf("create leaf"));
        Assert.Contains("update updated", work);
        Assert.DoesNotContain(work, entry => entry.EndsWith("ordered", StringComparison.Ordinal));
        foreach (var name in (string[])["root", "middle", "leaf"])
        {
            Assert.True(run.At($"delete-replaced {name}") < run.At($"replace {name}"));
            Assert.True(run.At($"replace {name}") < run.At($"create-replacement {name}"));
        }

        await project.UpAsync(2);
        work = (await project.TakeRequestsAsync()).Work;
        Assert.True(work.ToList().IndexOf("delete byProvider") < work.ToList().IndexOf("create byProvider"));
        Assert.True(work.ToList().IndexOf("create overridden") < work.ToList().IndexOf("delete overridden"));
        Assert.Empty((await project.PreviewAsync(2)).Steps);
    }

    [NodeFact]
    public async Task Values_DeepOrEndless_AreKeptOrRefused()
    {
        await using var project = await NodeProject.StartAsync("deep");
        await project.UpAsync(0);
        var levels = 0;
        for (var value = (await project.OutputsAsync())["deep"]; value is JsonArray or JsonObject; value = value is JsonArray list ? list[0] : value["d"])
        {
            levels++;
        }

        Assert.Equal(70, levels);
        Assert.Empty((await project.PreviewAsync(0)).Steps);

        var run = await project.FailAsync(1, 1);
        Assert.Contains("'value' holds the number Infinity", run.Text);
        Assert.DoesNotContain("JsonSerializer", run.Text);
        Assert.Equal(["deep"], project.CloudNames());
    }

    [NodeFact]
    public async Task Protect_OfResourceToGo_RefusesUntilTakenAway()
    {
        await using var project = await NodeProject.StartAsync("protect");
        await project.UpAsync(0);
        Assert.True((bool)(await project.StateAsync())["child"]["protect"]!);

        var run = await project.FailAsync(1, 1);
        Assert.Contains("removed", string.Join('\n', run.Messages("error")));
        Assert.Contains("protect", string.Join('\n', run.Messages("error")));
        Assert.Contains("removed", project.CloudNames());

        run = await project.FailAsync(2, 1);
        Assert.Contains("unable to replace resource", run.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(run.Steps, step => step.EndsWith("treasure", StringComparison.Ordinal));

        // Destroying takes nothing that is protected, and says so.
        run = await project.TryAsync("destroy");
        Assert.NotEqual(0, run.ExitCode);
        Assert.Equal(["child", "removed", "treasure"], project.CloudNames());

        await project.SucceedAsync("state", "unprotect", project.Urn("removed"), "--yes", "--stack", project.Stack);
        Assert.Null((await project.StateAsync())["removed"]["protect"]);
        await project.UpAsync(3);
        Assert.Equal(0, (await project.TryAsync("destroy")).ExitCode);
        Assert.Empty(project.CloudNames());
    }

    [NodeFact]
    public async Task RetainOnDelete_OfResourceToGo_LeavesTheRealThing()
    {
        await using var project = await NodeProject.StartAsync("retain");
        await project.UpAsync(0);
        await project.UpAsync(1);
        Assert.Equal(["disk", "kept", "kept", "server"], project.CloudNames());
        await project.TakeRequestsAsync();
        var run = await project.UpAsync(2);
        Assert.Contains("delete kept", run.Steps);
        Assert.Contains("delete disk", run.Steps);

        // The disk goes with its server: the provider is asked for the server only.
        Assert.Equal(["delete server"], (await project.TakeRequestsAsync()).Work);
        Assert.Equal(["disk", "kept", "kept"], project.CloudNames());
        Assert.Equal(["conformance-dev"], (await project.StateAsync()).Names.Where(name => name != "default"));
    }

    [NodeFact]
    public async Task ReplaceWith_AndTrigger_ReplaceWithoutAChangeOfInputs()
    {
        await using var project = await NodeProject.StartAsync("replaceWith");
        await project.UpAsync(0);
        var run = await project.UpAsync(1);
        Assert.Equal(["replace follower", "replace leader"], run.Steps.Where(step => step.StartsWith("replace ", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        run = await project.UpAsync(2);
        Assert.Equal(["replace triggered"], run.Steps.Where(step => step.StartsWith("replace ", StringComparison.Ordinal)));
        Assert.Empty((await project.UpAsync(2)).Steps);
    }

    [NodeFact]
    public async Task AutomaticName_KeepsWhileTheResourceLives_AndChangesWithAReplacement()
    {
        await using var project = await NodeProject.StartAsync("named");
        await project.UpAsync(0);
        var first = (string)(await project.OutputsAsync())["automaticName"]!;
        Assert.Matches("^automatic-[0-9a-f]{7}$", first);
        await project.UpAsync(1);
        Assert.Equal(first, (string)(await project.OutputsAsync())["automaticName"]!);
        await project.UpAsync(2);
        var outputs = await project.OutputsAsync();
        Assert.NotEqual(first, (string)outputs["automaticName"]!);
        Assert.Equal("fixed-name", (string)outputs["givenName"]!);
    }

    [NodeFact]
    public async Task CustomTimeouts_OfEachOperation_ReachTheProviderInSeconds()
    {
        await using var project = await NodeProject.StartAsync("timeouts");
        await project.UpAsync(0);
        await project.UpAsync(1);
        await project.UpAsync(2);
        var requests = await project.TakeRequestsAsync();
        Assert.Equal(5400, (double)requests.Of("create", "patient")[0]["timeout"]!);
        Assert.Equal(90, (double)requests.Of("update", "patient")[0]["timeout"]!);
        Assert.Equal(60, (double)requests.Of("delete", "patient")[0]["timeout"]!);
    }
}
