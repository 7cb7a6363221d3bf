using System.Text;
using System.Text.Json.Nodes;
using k8s.Models;
using Reco.Providers.Kubernetes.Wire;

namespace Reco.Providers.Kubernetes.Objects;

/// <summary>Brings forms that mean the same to a cluster into one form: what the server sets in metadata is dropped,
/// null members are dropped, quantities are canonical, a Secret's <c>stringData</c> is in <c>data</c>.</summary>
internal static class Normalizer
{
    private static readonly string[] ServerMetadata =
        ["creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields", "resourceVersion", "uid"];

    /// <summary>A normalized copy.</summary>
    public static JsonObject Normalize(JsonObject given)
    {
        var result = given.Copy();
        if (result["metadata"] is JsonObject metadata)
        {
            foreach (var key in ServerMetadata)
            {
                metadata.Remove(key);
            }
        }

        var type = result.Gvk() is { } gvk ? ModelCatalog.Find(gvk) : null;
        if (type is not null)
        {
            Walk(result, type);
        }

        if (type == typeof(V1Secret))
        {
            EncodeStringData(result);
        }

        return result;
    }

    private static void Walk(JsonNode? node, Type? type)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (key, value) in members.ToList())
                {
                    if (value is null)
                    {
                        members.Remove(key);
                    }
                    else if (ModelCatalog.MemberType(type, key) is { } memberType)
                    {
                        if (memberType == typeof(ResourceQuantity) && Canonical(value) is { } canonical)
                        {
                            members[key] = canonical;
                        }
                        else
                        {
                            Walk(value, memberType);
                        }
                    }
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    Walk(item, ModelCatalog.ItemType(type));
                }

                break;
        }
    }

    private static string? Canonical(JsonNode value)
    {
        if (value is not JsonValue || WireReader.IsUnknown(value))
        {
            return null;
        }

        try
        {
            // A quantity may be given as a number.
            return new ResourceQuantity(value.Text() ?? value.ToJsonString()).CanonicalizeString();
        }
        catch (Exception error) when (error is FormatException or ArgumentException or OverflowException)
        {
            // The cluster says what is wrong with it.
            return null;
        }
    }

    private static void EncodeStringData(JsonObject secret)
    {
        if (secret["stringData"] is not JsonObject { Count: > 0 } texts || WireReader.HasUnknown(texts))
        {
            return;
        }

        var data = secret["data"] as JsonObject ?? [];
        foreach (var (key, value) in texts)
        {
            if (value.Text() is { } text)
            {
                data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
            }
        }

        secret["data"] = data.Parent is null ? data : data.DeepClone();
        secret.Remove("stringData");
    }
}
