namespace Reco.KubernetesSchema;

/// <summary>What an object is: group (empty for the core group), version and kind.</summary>
internal sealed record GroupVersionKind(string Group, string Version, string Kind)
{
    private const string Core = "core";

    /// <summary>The object's <c>apiVersion</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>From <c>apiVersion</c> and <c>kind</c>; null where one is missing.</summary>
    public static GroupVersionKind? From(string? apiVersion, string? kind)
    {
        if (string.IsNullOrEmpty(apiVersion) || string.IsNullOrEmpty(kind))
        {
            return null;
        }

        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        var group = slash < 0 ? "" : apiVersion[..slash];
        return new GroupVersionKind(group == Core ? "" : group, apiVersion[(slash + 1)..], kind);
    }

    /// <summary>From a type token, for example <c>kubernetes:apps/v1:Deployment</c>.</summary>
    /// <exception cref="FormatException">Not a token of a Kubernetes resource.</exception>
    public static GroupVersionKind FromToken(string token)
    {
        var parts = token.Split(':');
        var module = parts.Length == 3 ? parts[1].Split('/') : [];
        if (parts.Length != 3 || parts[0] != "kubernetes" || module.Length != 2 || parts[2].Length == 0)
        {
            throw new FormatException($"{token} is not the type of a Kubernetes resource: expected kubernetes:<group>/<version>:<kind>.");
        }

        return new GroupVersionKind(module[0] == Core ? "" : module[0], module[1], parts[2]);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{ApiVersion}/{Kind}";
}
