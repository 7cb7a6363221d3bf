using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Reco.LocalCluster.Api;
using Reco.LocalCluster.Controllers;
using Reco.LocalCluster.Kubelet;
using Reco.LocalCluster.Networking;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Tests;

/// <summary>Rules that need no daemon, most of them as laws.</summary>
public sealed class UnitTests
{
    private static readonly MergeRules Rules = new("Pod", isCustom: false);
    private static readonly Gen<string> Word = OneOf("a", "b", "c");

    private static readonly Gen<JsonObject> Pod = Gen.Select(Word, Word, Word, Word).Array[0, 4].Select(entries => new JsonObject
    {
        ["kind"] = "Pod",
        ["data"] = new JsonObject(entries.DistinctBy(entry => entry.Item1).Select(entry => KeyValuePair.Create(entry.Item1, (JsonNode?)JsonValue.Create(entry.Item2)))),
        ["containers"] = new JsonArray([.. entries.DistinctBy(entry => entry.Item3).Select(entry => new JsonObject
        {
            ["name"] = entry.Item3,
            ["image"] = entry.Item4,
            ["env"] = new JsonArray(new JsonObject { ["name"] = entry.Item1, ["value"] = entry.Item2 }),
        })]),
    });

    private static JsonObject Apply(JsonObject? live, JsonObject applied, string manager, bool force = true) =>
        ManagedFields.Read(live, Rules).Apply(live, applied, new Manager(manager, "Apply", ""), force, "now");

    private static bool Same(JsonNode? a, JsonNode? b) => (a, b) switch
    {
        (JsonObject x, JsonObject y) => x.Count == y.Count && x.All(member => y.ContainsKey(member.Key) && Same(member.Value, y[member.Key])),
        (JsonArray x, JsonArray y) => x.Count == y.Count && x.Zip(y).All(pair => Same(pair.First, pair.Second)),
        _ => JsonNode.DeepEquals(a, b),
    };

    private static JsonObject Bare(JsonObject value)
    {
        var copy = value.Copy();
        copy.Remove("metadata");
        foreach (var name in copy.Where(member => member.Value is JsonObject { Count: 0 } or JsonArray { Count: 0 }).Select(member => member.Key).ToArray())
        {
            copy.Remove(name);
        }

        return copy;
    }

    [Fact]
    public void Apply_Twice_IsOnce() => Pod.Sample(pod =>
    {
        var once = Apply(null, pod, "one");
        return Same(once, Apply(once, pod, "one"));
    }, iter: 500);

    [Fact]
    public void Apply_OfOneManager_LeavesExactlyWhatItLastApplied() => Gen.Select(Pod, Pod).Sample((first, second) => Same(Bare(Apply(Apply(null, first, "one"), second, "one")), Bare(second)), iter: 2_000);

    [Fact]
    public void Apply_OfNothing_TakesOwnFieldsAwayAndLeavesOthers() => Gen.Select(Pod, Pod).Sample((mine, theirs) =>
    {
        var both = Apply(Apply(null, theirs, "two"), mine, "one");
        var left = Apply(Apply(both, theirs, "two"), new JsonObject { ["kind"] = "Pod" }, "one");
        return Ordered(Bare(left)) == Ordered(Bare(theirs));
    }, iter: 2_000);

    /// <summary>Lists by keys have no order of their own between managers.</summary>
    private static string Ordered(JsonObject value) => string.Join('\n', FieldSet.Of(value, "", Rules).Paths.Order(StringComparer.Ordinal).Select(path => $"{path}={(path.Contains("k:", StringComparison.Ordinal) && FieldSet.Find(value, path) is JsonObject ? "" : FieldSet.Find(value, path)?.ToJsonString())}"));

    [Fact]
    public void FieldSet_RoundTrip_KeepsThePaths() => Pod.Sample(pod => FieldSet.Read(FieldSet.Of(pod, "", Rules).Write()).Paths.SetEquals(FieldSet.Of(pod, "", Rules).Paths), iter: 500);

    [Fact]
    public void Conflict_IsThere_ExactlyWhereValuesDiffer() => Gen.Select(Pod, Pod).Sample((mine, theirs) =>
    {
        var live = Apply(null, theirs, "two");
        var shared = FieldSet.Of(mine, "", Rules).Paths.Intersect(FieldSet.Of(theirs, "", Rules).Paths).Where(path => !(FieldSet.Find(mine, path) is JsonObject)).ToArray();
        var differs = shared.Any(path => !JsonNode.DeepEquals(FieldSet.Find(mine, path), FieldSet.Find(theirs, path)));
        try
        {
            Apply(live, mine, "one", force: false);
            return !differs;
        }
        catch (ApiException conflict)
        {
            return differs && conflict.Code == 409;
        }
    }, iter: 2_000);

    [Fact]
    public void StrategicMerge_OfItself_ChangesNothing() => Pod.Sample(pod => Same(pod, Patches.StrategicMerge(pod, pod, Rules)), iter: 500);

    [Fact]
    public void StrategicMerge_LastOneWins_AndIsIdempotent() => Gen.Select(Pod, Pod).Sample((pod, patch) =>
    {
        var once = Patches.StrategicMerge(pod, patch, Rules);
        return Same(once, Patches.StrategicMerge(once, patch, Rules)) && FieldSet.Of(patch, "", Rules).Paths.All(path => FieldSet.Find(patch, path) is JsonObject or JsonArray || JsonNode.DeepEquals(FieldSet.Find(patch, path), FieldSet.Find(once, path)));
    }, iter: 1_000);

