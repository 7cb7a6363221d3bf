using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;

namespace Reco.Scoring.Security;

/// <summary>Who a request was let in as. Only <see cref="ApiKeyCheck"/> says so, after its check: what a caller merely sends can be
/// another text with every request, and would count as another caller.</summary>
/// <param name="Id">Hash of the key, or of the token's subject.</param>
internal sealed record KnownCaller(string Id)
{
    private const int HashBytes = 16;

    /// <summary>The holder of a key that was accepted.</summary>
    public static KnownCaller OfKey(string key) => new("key " + Hash(key));

    /// <summary>The subject of a token that was accepted; a token without one is a caller of its own.</summary>
    public static KnownCaller OfToken(ClaimsPrincipal principal, string token) => new("token " + Hash(principal.FindFirstValue("sub") ?? token));

    private static string Hash(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, HashBytes));
}
