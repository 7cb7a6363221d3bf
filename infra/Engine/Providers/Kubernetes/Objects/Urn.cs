namespace Reco.Providers.Kubernetes.Objects;

/// <summary>The two parts of a Pulumi URN that a provider needs.</summary>
internal static class Urn
{
    private const string Separator = "::";

    /// <summary>The resource's own type token.</summary>
    /// <exception cref="FormatException">Not a URN.</exception>
    public static string Type(string urn)
    {
        var qualified = Parts(urn)[2];
        return qualified[(qualified.LastIndexOf('$') + 1)..];
    }

    /// <summary>The resource's name.</summary>
    /// <exception cref="FormatException">Not a URN.</exception>
    public static string Name(string urn) => Parts(urn)[3];

    private static string[] Parts(string urn)
    {
        // A name may hold the separator itself.
        var parts = urn.Split(Separator, 4);
        return parts.Length == 4 ? parts : throw new FormatException($"{urn} is not a URN.");
    }
}
