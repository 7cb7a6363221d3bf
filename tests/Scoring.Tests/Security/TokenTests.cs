using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Reco.Scoring.Tests.Hosting;

namespace Reco.Scoring.Tests.Security;

/// <summary>Bearer tokens of an OpenID Connect issuer that answers on loopback.</summary>
public sealed class TokenTests : IAsyncLifetime
{
    private TokenIssuer issuer = null!;
    private ScoringHost host = null!;

    public async Task InitializeAsync()
    {
        issuer = await TokenIssuer.StartAsync();
        host = await ServeAsync(issuer.Address);
    }

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        await issuer.DisposeAsync();
    }

    [Fact]
    public async Task Token_OfTheIssuerForThisAudience_IsAnswered()
    {
        await AnswersAsync(issuer.Token());
        await AnswersAsync(issuer.Token(claims => claims["aud"] = new JsonArray("another", TokenIssuer.Audience)));
        using var health = await host.Client.GetAsync("/v2/health/ready");
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Fact]
    public async Task Token_ThatIsNotGood_Is401AndSaysNothingOfTheInside()
    {
        var tokens = new Dictionary<string, string?>
        {
            ["expired"] = issuer.Token(claims => claims["exp"] = DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeSeconds()),
            ["without end"] = issuer.Token(claims => claims.Remove("exp")),
            ["not valid yet"] = issuer.Token(claims => claims["nbf"] = DateTimeOffset.UtcNow.AddMinutes(30).ToUnixTimeSeconds()),
            ["for another audience"] = issuer.Token(claims => claims["aud"] = "billing"),
            ["for no audience"] = issuer.Token(claims => claims.Remove("aud")),
            ["of another issuer"] = issuer.Token(claims => claims["iss"] = "https://elsewhere.example"),
            ["of another key"] = issuer.TokenOfAnotherKey(),
            ["unsigned"] = issuer.UnsignedToken(),
            ["signed with the public key"] = issuer.TokenSignedWithPublicKey(),
            ["forged"] = issuer.ForgedToken(),
            ["cut off"] = issuer.Token()[..^20],
            ["garbage"] = "%00%ff..;",
            ["dots"] = "..",
            ["empty"] = "",
            ["none"] = null,
        };
        foreach (var (name, token) in tokens)
        {
            await RefusesAsync(host, token, name);
        }

        // None of it has harmed the check.
        await AnswersAsync(issuer.Token());
    }

    [Fact]
    public async Task Issuer_NotReachable_Is401AndKeysStillAnswer()
    {
        await using var other = await ServeAsync(ProcessTests.FreeUrl(), "--Reco:Security:ApiKeys:0=secret-1");
        await RefusesAsync(other, issuer.Token(), "issuer that is not there");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/users");
        request.Headers.Add("X-Api-Key", "secret-1");
        Assert.Equal(HttpStatusCode.OK, (await other.Client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task Rate_OfOneSubject_IsBoundedWhateverItSendsBeside()
    {
        await using var limited = await ServeAsync(issuer.Address, "--Reco:Security:RequestsPerSecond=1");
        // Another token and another key with every request: the subject is the same.
        var statuses = await Task.WhenAll(Enumerable.Range(0, 40).Select(async number =>
        {
            using var request = Request(issuer.Token(claims => claims["jti"] = $"{number}"));
            request.Headers.Add("X-Api-Key", $"{number}");
            using var response = await limited.Client.SendAsync(request);
            return response.StatusCode;
        }));
        Assert.Contains(HttpStatusCode.OK, statuses);
        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
        using var another = Request(issuer.Token(claims => claims["sub"] = "another"));
        Assert.Equal(HttpStatusCode.OK, (await limited.Client.SendAsync(another)).StatusCode);
    }

    [Theory]
    [InlineData("http://issuer.example")]
    [InlineData("issuer")]
    public async Task Authority_ThatTokensCannotBeCheckedBy_IsRefusedAtStart(string authority)
    {
        var error = await Assert.ThrowsAsync<ScoringException>(() => ServeAsync(authority));
        Assert.Contains("Security:Authority", error.Message);
    }

    private static Task<ScoringHost> ServeAsync(string authority, params string[] settings) =>
        ScoringHost.StartAsync([$"--Reco:Security:Authority={authority}", $"--Reco:Security:Audience={TokenIssuer.Audience}", .. settings]);

    private static HttpRequestMessage Request(string? token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/users");
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        }

        return request;
    }

    private async Task AnswersAsync(string token)
    {
        using var request = Request(token);
        Assert.Equal(HttpStatusCode.OK, (await host.Client.SendAsync(request)).StatusCode);
    }

    private static async Task RefusesAsync(ScoringHost host, string? token, string name)
    {
        using var request = Request(token);
        using var response = await host.Client.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"a token that is {name} got {(int)response.StatusCode}: {body}");
        Assert.Equal(new AuthenticationHeaderValue("Bearer"), response.Headers.WwwAuthenticate.Single());
        Assert.Equal(["error"], JsonNode.Parse(body)!.AsObject().Select(entry => entry.Key));
        Assert.DoesNotContain("Exception", body);
        Assert.DoesNotContain("IDX", body);
        Assert.DoesNotContain(" at ", body);
    }
}