    [Theory]
    [InlineData("""{"containers":[{"name":"a"},{"name":"b"}]}""", """{"containers":[{"name":"a","$patch":"delete"}]}""", """{"containers":[{"name":"b"}]}""")]
    [InlineData("""{"containers":[{"name":"a"}]}""", """{"containers":[{"$patch":"replace"},{"name":"c"}]}""", """{"containers":[{"name":"c"}]}""")]
    [InlineData("""{"a":{"x":1,"y":2}}""", """{"a":{"$patch":"replace","z":3}}""", """{"a":{"z":3}}""")]
    [InlineData("""{"a":{"x":1,"y":2}}""", """{"a":{"$retainKeys":["y"]}}""", """{"a":{"y":2}}""")]
    [InlineData("""{"finalizers":["a","b"]}""", """{"$deleteFromPrimitiveList/finalizers":["a"]}""", """{"finalizers":["b"]}""")]
    [InlineData("""{"finalizers":["a"]}""", """{"finalizers":["b"]}""", """{"finalizers":["a","b"]}""")]
    [InlineData("""{"containers":[{"name":"a"},{"name":"b"}]}""", """{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}""", """{"containers":[{"name":"b"},{"name":"a"}]}""")]
    [InlineData("""{"args":["a"]}""", """{"args":["b"]}""", """{"args":["b"]}""")]
    public void StrategicMerge_Directives_AreFollowed(string target, string patch, string expected) =>
        Assert.Equal(expected, Patches.StrategicMerge(JsonNode.Parse(target), JsonNode.Parse(patch), Rules)!.ToJsonString());

    [Theory]
    [InlineData("500m", 0.5)]
    [InlineData("2", 2.0)]
    [InlineData("1Ki", 1024.0)]
    [InlineData("1.5Gi", 1610612736.0)]
    [InlineData("1e3", 1000.0)]
    [InlineData("100k", 100_000.0)]
    [InlineData("0", 0.0)]
    [InlineData("x", null)]
    [InlineData("1KiB", null)]
    public void Quantity_Texts_AreRead(string text, double? expected) => Assert.Equal(expected, Quantity.Parse(text));

    [Fact]
    public void Quantity_AgreesWithTheOfficialClient() => Gen.Select(Gen.Int[0, 9_999], OneOf("", "m", "k", "M", "G", "Ki", "Mi", "Gi")).Sample((number, suffix) =>
        Math.Abs(Quantity.Parse($"{number}{suffix}")!.Value - (double)new k8s.Models.ResourceQuantity($"{number}{suffix}").ToDecimal()) < 1e-6, iter: 500);

    [Theory]
    [InlineData(new[] { "0", "1", "2", "4" }, "0-2,4")]
    [InlineData(new[] { "3", "1" }, "1,3")]
    [InlineData(new[] { "0", "1" }, "0,1")]
    [InlineData(new string[0], "")]
    public void Indexes_AreWrittenAsRanges(string[] indexes, string expected) => Assert.Equal(expected, JobProgress.Ranges(indexes));

    [Theory]
    [InlineData("/data/x", "/host/x")]
    [InlineData("/database/x", "/database/x")]
    [InlineData("--file=/data", "--file=/host")]
    [InlineData("a:/data/b,/data", "a:/host/b,/host")]
    [InlineData("cat '/data/a' >/data/b", "cat '/host/a' >/host/b")]
    [InlineData("/data/deep/x", "/other/x")]
    public void Paths_OfMounts_AreTranslated(string text, string expected) => Assert.Equal(expected, Expansion.Paths(text, [("/data", "/host"), ("/data/deep", "/other")]));

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", true)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", false)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", true)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", false)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nuntil it closes", false)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", false)]
    [InlineData("HEAD / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n", true)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 304 Not Modified\r\n\r\n", true)]
    [InlineData("GET / HTTP/1.0\r\n\r\n", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", false)]
    [InlineData("GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n", false)]
    public void HttpTurn_TellsACompleteAnswer_HoweverItIsCut(string request, string answer, bool complete)
    {
        for (var size = 1; size <= answer.Length; size++)
        {
            var turn = new HttpTurn();
            turn.AddRequest(Encoding.ASCII.GetBytes(request));
            foreach (var part in answer.Chunk(size))
            {
                turn.AddAnswer(Encoding.ASCII.GetBytes(part));
            }

            Assert.Equal(complete, turn.IsComplete);
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n", false, true)]
    [InlineData("POST / HTTP/1.1\r\n\r\n", false, false)]
    [InlineData("POST / HTTP/1.1\r\n\r\n", true, true)]
    [InlineData("nonsense", true, false)]
    public void HttpTurn_RepeatsOnlyWhatIsSafe(string request, bool isLeaving, bool expected)
    {
        var turn = new HttpTurn();
        turn.AddRequest(Encoding.ASCII.GetBytes(request));
        Assert.Equal(expected, turn.MayRepeat(isLeaving));
        turn.AddAnswer("H"u8);
        Assert.False(turn.MayRepeat(isLeaving));
    }

    private static Gen<string> OneOf(params string[] words) => Gen.Int[0, words.Length - 1].Select(index => words[index]);
}
