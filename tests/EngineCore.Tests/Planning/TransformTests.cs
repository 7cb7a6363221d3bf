using Reco.Engine.Tests.Support;
using Reco.Engine.Values;
using Reco.Protocol;

namespace Reco.Engine.Tests.Planning;

/// <summary>What transforms do to the dependencies of a resource.</summary>
public sealed class TransformTests
{
    private static readonly string A = TestStack.UrnOf("a");
    private static readonly string B = TestStack.UrnOf("b");

    [Fact]
    public async Task OwnTransform_OutputsThatItReturns_AreTheDependencies()
    {
        await using var stack = new TestStack();
        await using var callbacks = await TestCallbacks.StartAsync();
        var seen = new List<string>();
        var result = await stack.UpAsync(program => RegisterAsync(program, own: callbacks.Transform(request =>
        {
            seen.AddRange(PropertyDecoder.Decode(request.Properties, MarshalOptions.All)["from"].OutputDependencies());
            return new TransformResponse
            {
                Properties = Wire.Struct(new { from = 1, linked = new PropertyValue.OutputValue(new PropertyValue.NumberValue(2), false, [B]) }),
                Options = new TransformResourceOptions(),
            };
        })));
        Assert.True(result.Succeeded);
        Assert.Equal([A], seen);
        Assert.Equal([B], stack["c"].PropertyDependencies["linked"].AsEnumerable());
        Assert.Empty(stack["c"].PropertyDependencies["from"]);
        Assert.Equal([B], stack["c"].Dependencies.AsEnumerable());
    }

    [Fact]
    public async Task StackTransform_OfAResourceWithoutItsOwn_KeepsWhatTheProgramHasSaid()
    {
        await using var stack = new TestStack();
        await using var callbacks = await TestCallbacks.StartAsync();
        var plain = false;
        var transform = callbacks.Transform(request =>
        {
            if (request.Name != "c")
            {
                return new TransformResponse();
            }

            plain = PropertyDecoder.Decode(request.Properties, MarshalOptions.All)["from"] is PropertyValue.NumberValue;
            request.Options.DependsOn.Add(B);
            return new TransformResponse { Properties = Wire.Struct(new { from = 1, added = 2 }), Options = request.Options };
        });
        var result = await stack.UpAsync(async program =>
        {
            await program.Monitor.RegisterStackTransformAsync(transform);
            await RegisterAsync(program, own: null);
        });
        Assert.True(result.Succeeded);
        Assert.True(plain, "an input without an own transform is sent as it is");
        Assert.Equal([A], stack["c"].PropertyDependencies["from"].AsEnumerable());
        Assert.Empty(stack["c"].PropertyDependencies["added"]);
        Assert.Equal([A, B], stack["c"].Dependencies.AsEnumerable());
    }

    private static async Task RegisterAsync(ProgramClient program, Callback? own)
    {
        await program.StackAsync();
        await program.ResourceAsync("a");
        await program.ResourceAsync("b");
        await program.ResourceAsync("c", new { from = 1 }, dependsOn: [A], options: request =>
        {
            request.PropertyDependencies["from"] = new RegisterResourceRequest.Types.PropertyDependencies { Urns = { A } };
            if (own is not null)
            {
                request.Transforms.Add(own);
            }
        });
    }
}
