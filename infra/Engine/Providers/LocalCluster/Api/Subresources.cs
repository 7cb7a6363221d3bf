using System.Text.Json.Nodes;
using Reco.LocalCluster.Security;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Api;

/// <summary>Subresources that are objects of their own: <c>scale</c> and <c>token</c>.</summary>
internal sealed class Subresources(ObjectApi objects, Tokens tokens, TimeProvider time)
{
    private const long ShortestToken = 600;
    private const long LongestToken = 24 * 3600;

    /// <summary>The <c>Scale</c> of an object.</summary>
    public static JsonObject ScaleOf(ResourcePath at, JsonObject value)
    {
        var (spec, status) = (PathOf(at, "specReplicasPath", "spec.replicas"), PathOf(at, "statusReplicasPath", "status.replicas"));
        var metadata = new JsonObject();
        foreach (var field in (string[])["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            metadata[field] = value.At("metadata", field)?.DeepClone();
        }

        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = value.Number(spec) ?? 0 },
            ["status"] = new JsonObject
            {
                ["replicas"] = value.Number(status) ?? 0,
                ["selector"] = string.Join(',', value.Map("spec", "selector", "matchLabels").Select(label => $"{label.Key}={label.Value}")),
            },
        };
    }

    /// <summary>Sets the replicas of an object.</summary>
    public JsonObject SetScale(ResourcePath at, JsonObject scale, WriteOptions options)
    {
        if (scale.Number("spec", "replicas") is not { } replicas || replicas < 0)
        {
            throw ApiException.Invalid("Scale", at.Name, "spec.replicas", "Invalid value: must be greater than or equal to 0");
        }

        JsonNode patch = replicas;
        foreach (var step in PathOf(at, "specReplicasPath", "spec.replicas").Reverse())
        {
            patch = new JsonObject { [step] = patch };
        }

        if (scale.Text("metadata", "resourceVersion") is { Length: > 0 } version)
        {
            ((JsonObject)patch)["metadata"] = new JsonObject { ["resourceVersion"] = version };
        }

        var whole = at with { Subresource = "" };
        return ScaleOf(at, objects.Patch(whole, patch, "application/merge-patch+json", options));
    }

    /// <summary>Answers a <c>TokenRequest</c> for a service account.</summary>
    public JsonObject Token(ResourcePath at, JsonObject request)
    {
        var seconds = Math.Clamp(request.Number("spec", "expirationSeconds") ?? 3600, ShortestToken, LongestToken);
        var answer = request.Copy();
        answer["kind"] = "TokenRequest";
        answer["apiVersion"] = "authentication.k8s.io/v1";
        answer["status"] = new JsonObject
        {
            ["token"] = tokens.Issue(at.Space, at.Name, TimeSpan.FromSeconds(seconds)),
            ["expirationTimestamp"] = time.GetUtcNow().AddSeconds(seconds).Stamp(),
        };
        return answer;
    }

    private static string[] PathOf(ResourcePath at, string field, string builtIn) =>
        (at.Served.Definition.Text("subresources", "scale", field)?.TrimStart('.') ?? builtIn).Split('.', StringSplitOptions.RemoveEmptyEntries);
}
