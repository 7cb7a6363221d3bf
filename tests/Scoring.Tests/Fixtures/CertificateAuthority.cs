using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Reco.Scoring.Tests;

/// <summary>An authority of certificates that lives as long as a test.</summary>
internal sealed class CertificateAuthority : IDisposable
{
    /// <summary>Extended key usages: who the certificate speaks for.</summary>
    public const string Client = "1.3.6.1.5.5.7.3.2";
    public const string Server = "1.3.6.1.5.5.7.3.1";

    private readonly X509Certificate2 certificate;

    public CertificateAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(name, key, isAuthority: true);
        certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-3), DateTimeOffset.UtcNow.AddYears(1));
    }

    private CertificateAuthority(X509Certificate2 certificate) => this.certificate = certificate;

    /// <summary>The authority's own certificate, without its key.</summary>
    public X509Certificate2 Certificate => X509CertificateLoader.LoadCertificate(certificate.RawData);

    /// <summary>Writes the authority's certificate as PEM.</summary>
    public string Write(string folder)
    {
        var path = Path.Combine(folder, $"{Guid.NewGuid():N}.pem");
        File.WriteAllText(path, certificate.ExportCertificatePem());
        return path;
    }

    /// <summary>Issues a certificate with its key.</summary>
    public X509Certificate2 Issue(string name, string usage = Client, DateTimeOffset? from = null, DateTimeOffset? to = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(name, key, isAuthority: false);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        if (usage == Server)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
        }

        return Sign(request, key, from, to);
    }

    /// <summary>Issues an authority below this one.</summary>
    public CertificateAuthority IssueAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        // Longer than what it issues, whatever second that is in.
        return new CertificateAuthority(Sign(Request(name, key, isAuthority: true), key, DateTimeOffset.UtcNow.AddDays(-30), DateTimeOffset.UtcNow.AddDays(30)));
    }

    public void Dispose() => certificate.Dispose();

    private X509Certificate2 Sign(CertificateRequest request, ECDsa key, DateTimeOffset? from = null, DateTimeOffset? to = null)
    {
        using var signed = request.Create(certificate, from ?? DateTimeOffset.UtcNow.AddHours(-1), to ?? DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(8));
        using var whole = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), password: null);
    }

    private static CertificateRequest Request(string name, ECDsa key, bool isAuthority)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(isAuthority ? X509KeyUsageFlags.KeyCertSign : X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }
}
