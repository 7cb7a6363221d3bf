using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Reco.Scoring.Configuration;

namespace Reco.Scoring.Security;

/// <summary>Bearer tokens of an OpenID Connect issuer (Entra ID, for one), and callers' certificates.</summary>
internal static class SecuritySetup
{
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
    public static void RequireCertificates(this KestrelServerOptions kestrel, SecurityOptions options)
    {
        if (options.ClientAuthorities.Length == 0)
        {
            return;
        }

        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(options.ClientAuthorities);
        kestrel.ConfigureHttpsDefaults(https =>
        {
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (certificate, _, _) =>
            {
                using var chain = new X509Chain();
                chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
                chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
                chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
                return chain.Build(certificate);
            };
        });
    }
}
