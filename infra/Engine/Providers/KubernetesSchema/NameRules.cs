using System.Text.RegularExpressions;

namespace Reco.KubernetesSchema;

/// <summary>What Kubernetes takes as an object's name
/// (https://kubernetes.io/docs/concepts/overview/working-with-objects/names/).</summary>
internal static partial class NameRules
{
    private static readonly HashSet<string> Labels = new(StringComparer.Ordinal) { "Namespace", "Service" };
    private static readonly HashSet<string> Segments = new(StringComparer.Ordinal) { "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding" };

    /// <summary>Why a name is not allowed; null where it is.</summary>
    public static string? Problem(string kind, string name)
    {
        if (Segments.Contains(kind))
        {
            return name is "." or ".." || name.AsSpan().IndexOfAny('/', '%') >= 0
                ? $"\"{name}\" cannot be the name of a {kind}: it must not be \".\" or \"..\" nor hold \"/\" or \"%\""
                : null;
        }

        if (Labels.Contains(kind))
        {
            return name.Length <= 63 && Label().IsMatch(name)
                ? null
                : $"\"{name}\" cannot be the name of a {kind}: at most 63 lower-case letters, digits and \"-\", first and last a letter or digit";
        }

        return name.Length <= 253 && Subdomain().IsMatch(name)
            ? null
            : $"\"{name}\" cannot be the name of a {kind}: at most 253 lower-case letters, digits, \"-\" and \".\", first and last of each part a letter or digit";
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Label();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Subdomain();
}
