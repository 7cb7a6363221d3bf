using Google.Protobuf.WellKnownTypes;
using Reco.Engine.Planning;
using Reco.Engine.Tests.Support;

namespace Reco.Engine.Tests.Planning;

public sealed class ProgramOptionsTests
{
    [Fact]
    public async Task Up_TargetedWithAComponentThatIsNoTarget_LeavesTheComponentAlone()
    {
        await using var stack = new TestStack();
        async Task Program(ProgramClient program, int version)
        {
            await program.StackAsync();
            await program.ResourceAsync("a", new { version });
            var group = await program.ComponentAsync("group", program.StackUrn);
            await program.OutputsAsync(group.Urn, new { version });
        }

        await stack.UpAsync(program => Program(program, 1));
        var result = await stack.UpAsync(program => Program(program, 2), options => options with { Targets = [TestStack.UrnOf("a")] });
        Assert.True(result.Succeeded, string.Join('\n', stack.Messages("error")));
        Assert.Equal(["update a"], stack.Steps.Where(step => !step.StartsWith("same", StringComparison.Ordinal)));
        Assert.Equal(1, ((Values.PropertyValue.NumberValue)stack["group"].Outputs["version"]).Value);
    }

    [Fact]
    public async Task Up_WithAChangedReplacementTrigger_Replaces()
    {
        await using var stack = new TestStack();
        async Task Program(ProgramClient program, string? trigger)
        {
            await program.StackAsync();
            await program.ResourceAsync("a", new { size = 1 }, options: request => request.ReplacementTrigger = trigger is null ? null : Value.ForString(trigger));
        }

        await stack.UpAsync(program => Program(program, null));
        await stack.UpAsync(program => Program(program, "first"));
        Assert.Equal(["same a"], stack.Steps);
        await stack.UpAsync(program => Program(program, "first"));
        Assert.Equal(["same a"], stack.Steps);
        await stack.UpAsync(program => Program(program, "second"));
        Assert.Equal(["create-replacement a", "replace a", "delete-replaced a"], stack.Steps);
    }

    [Fact]
    public async Task Destroy_WithTheProgram_DeletesWhatItRegistersAndWhatItDoesNot()
    {
        await using var stack = new TestStack();
        await stack.UpAsync(async program =>
        {
            await program.StackAsync();
            var group = await program.ComponentAsync("group", program.StackUrn);
            await program.ResourceAsync("a", new { size = 1 });
            await program.ResourceAsync("b", null, [group.Urn]);
            await program.OutputsAsync(program.StackUrn, new { done = true });
        });
        var result = await stack.RunAsync(
            DeploymentKind.Destroy,
            async program =>
            {
                await program.StackAsync();
                await program.ComponentAsync("group", program.StackUrn);
                await program.ResourceAsync("a", new { size = 2 });
                await program.ResourceAsync("new", new { size = 2 });
            },
            null,
            CancellationToken.None);
        Assert.True(result.Succeeded, string.Join('\n', stack.Messages("error")));
        Assert.Empty(stack.State.Resources);
        Assert.Equal(["delete a", "delete b", "delete group"], stack.Steps.Where(step => step.StartsWith("delete", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(stack.Steps, step => step.StartsWith("create", StringComparison.Ordinal) || step.StartsWith("update", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Destroy_OfAResourceWithDeleteHooks_NeedsTheProgram()
    {
        await using var stack = new TestStack();
        await stack.UpAsync(async program =>
        {
            await program.StackAsync();
            await program.ResourceAsync("a", options: request => request.Hooks = new() { BeforeDelete = { "drain" } });
        });
        var result = await stack.DestroyAsync();
        Assert.False(result.Succeeded);
        Assert.Contains(stack.Messages("error"), message => message.Contains("--run-program", StringComparison.Ordinal));
        Assert.Contains(stack.State.Resources, entry => Engine.Planning.Urn.Name(entry.Urn) == "a");
    }
}
