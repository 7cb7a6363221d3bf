namespace Reco.LocalCluster.Storage;

/// <summary>Random ends of generated names, from the letters that Kubernetes uses.</summary>
internal static class Names
{
    private const string Letters = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>Five letters.</summary>
    public static string Suffix() => new(System.Security.Cryptography.RandomNumberGenerator.GetItems<char>(Letters, 5));
}
