using System.Text.Json.Nodes;
using Reco.Providers.Kubernetes.Wire;

namespace Reco.Providers.Kubernetes.Operations;

/// <summary>JSON merge patch (RFC 7386).</summary>
internal static class MergePatch
{
    /// <summary>The patch from one object to another.</summary>
    public static JsonObject Create(JsonObject before, JsonObject after)
    {
        var patch = new JsonObject();
        foreach (var (key, _) in before)
        {
            if (!after.ContainsKey(key))
            {
                patch[key] = null;
            }
        }

        foreach (var (key, value) in after)
        {
            before.TryGetPropertyValue(key, out var old);
            if (old is JsonObject a && value is JsonObject b)
            {
                var inner = Create(a, b);
                if (inner.Count > 0)
                {
                    patch[key] = inner;
                }
            }
            else if (!Json.Same(old, value))
            {
                patch[key] = value?.DeepClone();
            }
        }

        return patch;
    }
}
