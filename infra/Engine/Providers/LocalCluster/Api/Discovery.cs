using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Api;

/// <summary>What the API says of itself.</summary>
internal static class Discovery
{
    private static readonly string[] Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    /// <summary>Answer of <c>/version</c>: the Kubernetes version whose API this is a part of.</summary>
    public static JsonObject Version() => new()
    {
        ["major"] = "1",
        ["minor"] = "34",
        ["gitVersion"] = "v1.34.0+reco-local",
        ["platform"] = "linux/amd64",
    };

    /// <summary>Groups, versions or resources, by path.</summary>
    public static JsonObject Answer(string[] path) => path switch
    {
        ["api"] => new JsonObject { ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1") },
        ["apis"] => new JsonObject { ["kind"] = "APIGroupList", ["apiVersion"] = "v1", ["groups"] = new JsonArray([.. Groups().Select(Group)]) },
        ["apis", var group] when Groups().Contains(group) => Group(group),
        ["api", var version] => Resources("", version),
        ["apis", var group, var version] when ResourceKinds.All.Any(kind => kind.Group == group && kind.Version == version) => Resources(group, version),
        _ => throw new ApiException(404, "NotFound", "the server could not find the requested resource"),
    };

    private static IEnumerable<string> Groups() => ResourceKinds.All.Select(kind => kind.Group).Where(group => group.Length > 0).Distinct();

    private static JsonObject Group(string group)
    {
        var version = ResourceKinds.All.First(kind => kind.Group == group).Version;
        JsonObject Named() => new() { ["groupVersion"] = $"{group}/{version}", ["version"] = version };
        return new JsonObject { ["kind"] = "APIGroup", ["apiVersion"] = "v1", ["name"] = group, ["versions"] = new JsonArray(Named()), ["preferredVersion"] = Named() };
    }

    private static JsonObject Resources(string group, string version) => new()
    {
        ["kind"] = "APIResourceList",
        ["apiVersion"] = "v1",
        ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}",
        ["resources"] = new JsonArray([.. ResourceKinds.All.Where(kind => kind.Group == group && kind.Version == version).Select(kind => new JsonObject
        {
            ["name"] = kind.Plural,
            ["singularName"] = kind.Kind.ToLowerInvariant(),
            ["namespaced"] = kind.Namespaced,
            ["kind"] = kind.Kind,
            ["verbs"] = new JsonArray([.. Verbs.Select(verb => JsonValue.Create(verb))]),
        })]),
    };
}
