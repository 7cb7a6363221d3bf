namespace Reco.Conformance;

/// <summary>The official Automation API drives the engine: it finds it as the command <c>pulumi</c>.</summary>
public sealed class AutomationTests
{
    [NodeFact]
    public async Task InlineProgram_WholeLife_IsDrivenByTheAutomationApi()
    {
        await using var project = new NodeProject("named");
        var result = await project.DriveAsync("automation.js", "inline");
        Assert.True(result.ExitCode == 0, result.Text);
        Assert.Equal(
            """
            version: 3.248.0
            no stack yet: StackNotFoundError
            already there: StackAlreadyExistsError
            config: {"colour":{"value":"green","secret":false},"token":{"value":"s3cret","secret":true}}
            preview: {"create":3}
            up: succeeded {"create":3} auto.inline "the first"
            outputs: {"colour":{"value":"green","secret":false},"token":{"value":"s3cret","secret":true}}
            events: preludeEvent,resourcePreEvent,resOutputsEvent,summaryEvent,cancelEvent
            again: {"same":3}
            changed: {"delete":1,"same":1,"update":1}
            refreshed: succeeded
            program failed: CommandError, the program gave up on purpose
            exported: 3 resources
            stacks: life 3
            cancelled
            destroyed: {"delete":2}
            removed: 0 stacks
            """.ReplaceLineEndings("\n"),
            result.Output.Trim());
    }

    [NodeFact]
    public async Task LocalProgram_OfAFolder_IsDrivenByTheAutomationApi()
    {
        await using var project = new NodeProject("named");
        var result = await project.DriveAsync("automation.js", "local");
        Assert.True(result.ExitCode == 0, result.Text);
        Assert.Contains("local: succeeded auto.local fixed-name", result.Output);
        Assert.Contains("destroyed: 3", result.Output);
    }
}
