using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Reco.Scoring.Protocols.OpenInference.Grpc;

namespace Reco.Scoring.Tests.Security;

/// <summary>HTTPS and gRPC on real sockets, with certificates of the tests' own authorities.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("reco-tls-").FullName;
    private readonly CertificateAuthority servers = new("servers");
    private readonly CertificateAuthority callers = new("callers");

    public void Dispose()
    {
        servers.Dispose();
        callers.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task ClientAuthorities_CallersCertificate_DecidesAtTheHandshake()
    {
        await using var host = await ServeAsync($"--Reco:Security:ClientAuthorities={callers.Write(folder)}");
        using var good = callers.Issue("shop");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, good));

        // The caller sends the certificate between its own and the authority's.
        using var between = callers.IssueAuthority("team");
        using var indirect = between.Issue("shop");
        using var link = between.Certificate;
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, indirect, link));

        using var others = new CertificateAuthority("others");
        using var namesake = new CertificateAuthority("callers");
        using var stranger = others.Issue("shop");
        using var pretender = namesake.Issue("shop");
        using var expired = callers.Issue("shop", from: DateTimeOffset.UtcNow.AddDays(-20), to: DateTimeOffset.UtcNow.AddDays(-1));
        using var early = callers.Issue("shop", from: DateTimeOffset.UtcNow.AddDays(1), to: DateTimeOffset.UtcNow.AddDays(2));
        using var server = callers.Issue("shop", CertificateAuthority.Server);
        using var unlinked = between.Issue("shop");
        var refused = new Dictionary<string, X509Certificate2?>
        {
            ["none"] = null,
            ["of another authority"] = stranger,
            ["of an authority with the same name"] = pretender,
            ["expired"] = expired,
            ["not valid yet"] = early,
            ["a server's"] = server,
            ["without the certificate between"] = unlinked,
        };
        foreach (var (name, certificate) in refused)
        {
            var error = await Record.ExceptionAsync(() => StatusAsync(host, certificate));
            Assert.True(error is HttpRequestException { StatusCode: null }, $"a certificate that is {name} was let in: {error}");
        }

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, good));
    }

    [Fact]
    public async Task ClientAuthorities_FileWithoutCertificate_IsRefusedAtStart()
    {
        var path = Path.Combine(folder, "authorities.pem");
        foreach (var content in new[] { "", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" })
        {
            await File.WriteAllTextAsync(path, content);
            var error = await Assert.ThrowsAsync<ScoringException>(() => ServeAsync($"--Reco:Security:ClientAuthorities={path}"));
            Assert.Contains(path, error.Message);
        }
    }

    [Fact]
    public async Task Grpc_OverTls_SharesTheAddressOfHttpAndNeedsTheSameKey()
    {
        await using var host = await ServeAsync("--Reco:Security:ApiKeys:0=secret-1");
        using var channel = GrpcChannel.ForAddress(host.Address, new GrpcChannelOptions { HttpHandler = Handler(null), DisposeHttpClient = true });
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        var key = new Metadata { { "authorization", "Bearer secret-1" } };
        Assert.True((await client.ServerReadyAsync(new ServerReadyRequest(), key)).Ready);
        Assert.Equal("shop", (await client.ModelMetadataAsync(new ModelMetadataRequest { Name = "shop" }, key)).Name);
        var error = await Assert.ThrowsAsync<RpcException>(async () => await client.ModelMetadataAsync(new ModelMetadataRequest { Name = "shop" }));
        Assert.Equal(StatusCode.Unauthenticated, error.StatusCode);

        // ALPN chooses: the same port speaks HTTP/1.1 to who asks for it.
        using var http = new HttpClient(Handler(null)) { BaseAddress = host.Address };
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v2/health/ready") { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using var response = await http.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(version, response.Version);
        }
    }

    private Task<ScoringHost> ServeAsync(params string[] settings)
    {
        var path = Path.Combine(folder, "server.pfx");
        using var certificate = servers.Issue("server", CertificateAuthority.Server);
        File.WriteAllBytes(path, certificate.Export(X509ContentType.Pkcs12));
        return ScoringHost.StartAsync(["--urls=https://127.0.0.1:0", $"--Kestrel:Certificates:Default:Path={path}", .. settings]);
    }

    private async Task<HttpStatusCode> StatusAsync(ScoringHost host, X509Certificate2? certificate, params X509Certificate2[] between)
    {
        using var client = new HttpClient(Handler(certificate, between)) { BaseAddress = host.Address };
        using var response = await client.GetAsync("/v1/recommend?user=u1");
        return response.StatusCode;
    }

    /// <summary>A client that trusts the servers' authority and nobody else.</summary>
    private SocketsHttpHandler Handler(X509Certificate2? certificate, params X509Certificate2[] between)
    {
        var options = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { servers.Certificate } },
        };
        if (certificate is not null)
        {
            options.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, [.. between], offline: true);
        }

        return new SocketsHttpHandler { SslOptions = options };
    }
}
