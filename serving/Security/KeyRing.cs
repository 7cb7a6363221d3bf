using System.Security.Cryptography;
using System.Text;

namespace Reco.Scoring.Security;

/// <summary>Keys that are accepted. They are compared as hashes, in the same time whatever was sent.</summary>
internal sealed class KeyRing(IEnumerable<string> keys)
{
    private const string Bearer = "Bearer ";

    private readonly byte[][] hashes = [.. keys.Select(key => SHA256.HashData(Encoding.UTF8.GetBytes(key)))];

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => hashes.Length == 0;

    /// <summary>The key that a caller sent, as <c>X-Api-Key</c> or as a bearer token, or null.</summary>
    public static string? Sent(IHeaderDictionary headers)
    {
        if (headers["X-Api-Key"] is [{ } key])
        {
            return key;
        }

        return headers.Authorization is [{ } authorization] && authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim() : null;
    }

    /// <summary>Whether a key is accepted.</summary>
    public bool IsKnown(string? sent)
    {
        if (sent is null)
        {
            return false;
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(sent));
        var known = false;
        foreach (var key in hashes)
        {
            known |= CryptographicOperations.FixedTimeEquals(hash, key);
        }

        return known;
    }
}
