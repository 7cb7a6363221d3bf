using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Reco.Engine.Display;
using Reco.Engine.Events;
using Reco.Engine.State;
using Reco.Engine.Values;

namespace Reco.Engine.Tests.Display;

public sealed class PreviewDigestTests
{
    [Theory]
    [InlineData(false, false, "same stack,replace a")]
    [InlineData(true, false, "same stack,same b,replace a")]
    [InlineData(false, true, "same stack,create-replacement a,replace a,delete-replaced a")]
    public void Digest_OfSteps_ShowsWhatWasAskedFor(bool sames, bool parts, string expected)
    {
        var digest = new PreviewDigest(showSecrets: false, sames, parts);
        digest.Handle(Step("same", "stack", "pulumi:pulumi:Stack"));
        digest.Handle(Step("create-replacement", "a"));
        digest.Handle(Step("same", "b"));
        digest.Handle(Step("replace", "a"));
        digest.Handle(Step("delete-replaced", "a"));
        Assert.Equal(expected, string.Join(",", Document(digest)["steps"]!.AsArray().Select(step => $"{step!["op"]} {((string)step["urn"]!).Split("::")[^1]}")));
    }

    [Fact]
    public void Digest_OfASecret_ShowsAMask()
    {
        var digest = new PreviewDigest(showSecrets: false);
        digest.Handle(Step("create", "a"));
        var text = Document(digest).ToJsonString();
        Assert.DoesNotContain("hush", text);
        Assert.Equal("[secret]", (string)Document(digest)["steps"]![0]!["newState"]!["inputs"]!["word"]!);
    }

    [Fact]
    public void Digest_OfARefresh_ShowsWhatItFound()
    {
        var digest = new PreviewDigest(showSecrets: false);
        digest.Handle(Step("refresh", "a"));
        digest.Handle(Step("refresh", "b"));
        var found = Step("update", "a").Step with { DetailedDiff = ImmutableSortedDictionary<string, PropertyDifference>.Empty.Add("word", new PropertyDifference("update", false)) };
        digest.Handle(new EngineEvent.ResourceOutputs(found, true, TimeSpan.Zero));
        digest.Handle(new EngineEvent.ResourceOutputs(Step("same", "b").Step, true, TimeSpan.Zero));
        var steps = Document(digest)["steps"]!;
        Assert.Equal("update", (string)steps[0]!["op"]!);
        Assert.Equal("""{"kind":"update","inputDiff":false}""", steps[0]!["detailedDiff"]!["word"]!.ToJsonString());
        Assert.Equal("refresh", (string)steps[1]!["op"]!);
    }

    private static JsonNode Document(PreviewDigest digest) => JsonNode.Parse(digest.ToJson(new Dictionary<string, string>(), ImmutableSortedSet<string>.Empty))!;

    private static EngineEvent.ResourcePre Step(string op, string name, string type = "test:index:Thing")
    {
        var state = new ResourceState
        {
            Urn = $"urn:pulumi:dev::proj::{type}::{name}",
            Type = type,
            Inputs = new PropertyMap([KeyValuePair.Create<string, PropertyValue>("word", new PropertyValue.SecretValue(new PropertyValue.StringValue("hush")))]),
        };
        return new EngineEvent.ResourcePre(new StepInfo { Op = op, Urn = state.Urn, Type = type, Old = state, New = state }, Planning: true);
    }
}
