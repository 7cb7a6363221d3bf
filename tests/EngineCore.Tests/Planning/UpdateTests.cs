using Grpc.Core;
using Reco.Engine.Tests.Support;
using Reco.Protocol;

namespace Reco.Engine.Tests.Planning;

public sealed class UpdateTests
{
    [Fact]
    public async Task Up_NewResources_CreatesThemInOrderAndRecordsOutputs()
    {
        await using var stack = new TestStack();
        var result = await stack.UpAsync(async program =>
        {
            await program.StackAsync();
            var a = await program.ResourceAsync("a", new { size = 1 });
            Assert.StartsWith("a-", a.Id, StringComparison.Ordinal);
            await program.ResourceAsync("b", new { of = a.Id }, [a.Urn]);
            await program.OutputsAsync(program.StackUrn, new { id = a.Id });
        });

        Assert.True(result.Succeeded, string.Join('\n', stack.Messages("error")));
        Assert.Equal(["create a", "create b"], stack.Steps);
        Assert.Equal(3, result.Changes["create"]);
        Assert.Equal(["default", "proj-dev", "a", "b"], stack.State.Resources.Select(entry => Engine.Planning.Urn.Name(entry.Urn)).OrderBy(name => name is "a" or "b").ThenBy(name => name));
        Assert.Equal(stack["a"].Id, ((Values.PropertyValue.StringValue)stack["proj-dev"].Outputs["id"]).Value);
    }

    [Fact]
    public async Task Up_Unchanged_CallsNothingAndWritesNothing()
    {
        await using var stack = new TestStack();
        async Task Program(ProgramClient program)
        {
            await program.StackAsync();
            await program.ResourceAsync("a", new { size = 1 });
        }

        await stack.UpAsync(Program);
        var before = stack.State;
        stack.Provider.Calls.Clear();
        var result = await stack.UpAsync(Program);

        Assert.True(result.Succeeded);
        Assert.Equal(["same a"], stack.Steps);
        Assert.Empty(stack.Provider.Calls);
        Assert.Empty(stack.Journal.Log);
        Assert.Equal(before.Resources.Length, stack.State.Resources.Length);
    }

    [Fact]
    public async Task Up_ChangedAndRemoved_UpdatesAndDeletes()
    {
        await using var stack = new TestStack();
        await stack.UpAsync(async program =>
        {
            await program.StackAsync();
            var a = await program.ResourceAsync("a", new { size = 1 });
            await program.ResourceAsync("b", null, [a.Urn]);
        });
        var result = await stack.UpAsync(async program =>
        {
            await program.StackAsync();
            await program.ResourceAsync("a", new { size = 2 });
        });

        Assert.True(result.Succeeded, string.Join('\n', stack.Messages("error")));
        Assert.Equal(["update a", "delete b"], stack.Steps);
        Assert.Single(stack.Provider.World);
    }

