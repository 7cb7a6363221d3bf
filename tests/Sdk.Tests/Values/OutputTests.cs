using System.Collections.Immutable;
using CsCheck;
using Pulumi;
using Pulumi.Utilities;

namespace Reco.Sdk.Tests.Values;

public sealed class OutputTests
{
    private static readonly Gen<Output<int>> AnyOutput = Gen.Select(Gen.Int[0, 9], Gen.Bool, Gen.Bool)
        .Select((value, known, secret) => new Output<int>(OutputData.Plain(value) with { IsKnown = known, IsSecret = secret }));

    [Fact]
    public void All_OfAnyOutputs_IsKnownIfAllAreAndSecretIfOneIs()
        => AnyOutput.Array[0, 5].Sample(outputs =>
        {
            var parts = outputs.Select(Data).ToArray();
            var all = Data(Output.All(outputs));
            return all.IsKnown == parts.All(part => part.IsKnown)
                && all.IsSecret == parts.Any(part => part.IsSecret)
                && (!all.IsKnown || all.Value.SequenceEqual(parts.Select(part => part.Value)));
        }, iter: 500);

    [Fact]
    public void Apply_OnAnyOutputs_ObeysTheMonadLaws()
        => Gen.Select(AnyOutput, AnyOutput, AnyOutput).Sample((first, second, third) =>
        {
            Output<int> Second(int value) => second.Apply(other => value + other);
            Output<int> Third(int value) => third.Apply(other => value * other);
            return Same(first.Apply(Second).Apply(Third), first.Apply(value => Second(value).Apply(Third)))
                && Same(first.Apply(value => value), first)
                && Same(Output.Create(3).Apply(Second), Second(3));
        }, iter: 500);

    [Fact]
    public async Task Apply_OnAnUnknown_DoesNotRun()
    {
        var ran = false;
        var result = OutputUtilities.CreateUnknown(1).Apply(value => ran = true);
        Assert.False(await OutputUtilities.GetIsKnownAsync(result));
        Assert.False(ran);
    }

    [Fact]
    public async Task Tuple_OfASecretAndAPlain_IsSecret()
    {
        var both = Output.Tuple(Output.CreateSecret("a"), Output.Create(2), Output.Create(true));
        Assert.True(await Output.IsSecretAsync(both));
        Assert.Equal(("a", 2, true), await OutputUtilities.GetValueAsync(both));
    }

    [Fact]
    public async Task Format_WithInputsAndOutputs_FillsThemIn()
    {
        Input<int> replicas = 3;
        var text = Output.Format($"{Output.Create("http")}://{Output.CreateSecret("host")}:{replicas:000}/{1.5}");
        Assert.Equal("http://host:003/1.5", await OutputUtilities.GetValueAsync(text));
        Assert.True(await Output.IsSecretAsync(text));
    }

    [Fact]
    public async Task Unsecret_OfASecret_IsPlain()
        => Assert.False(await Output.IsSecretAsync(Output.Unsecret(Output.CreateSecret(1))));

    [Fact]
    public async Task JsonSerialize_WithOutputsInside_AwaitsThemAndKeepsSecrets()
    {
        var json = Output.JsonSerialize(Output.Create(new Dictionary<string, object> { ["a"] = Output.CreateSecret(1), ["b"] = new[] { Output.Create("x") } }));
        Assert.Equal("""{"a":1,"b":["x"]}""", await OutputUtilities.GetValueAsync(json));
        Assert.True(await Output.IsSecretAsync(json));
    }

    [Fact]
    public async Task JsonDeserialize_OfASecret_IsSecret()
    {
        var read = Output.JsonDeserialize<ImmutableArray<int>>(Output.CreateSecret("[1,2]"));
        Assert.Equal("1,2", string.Join(",", await OutputUtilities.GetValueAsync(read)));
        Assert.True(await Output.IsSecretAsync(read));
    }

    [Fact]
    public void ToString_OfAnOutput_ExplainsApply()
        => Assert.Contains("Apply", Output.Create(1).ToString(), StringComparison.Ordinal);

    [Fact]
    public async Task InputList_OfPlainAndOutputElements_KeepsTheirOrder()
    {
        var list = new InputList<string> { "a", Output.Create("b") };
        list.Add("c");
        list.AddRange(new[] { "d", "e" });
        var joined = list.Concat(Output.Create(ImmutableArray.Create("f")));
        Assert.Equal("a b c d e f", string.Join(' ', await OutputUtilities.GetValueAsync(joined.ToOutput())));
        Assert.Equal("a b c d e", string.Join(' ', await OutputUtilities.GetValueAsync(list.ToOutput())));
    }

    [Fact]
    public async Task InputList_WithOneUnknownElement_IsUnknownAsAWhole()
    {
        var list = new InputList<int> { 1, OutputUtilities.CreateUnknown(2) };
        Assert.False(await OutputUtilities.GetIsKnownAsync(list.ToOutput()));
    }

    [Fact]
    public async Task InputMap_MergedWithAnother_TakesTheSecondValue()
    {
        var first = new InputMap<string> { ["a"] = "1", ["b"] = Output.CreateSecret("2") };
        var merged = InputMap<string>.Merge(first, new Dictionary<string, string> { ["a"] = "3" });
        var values = await OutputUtilities.GetValueAsync(merged.ToOutput());
        Assert.Equal("3", values["a"]);
        Assert.Equal("2", values["b"]);
        Assert.True(await Output.IsSecretAsync(merged.ToOutput()));
    }

    [Fact]
    public async Task InputMap_WithOneKeyTwice_FailsAndNamesIt()
    {
        var map = new InputMap<string> { { "a", "1" }, { "a", "2" } };
        var error = await Assert.ThrowsAsync<ArgumentException>(() => OutputUtilities.GetValueAsync(map.ToOutput()));
        Assert.Contains("'a'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task InputUnion_FromEitherCase_KeepsIt()
    {
        InputUnion<int, string> number = 1;
        InputUnion<int, string> text = Output.Create("x");
        Assert.True((await OutputUtilities.GetValueAsync(number.ToOutput())).IsT0);
        Assert.Equal("x", (await OutputUtilities.GetValueAsync(text.ToOutput())).AsT1);
    }

    private static OutputData<T> Data<T>(Output<T> output) => output.DataTask.GetAwaiter().GetResult();

    private static bool Same(Output<int> left, Output<int> right)
    {
        var (first, second) = (Data(left), Data(right));
        return first.IsKnown == second.IsKnown && (!first.IsKnown || (first.Value == second.Value && first.IsSecret == second.IsSecret));
    }
}
