using System.Text;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Kubelet;

/// <summary>Entries of ConfigMaps and Secrets.</summary>
internal static class ObjectData
{
    /// <summary>Every entry, decoded.</summary>
    public static IReadOnlyDictionary<string, byte[]> Read(JsonObject value)
    {
        var secret = value.Text("kind") == ResourceKinds.Secret.Kind;
        var result = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (key, text) in value.Map("data"))
        {
            result[key] = secret ? Decode(value, key, text) : Encoding.UTF8.GetBytes(text);
        }

        foreach (var (key, text) in value.Map("binaryData"))
        {
            result[key] = Decode(value, key, text);
        }

        return result;
    }

    private static byte[] Decode(JsonObject value, string key, string text)
    {
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            throw new PodFailure("CreateContainerConfigError", $"{value.Text("kind")} {value.Space()}/{value.Name()}: the value of {key} is not base64");
        }
    }
}
