using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Reco.Scoring.Configuration;

namespace Reco.Scoring.Security;

/// <summary>Bearer tokens of an OpenID Connect issuer (Entra ID, for one), and callers' certificates.</summary>
internal static class SecuritySetup
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>Adds the check of bearer tokens, where an issuer is configured.</summary>
    public static IServiceCollection AddTokens(this IServiceCollection services, SecurityOptions options)
    {
        if (options.Authority.Length > 0)
        {
            services.AddAuthentication().AddJwtBearer(bearer =>
            {
                bearer.Authority = options.Authority;
                bearer.Audience = options.Audience;
                bearer.MapInboundClaims = false;

                // An issuer that cannot be reached is a caller who cannot be known, not a failure of the service.
                bearer.Events = new JwtBearerEvents
                {
                    OnAuthenticationFailed = context =>
                    {
                        context.Fail(context.Exception);
                        return Task.CompletedTask;
                    },
                };
                bearer.RequireHttpsMetadata = !(Uri.TryCreate(options.Authority, UriKind.Absolute, out var issuer) && issuer.IsLoopback);
            });
        }

        return services;
    }

    /// <summary>Requires certificates of callers on HTTPS, where their authorities are configured.</summary>
    /// <exception cref="ScoringException">The file of authorities has none.</exception>
    public static void RequireCertificates(this KestrelServerOptions kestrel, SecurityOptions options)
    {
        if (options.ClientAuthorities.Length == 0)
        {
            return;
        }

        var authorities = ReadAuthorities(options.ClientAuthorities);
        kestrel.ConfigureHttpsDefaults(https =>
        {
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (certificate, sent, _) => IsOfAuthorities(certificate, sent?.ChainPolicy.ExtraStore, authorities);
        });
    }

    private static X509Certificate2Collection ReadAuthorities(string path)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(path);
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ScoringException($"Security:ClientAuthorities: {path} cannot be read as PEM: {error.Message}", error);
        }

        return authorities.Count > 0
            ? authorities
            : throw new ScoringException($"Security:ClientAuthorities: {path} has no certificate in it; it must be a PEM file (-----BEGIN CERTIFICATE-----).");
    }

    private static bool IsOfAuthorities(X509Certificate2 certificate, X509Certificate2Collection? sent, X509Certificate2Collection authorities)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.ExtraStore.AddRange(sent ?? []);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;

        // A server's certificate of the same authority proves nothing about a caller.
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        return chain.Build(certificate);
    }
}
