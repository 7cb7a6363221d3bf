using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using CsCheck;
using Google.Protobuf.WellKnownTypes;
using Pulumi;
using Pulumi.Serialization;

namespace Reco.Sdk.Tests.Serialization;

/// <summary>What is serialised and read back is what it was, for values of any shape.</summary>
public sealed class RoundTripTests
{
    private static readonly Gen<string> Key = Gen.String[Gen.Char.AlphaNumeric, 1, 8];

    private static readonly Gen<object?> Leaf = Gen.OneOf(
        Gen.Const((object?)null),
        Gen.Bool.Select(value => (object?)value),
        Gen.Double[-1e15, 1e15].Select(value => (object?)value),
        Gen.String[Gen.Char[' ', '\u04ff'], 0, 20].Select(text => (object?)text));

    private static readonly Gen<object?> Tree = Gen.Recursive<object?>((depth, inner) => depth >= 4
        ? Leaf
        : Gen.OneOf(
            Leaf,
            inner.Array[0, 4].Select(items => (object?)items.ToImmutableArray()),
            // A member without a value is left out, so it does not come back.
            Gen.Select(Key, inner.Where(value => value is not null)).Array[0, 4].Select(pairs => (object?)pairs
                .DistinctBy(pair => pair.Item1).ToImmutableDictionary(pair => pair.Item1, pair => pair.Item2))));

    [Fact]
    public void Serialize_ThenDeserialize_GivesTheSameValue()
        => Tree.Sample(value =>
        {
            var data = RoundTrip(value);
            return data is { IsKnown: true, IsSecret: false } && Text(data.Value) == Text(value);
        }, iter: 2_000);

    [Fact]
    public void Serialize_WithASecretOrUnknownInside_MakesTheWholeSecretOrUnknown()
        => Gen.Select(Tree, Tree, Gen.Bool, Gen.Bool).Sample((first, second, secret, unknown) =>
        {
            var output = new Output<object?>(OutputData.Plain(second) with { IsSecret = secret, IsKnown = !unknown });
            var data = RoundTrip(ImmutableArray.Create<object?>(first, output));
            return data.IsKnown == !unknown && (unknown || data.IsSecret == secret);
        }, iter: 500);

    [Fact]
    public void Serialize_OfTheSameValue_GivesTheSameBytes()
        => Tree.Sample(value => Serialize(value)?.Equals(Serialize(value)) ?? value is null, iter: 500);

    [Fact]
    public async Task Serialize_KeepingOutputs_CarriesSecretnessInOneObject()
    {
        var serializer = new PropertySerializer(new SerializationMode(KeepResources: true, KeepOutputs: true));
        var value = await serializer.SerializeAsync("x", Output.CreateSecret("hush"));
        Assert.Equal(Constants.OutputSignature, value!.StructValue.Fields[Constants.SignatureKey].StringValue);
        Assert.True(value.StructValue.Fields["secret"].BoolValue);
        Assert.Equal("hush", value.StructValue.Fields["value"].StringValue);
    }

    [Theory]
    [InlineData(1L)]
    [InlineData(1f)]
    [InlineData('x')]
    public async Task Serialize_OfATypeWithoutWireForm_NamesThePath(object value)
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => new PropertySerializer(SerializationMode.Plain).SerializeAsync("thing.size", value));
        Assert.Contains("thing.size", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deserialize_ListFromAMissingSecretValue_Fails()
    {
        var secret = new Struct { Fields = { [Constants.SignatureKey] = Value.ForString(Constants.SecretSignature) } };
        Assert.Throws<InvalidOperationException>(() => PropertyDeserializer.Deserialize(Value.ForStruct(secret)));
    }

    private static OutputData<object?> RoundTrip(object? value)
        => PropertyDeserializer.Deserialize(Serialize(value) ?? Value.ForNull());

    private static Value? Serialize(object? value)
        => new PropertySerializer(new SerializationMode(KeepResources: true)).SerializeAsync("value", value).GetAwaiter().GetResult();

    private static string Text(object? value)
    {
        var text = new StringBuilder();
        switch (value)
        {
            case ImmutableArray<object?> list:
                text.Append('[').AppendJoin(',', list.Select(Text)).Append(']');
                break;
            case ImmutableDictionary<string, object?> map:
                text.Append('{').AppendJoin(',', map.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}:{Text(entry.Value)}")).Append('}');
                break;
            default:
                text.Append(CultureInfo.InvariantCulture, $"{value?.GetType().Name} {value}");
                break;
        }

        return text.ToString();
    }
}
