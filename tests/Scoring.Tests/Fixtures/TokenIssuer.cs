using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Reco.Scoring.Tests;

/// <summary>An OpenID Connect issuer on a loopback port: discovery document, JWKS and RS256 tokens. Tokens are written by hand, so
/// that they do not come from the library that checks them.</summary>
internal sealed class TokenIssuer : IAsyncDisposable
{
    public const string Audience = "reco";

    private const string KeyId = "key-1";

    private readonly RSA key = RSA.Create(2048);
    private readonly WebApplication app;

    private TokenIssuer()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None"]);
        app = builder.Build();
        app.MapGet("/.well-known/openid-configuration", () => Json($$"""{"issuer":"{{Address}}","jwks_uri":"{{Address}}/keys","id_token_signing_alg_values_supported":["RS256"]}"""));
        app.MapGet("/keys", () => Json($$"""{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"{{KeyId}}","n":"{{Text(PublicKey.Modulus!)}}","e":"{{Text(PublicKey.Exponent!)}}"}]}"""));
    }

    /// <summary>The issuer, as its tokens say.</summary>
    public string Address => app.Urls.First();

    private RSAParameters PublicKey => key.ExportParameters(includePrivateParameters: false);

    public static async Task<TokenIssuer> StartAsync()
    {
        var issuer = new TokenIssuer();
        await issuer.app.StartAsync();
        return issuer;
    }

    /// <summary>A good token, but for what is changed.</summary>
    public string Token(Action<JsonObject>? change = null) => Sign(Claims(change), key);

    /// <summary>A token in this issuer's name by another key of the same ID.</summary>
    public string TokenOfAnotherKey()
    {
        using var other = RSA.Create(2048);
        return Sign(Claims(), other);
    }

    /// <summary>A token without signature.</summary>
    public string UnsignedToken() => $"{Text("""{"alg":"none","typ":"JWT"}"""u8)}.{Text(Claims())}.";

    /// <summary>A token signed by HMAC with the public key, which everybody has.</summary>
    public string TokenSignedWithPublicKey()
    {
        var content = $"{Text(Encoding.UTF8.GetBytes($$"""{"alg":"HS256","typ":"JWT","kid":"{{KeyId}}"}"""))}.{Text(Claims())}";
        return $"{content}.{Text(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key.ExportSubjectPublicKeyInfoPem()), Encoding.UTF8.GetBytes(content)))}";
    }

    /// <summary>A good token whose claims were changed after it was signed.</summary>
    public string ForgedToken()
    {
        var parts = Token().Split('.');
        return $"{parts[0]}.{Text(Claims(claims => claims["sub"] = "somebody else"))}.{parts[2]}";
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        key.Dispose();
    }

    private static string Sign(byte[] claims, RSA signer)
    {
        var content = $"{Text(Encoding.UTF8.GetBytes($$"""{"alg":"RS256","typ":"JWT","kid":"{{KeyId}}"}"""))}.{Text(claims)}";
        return $"{content}.{Text(signer.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    private static IResult Json(string text) => Results.Text(text, "application/json");

    private byte[] Claims(Action<JsonObject>? change = null)
    {
        var claims = new JsonObject
        {
            ["iss"] = Address,
            ["aud"] = Audience,
            ["sub"] = "shop-frontend",
            ["nbf"] = DateTimeOffset.UtcNow.AddHours(-2).ToUnixTimeSeconds(),
            ["exp"] = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds(),
        };
        change?.Invoke(claims);
        return Encoding.UTF8.GetBytes(claims.ToJsonString());
    }
}
