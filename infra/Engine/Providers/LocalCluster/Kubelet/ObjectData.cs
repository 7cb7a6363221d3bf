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
            result[key] = secret ? Convert.FromBase64String(text) : Encoding.UTF8.GetBytes(text);
        }

        foreach (var (key, text) in value.Map("binaryData"))
        {
            result[key] = Convert.FromBase64String(text);
        }

        return result;
    }
}
