using System.Collections.Immutable;
using Pulumi;
using Pulumi.Testing;
using Pulumi.Utilities;
using Reco.Sdk.Tests.Wire;
using Deployment = Pulumi.Deployment;

namespace Reco.Sdk.Tests.Deployments;

public sealed class MockTests
{
    [Fact]
    public async Task TestAsync_OfAStack_GivesItsResourcesAndOutputs()
    {
        var resources = await Deployment.TestAsync<SampleStack>(new EmptyMocks(), new TestOptions { IsPreview = false });
        var stack = resources.OfType<SampleStack>().Single();
        Assert.Equal("x", await OutputUtilities.GetValueAsync(stack.Text));
        Assert.True(await Output.IsSecretAsync(stack.Secret));
        Assert.Single(resources.OfType<Thing>());
    }

    [Fact]
    public async Task TestAsync_OfAProgramThatFails_ThrowsItsMessage()
    {
        var error = await Assert.ThrowsAsync<RunException>(() => Deployment.TestAsync(
            new EmptyMocks(), new TestOptions(), () => { _ = new Config().Require("missing"); }));
        Assert.Contains("missing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TestAsync_OfTwoProgramsAtOnce_KeepsThemApart()
    {
        async Task<string> NameAsync(string stack)
        {
            var (_, outputs) = await Deployment.TestAsync(new EmptyMocks(), new TestOptions { StackName = stack }, async () =>
            {
                await Task.Delay(20);
                return new Dictionary<string, object?> { ["name"] = Deployment.Instance.StackName };
            });
            return (string)outputs["name"]!;
        }

        Assert.Equal("one two", string.Join(' ', await Task.WhenAll(NameAsync("one"), NameAsync("two"))));
    }

    [Fact]
    public async Task TestAsync_WithMocks_AsksThemForResourcesAndCalls()
    {
        var mocks = new Mocks();
        var (resources, outputs) = await Deployment.TestAsync(mocks, new TestOptions { IsPreview = false }, () =>
        {
            var thing = new Thing("a", new ThingArgs { Text = Output.CreateSecret("hush") });
            var answer = Deployment.Instance.Invoke<Answer>("sample:index:f", new QuestionOutputArgs { Text = thing.Text });
            return new Dictionary<string, object?> { ["text"] = answer.Apply(value => value.Text), ["id"] = thing.Id };
        });
        Assert.Equal("from the mock", await OutputUtilities.GetValueAsync((Output<string>)outputs["text"]!));
        Assert.Equal("a-1", await OutputUtilities.GetValueAsync((Output<string>)outputs["id"]!));
        Assert.Equal("hush", Assert.Single(mocks.Made).Inputs["text"]);
        Assert.Single(resources);
    }

    private sealed class Mocks : IMocks
    {
        public List<MockResourceArgs> Made { get; } = [];

        public Task<(string? id, object state)> NewResourceAsync(MockResourceArgs args)
        {
            Made.Add(args);
            return Task.FromResult<(string?, object)>(($"{args.Name}-1", args.Inputs));
        }

        public Task<object> CallAsync(MockCallArgs args)
            => Task.FromResult<object>(new Dictionary<string, object> { ["text"] = "from the mock", ["tags"] = ImmutableArray<object>.Empty });
    }
}
