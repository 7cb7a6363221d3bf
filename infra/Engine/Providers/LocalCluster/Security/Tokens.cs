using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Reco.LocalCluster.Security;

/// <summary>Who calls the API.</summary>
/// <param name="Name">User name, for a service account <c>system:serviceaccount:NAMESPACE:NAME</c>.</param>
/// <param name="IsAdmin">True for the cluster's administrator.</param>
internal sealed record Caller(string Name, bool IsAdmin)
{
    /// <summary>Namespace and name of a service account; null for another caller.</summary>
    public (string Space, string Name)? ServiceAccount => Name.Split(':') is ["system", "serviceaccount", var space, var name] ? (space, name) : null;
}

/// <summary>Bearer tokens: one of the administrator, and signed ones of service accounts that expire.</summary>
internal sealed class Tokens
{
    private const int KeyBytes = 32;
    private readonly byte[] key;
    private readonly TimeProvider time;

    private Tokens(byte[] key, TimeProvider time)
    {
        this.key = key;
        this.time = time;
        Admin = Base64Url.EncodeToString(HMACSHA256.HashData(key, "admin"u8));
    }

    /// <summary>Token of the administrator.</summary>
    public string Admin { get; }

    /// <summary>Reads the signing key of a cluster, or makes it.</summary>
    public static Tokens Open(string folder, TimeProvider time)
    {
        var file = Path.Combine(folder, "token.key");
        if (!File.Exists(file))
        {
            using var stream = new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
            stream.Write(RandomNumberGenerator.GetBytes(KeyBytes));
        }

        return new Tokens(File.ReadAllBytes(file), time);
    }

    /// <summary>A token of a service account.</summary>
    public string Issue(string space, string account, TimeSpan lifetime)
    {
        var claim = $"{space}:{account}:{time.GetUtcNow().Add(lifetime).ToUnixTimeSeconds()}";
        return $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claim))}.{Sign(claim)}";
    }

    /// <summary>Who a token belongs to; null where it is none of this cluster's or has expired.</summary>
    public Caller? Verify(string token)
    {
        if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(Admin)))
        {
            return new Caller("system:admin", true);
        }

        if (token.Split('.') is not [var encoded, var signature] || !Base64Url.IsValid(encoded))
        {
            return null;
        }

        var claim = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(encoded));
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(signature), Encoding.UTF8.GetBytes(Sign(claim)))
            && claim.Split(':') is [var space, var account, var expiry]
            && long.TryParse(expiry, out var end) && end > time.GetUtcNow().ToUnixTimeSeconds()
            ? new Caller($"system:serviceaccount:{space}:{account}", false)
            : null;
    }

    private string Sign(string claim) => Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(claim)));
}
