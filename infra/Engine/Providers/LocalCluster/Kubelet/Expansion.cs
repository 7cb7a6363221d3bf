using System.Text;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Kubelet;

/// <summary>Text rules of container specs: <c>$(VAR)</c> references, and the translation of mount paths to the folders that
/// stand for volumes here.</summary>
internal static class Expansion
{
    /// <summary>Replaces <c>$(NAME)</c> by the variable's value; an unknown one stays as it is, and <c>$$</c> is a dollar sign.</summary>
    public static string Variables(string text, IReadOnlyDictionary<string, string> variables)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }

            if (text[i + 1] == '$')
            {
                result.Append('$');
                i++;
            }
            else if (text[i + 1] == '(' && text.IndexOf(')', i) is var end and > 0)
            {
                var name = text[(i + 2)..end];
                result.Append(variables.TryGetValue(name, out var value) ? value : text[i..(end + 1)]);
                i = end;
            }
            else
            {
                result.Append('$');
            }
        }

        return result.ToString();
    }

    /// <summary>Replaces mount paths by host folders where they stand at the start of a path: at the start of the text or
    /// after a separator of lists or of shell words, and up to a slash, a separator or the end. The longest mount path wins.</summary>
    public static string Paths(string text, IReadOnlyList<(string MountPath, string HostPath)> mounts)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var atStart = i == 0 || text[i - 1] is '=' or ':' or ',' or ' ' or '\n' or '\'' or '"' or '>' or '<' or '(' or ';' or '|' or '&';
            var mount = mounts.Where(mount => atStart && IsAt(text, i, mount.MountPath)).OrderByDescending(mount => mount.MountPath.Length).FirstOrDefault();
            if (mount.MountPath is null)
            {
                result.Append(text[i++]);
                continue;
            }

            result.Append(mount.HostPath);
            i += mount.MountPath.Length;
        }

        return result.ToString();
    }

    /// <summary>Value of a downward API field.</summary>
    public static string Field(JsonObject pod, string path) => path switch
    {
        "metadata.name" => pod.Name(),
        "metadata.namespace" => pod.Space(),
        "metadata.uid" => pod.Uid(),
        "spec.nodeName" => NodeName,
        "spec.serviceAccountName" => pod.Text("spec", "serviceAccountName") ?? "default",
        "status.podIP" or "status.podIPs" => pod.Text("status", "podIP") ?? "",
        "status.hostIP" or "status.hostIPs" => "127.0.0.1",
        _ when Keyed(path, "metadata.labels") is { } label => pod.Map("metadata", "labels").GetValueOrDefault(label, ""),
        _ when Keyed(path, "metadata.annotations") is { } annotation => pod.Map("metadata", "annotations").GetValueOrDefault(annotation, ""),
        _ => throw new PodFailure("InvalidFieldRef", $"there is no downward API field {path}"),
    };

    /// <summary>Name of the only node.</summary>
    public const string NodeName = "reco-local";

    private static string? Keyed(string path, string prefix) =>
        path.StartsWith(prefix + "['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal) ? path[(prefix.Length + 2)..^2] : null;

    private static bool IsAt(string text, int position, string mount) =>
        string.CompareOrdinal(text, position, mount, 0, mount.Length) == 0
        && (position + mount.Length == text.Length || text[position + mount.Length] is '/' or ':' or ',' or ' ' or '\n' or '\'' or '"' or '>' or '<' or ')' or ';' or '|' or '&');
}

/// <summary>Why a container cannot be started; a reason such as <c>ErrImagePull</c> and words.</summary>
internal sealed class PodFailure(string reason, string message) : Exception(message)
{
    /// <summary>One word, as in a container's waiting state.</summary>
    public string Reason { get; } = reason;
}