    [Fact]
    public async Task Up_OneFailsAndTheProgramComplainsOfBeingLetGo_OnlyTheFailureIsTold()
    {
        await using var stack = new TestStack();
        stack.Provider.Before = (_, name) => name == "a" ? throw Refusal() : Task.CompletedTask;
        var result = await stack.UpAsync(async program =>
        {
            await program.StackAsync();
            var error = await Assert.ThrowsAsync<RpcException>(() => program.ResourceAsync("a"));
            await program.Engine.LogAsync(new LogRequest { Severity = LogSeverity.Error, Message = $"the program failed with an unhandled exception: {error}" });
            await program.Engine.LogAsync(new LogRequest { Severity = LogSeverity.Error, Message = "and something of its own" });
        });
        Assert.False(result.Succeeded);
        Assert.Contains("and something of its own", stack.Messages("error"));
        Assert.DoesNotContain(stack.Messages("error"), message => message.Contains("shut down", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Up_ContinueOnErrorAndOneFails_KeepsItsDependentsAndWhatTheyNeed()
    {
        await using var stack = new TestStack();
        async Task Program(ProgramClient program, bool isFirst)
        {
            await program.StackAsync();
            var needed = isFirst ? await program.ResourceAsync("needed") : null;
            var a = await program.ResourceAsync("a", new { size = isFirst ? 1 : 2 }, isFirst ? [needed!.Urn] : []);
            await program.ResourceAsync("b", null, [a.Urn]);
        }

        await stack.UpAsync(program => Program(program, isFirst: true));
        stack.Provider.Before = (verb, name) => verb == "update" && name == "a" ? throw Refusal() : Task.CompletedTask;
        var failed = await stack.UpAsync(program => Program(program, isFirst: false), options => options with { ContinueOnError = true });
        Assert.False(failed.Succeeded);
        Assert.Equal(3, stack.Provider.World.Count);

        stack.Provider.Before = (_, _) => Task.CompletedTask;
        Assert.True((await stack.UpAsync(program => Program(program, isFirst: false))).Succeeded);
        Assert.Equal(["a", "b"], stack.Provider.World.Keys.Select(id => id[..1]).Order());
    }

    [Fact]
    public async Task Up_ContinueOnErrorAndEarlyDeletionFails_LeavesWhatWasToBeDeletedAsItIs()
    {
        await using var stack = new TestStack();
        async Task Program(ProgramClient program, int replace)
        {
            await program.StackAsync();
            var needed = replace == 1 ? await program.ResourceAsync("needed") : null;
            var a = await program.ResourceAsync("a", new { replace });

            // What depended on it and on something that goes depends on nothing any more.
            await program.ResourceAsync("b", new { replaceWhen = replace == 1 ? a.Id : "" }, replace == 1 ? [a.Urn, needed!.Urn] : []);
        }

        await stack.UpAsync(program => Program(program, 1));
        stack.Provider.DeleteBeforeReplace = true;
        stack.Provider.Before = (verb, name) => verb == "delete" && name == "b" ? throw Refusal() : Task.CompletedTask;
        var failed = await stack.UpAsync(program => Program(program, 2), options => options with { ContinueOnError = true });
        Assert.False(failed.Succeeded);
        Assert.DoesNotContain(stack.Messages("warning"), message => message.Contains("not consistent", StringComparison.Ordinal));
        Assert.Equal(["a-2", "b-3", "needed-1"], stack.Provider.World.Keys.Order());

        stack.Provider.Before = (_, _) => Task.CompletedTask;
        Assert.True((await stack.UpAsync(program => Program(program, 2))).Succeeded);
        Assert.Equal(["a", "b"], stack.Provider.World.Keys.Select(id => id[..1]).Order());
    }

    // A run that is killed between the deletion's mark and the replacement leaves a copy with children behind.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Up_CopyAwaitsDeletionAndItsChildIsNotBroughtToItsSuccessor_CopyStays(bool needsReplaced)
    {
        await using var stack = new TestStack();
        await stack.UpAsync(async program =>
        {
            await program.StackAsync();
            await program.ResourceAsync("a", new { replace = 1 });
        });
        var a = stack["a"];
        var copy = a with { Urn = TestStack.UrnOf("copy"), Id = "copy-9", Delete = true, Dependencies = needsReplaced ? [a.Urn] : [] };
        var child = a with { Urn = TestStack.UrnOf("child", "test:index:Thing$test:index:Thing"), Id = "child-9", Parent = copy.Urn, Dependencies = [] };
        stack.State = stack.State with { Resources = [.. stack.State.Resources, copy, child] };
        stack.Provider.DeleteBeforeReplace = true;
        stack.Provider.Before = (verb, name) => verb == "update" && name == "child" ? throw Refusal() : Task.CompletedTask;
        async Task Program(ProgramClient program)
        {
            await program.StackAsync();
            await program.ResourceAsync("a", new { replace = 2 });
            await program.ResourceAsync("child", new { replace = 1, size = 2 }, options: request => request.Aliases.Add(new Alias { Urn = child.Urn }));
        }

        Assert.False((await stack.UpAsync(Program, options => options with { ContinueOnError = true })).Succeeded);
        Assert.DoesNotContain(stack.Messages("warning"), message => message.Contains("not consistent", StringComparison.Ordinal));
        Assert.Contains(stack.State.Resources, entry => entry.Id == copy.Id);

        stack.Provider.Before = (_, _) => Task.CompletedTask;
        Assert.True((await stack.UpAsync(Program)).Succeeded);
        Assert.Equal(["a", "child"], stack.State.Resources.Where(entry => entry.Type == a.Type).Select(entry => Engine.Planning.Urn.Name(entry.Urn)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Preview_Changes_ShowsThemAndDoesNothing()
    {
        await using var stack = new TestStack();
        var result = await stack.PreviewAsync(async program =>
        {
            await program.StackAsync();
            var a = await program.ResourceAsync("a", new { size = 1 });
            Assert.Equal("", a.Id);
        });

        Assert.True(result.Succeeded, string.Join('\n', stack.Messages("error")));
        Assert.Equal(["create a"], stack.Steps);
        Assert.Empty(stack.Provider.World);
        Assert.Empty(stack.Journal.Log);
    }

    [Fact]
    public async Task Destroy_Everything_DeletesDependentsFirst()
    {
        await using var stack = new TestStack();
        await stack.UpAsync(async program =>
        {
            await program.StackAsync();
            var a = await program.ResourceAsync("a");
            var b = await program.ResourceAsync("b", null, [a.Urn]);
            await program.ResourceAsync("c", null, [b.Urn]);
        });
        var result = await stack.DestroyAsync();

        Assert.True(result.Succeeded, string.Join('\n', stack.Messages("error")));
        Assert.Equal(["delete c", "delete b", "delete a"], stack.Provider.Calls.Where(call => call.StartsWith("delete", StringComparison.Ordinal)));
        Assert.Empty(stack.State.Resources);
        Assert.Empty(stack.Provider.World);
    }

    private static RpcException Refusal() => new(new Status(StatusCode.FailedPrecondition, "no"));
}
