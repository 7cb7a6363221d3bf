using System.Text.Json.Nodes;
using CsCheck;
using Reco.Providers.Kubernetes.Diffing;
using Reco.Providers.Kubernetes.Objects;
using Reco.Providers.Kubernetes.Operations;
using Reco.Providers.Kubernetes.Wire;

namespace Reco.Providers.Kubernetes.Tests;

/// <summary>Laws of the object algebra.</summary>
public sealed class PropertyTests
{
    private static readonly Gen<JsonNode?> Scalar = Gen.OneOf<JsonNode?>(
        Gen.Int[-3, 3].Select(number => (JsonNode?)JsonValue.Create((long)number)), Gen.Bool.Select(flag => (JsonNode?)JsonValue.Create(flag)),
        Gen.String[Gen.Char['a', 'c'], 0, 2].Select(text => (JsonNode?)JsonValue.Create(text)));

    private static readonly Gen<string> Key = OneOf("a", "b", "c.d", "e/f");

    private static Gen<JsonNode?> Node(int depth) => depth == 0 ? Scalar : Gen.OneOf(
        Scalar,
        Object(depth - 1).Select(value => (JsonNode?)value),
        Node(depth - 1).Array[0, 3].Select(items => (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())])));

    private static Gen<JsonObject> Object(int depth) => Gen.Select(Key, Node(depth)).Array[0, 4]
        .Select(members => new JsonObject(members.DistinctBy(member => member.Item1).Select(member => KeyValuePair.Create(member.Item1, member.Item2?.DeepClone()))));

    [Fact]
    public void MergePatch_OfTheDifference_GivesTheOther() =>
        Gen.Select(Object(3), Object(3)).Sample((a, b) => Json.Same(b, Apply(a, MergePatch.Create(a, b))), iter: 2_000);

    [Fact]
    public void MergePatch_OfEqualObjects_IsEmpty() => Object(3).Sample(a => MergePatch.Create(a, a.Copy()).Count == 0, iter: 500);

    [Fact]
    public void Diff_IsEmpty_ExactlyWhereObjectsAreTheSame() =>
        Gen.Select(Object(3), Object(3)).Sample((a, b) => (ObjectDiff.Compare(a, b).Count == 0) == Json.Same(a, b), iter: 2_000);

    [Fact]
    public void Diff_Paths_NameWhatTheyCameFrom() =>
        Gen.Select(Object(3), Object(3)).Sample((a, b) => ObjectDiff.Compare(a, b).All(change => PropertyPath.Parse(change.Path.ToString()).ToString() == change.Path.ToString()
            && Json.Same(change.Kind == ChangeKind.Delete ? null : change.Value, Follow(b, change.Path))), iter: 2_000);

    [Fact]
    public void Pruner_KeepsTheShape_AndNothingElse() => Gen.Select(Object(3), Object(3)).Sample((live, shape) =>
    {
        var pruned = Pruner.Prune(live, shape);
        return pruned.All(member => shape.ContainsKey(member.Key) && live.ContainsKey(member.Key)) && Json.Same(Pruner.Prune(live, live), live) && Json.Same(Pruner.Prune(pruned, shape), pruned);
    }, iter: 2_000);

    [Fact]
    public void Wire_RoundTrip_KeepsTheObject() => Object(3).Sample(value => Json.Same(value, WireReader.Read(WireWriter.Write(value))), iter: 1_000);

    [Fact]
    public void Normalizer_Twice_IsOnce() => Object(2).Sample(data =>
    {
        var value = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Secret", ["metadata"] = new JsonObject { ["name"] = "s" }, ["stringData"] = data.DeepClone() };
        var once = Normalizer.Normalize(value);
        return Json.Same(once, Normalizer.Normalize(once));
    }, iter: 500);

    private static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        // RFC 7386, section 2, in its own words.
        var result = target.Copy();
        foreach (var (key, value) in patch)
        {
            if (value is null)
            {
                result.Remove(key);
            }
            else
            {
                result[key] = value is JsonObject inner ? Apply(result[key] as JsonObject ?? [], inner) : value.DeepClone();
            }
        }

        return result;
    }

    private static JsonNode? Follow(JsonNode? node, PropertyPath path)
    {
        foreach (var step in path.Steps)
        {
            node = (node, step) switch
            {
                (JsonObject members, string key) => members[key],
                (JsonArray items, int index) when index < items.Count => items[index],
                _ => null,
            };
        }

        return node;
    }

    private static Gen<string> OneOf(params string[] words) => Gen.Int[0, words.Length - 1].Select(index => words[index]);
}
