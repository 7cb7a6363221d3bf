namespace Reco.Conformance;

/// <summary>Providers and programs that go wrong.</summary>
public sealed class FailureTests
{
    [NodeFact]
    public async Task Creation_ThatFails_StopsWhatDependsOnItAndIsMadeGoodByTheNextRun()
    {
        await using var project = await NodeProject.StartAsync("failures");
        var run = await project.FailAsync(0, 1, "--config", "how=fail");
        Assert.Equal(["create first"], run.Failures);
        Assert.Single(run.Messages("error"), message => message.Contains("create was told to fail", StringComparison.Ordinal));
        Assert.DoesNotContain("second", project.CloudNames());
        Assert.False((await project.StateAsync()).Has("first"));
        Assert.Empty((await project.StateAsync()).PendingOperations);

        // Asked to go on, everything independent is made.
        run = await project.FailAsync(0, 1, "--config", "how=fail", "--continue-on-error");
        Assert.Equal(["other", "stubborn"], project.CloudNames());
        Assert.DoesNotContain(run.Steps, step => step.EndsWith("third", StringComparison.Ordinal));

        run = await project.UpAsync(0, "--config", "how=none");
        Assert.Equal(["create first", "create second", "create third"], run.Steps.Order(StringComparer.Ordinal));

        // An update that fails leaves the entry as it was.
        await project.FailAsync(1, 1, "--config", "how=update");
        Assert.Equal(0, (int)(await project.StateAsync())["first"]["inputs"]!["value"]!);

        // A replacement that fails keeps the old one.
        await project.FailAsync(0, 1, "--config", "how=replace");
        Assert.Contains("first", project.CloudNames());
        await project.UpAsync(0, "--config", "how=none");

        // A deletion that fails keeps the entry, and the run says so.
        run = await project.FailAsync(0, 1, "--config", "how=leave");
        Assert.Equal(["delete stubborn"], run.Failures);
        Assert.True((await project.StateAsync()).Has("stubborn"));
    }

    [NodeFact]
    public async Task Creation_OfAResourceThatDoesNotGetReady_IsRecordedAndUpdated()
    {
        await using var project = await NodeProject.StartAsync("failures");
        var run = await project.FailAsync(0, 1, "--config", "how=init");
        Assert.Contains("did not get ready", run.Text);
        var first = (await project.StateAsync())["first"];
        Assert.Contains("did not get ready", (string)first["initErrors"]![0]!);
        await project.TakeRequestsAsync();
        await project.UpAsync(0, "--config", "how=none");
        Assert.Contains("update first", (await project.TakeRequestsAsync()).Work);
        Assert.Null((await project.StateAsync())["first"]["initErrors"]);
    }

    [NodeFact]
    public async Task Provider_ThatCrashes_IsToldAndLeavesNothingUnsaid()
    {
        await using var project = await NodeProject.StartAsync("failures");
        var run = await project.FailAsync(0, 1, "--config", "how=crash");
        Assert.Contains("crash", run.Text);
        Assert.Contains("create first", run.Failures);
        Assert.DoesNotContain("   at ", run.Command.Text);
        await project.UpAsync(0, "--config", "how=none");
    }

    [NodeFact]
    public async Task Program_ThatGoesWrong_FailsOnceWithItsOwnMessage()
    {
        await using var project = await NodeProject.StartAsync("programErrors");
        await project.UpAsync(0, "--config", "how=none");
        (string How, string Text)[] cases =
        [
            ("throw", "thrown on purpose"), ("reject", "rejected on purpose"), ("component", "the component gave up"), ("run", "a run error, without its stack"),
            ("twice", "Duplicate resource URN"), ("invalid", "it must not be given"), ("log", "logged on purpose"), ("exit", "exit code 3"), ("config", "never-set"),
            ("type", "nonsense"), ("alias", "alias"), ("read", "nonsense"), ("timeout", "'soon' is no time limit"), ("transform", "transformed on purpose"), ("urn", "'bogus'"),
        ];
        foreach (var (how, text) in cases)
        {
            var result = await project.RunAsync("preview", "--stack", project.Stack, "--config", $"how={how}");
            Assert.True(result.ExitCode is 1, $"{how}: {result.Text}");
            Assert.True(result.Text.Contains(text, StringComparison.OrdinalIgnoreCase), $"{how}: {result.Text}");
            Assert.DoesNotContain("   at Reco.", result.Text);

            // What the engine refuses of a resource is told with the resource, not as an exception of the program.
            Assert.DoesNotContain("failed to register new resource", result.Text);
            Assert.DoesNotContain("failed to read resource", result.Text);
        }
    }

    [NodeFact]
    public async Task Plugin_ThatIsMissingOrBroken_IsNamedWithWhatToDo()
    {
        await using var project = await NodeProject.StartAsync("plugins");
        var missing = await project.FailAsync(0, 1, "--config", "package=nowhere");
        Assert.Contains("pulumi plugin install resource nowhere", missing.Text);
        var garbage = await project.FailAsync(0, 1, "--config", "package=garbage");
        Assert.Contains("Hello, I am not a port", garbage.Text);
        var silent = await project.FailAsync(0, 1, "--config", "package=silent");
        Assert.Contains("the licence has run out", silent.Text);
    }
}
