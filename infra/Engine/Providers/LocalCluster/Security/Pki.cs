using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Reco.LocalCluster.Security;

/// <summary>The cluster's own certificate authority and server certificate, made once and kept in files that only the owner
/// reads.</summary>
internal sealed class Pki
{
    private Pki(string authorityPem, X509Certificate2 server)
    {
        AuthorityPem = authorityPem;
        Server = server;
    }

    /// <summary>Certificate of the authority, PEM.</summary>
    public string AuthorityPem { get; }

    /// <summary>Certificate of the API server, with its key.</summary>
    public X509Certificate2 Server { get; }

    /// <summary>Reads the certificates of a cluster, or makes them.</summary>
    public static Pki Open(string folder, DateTimeOffset now)
    {
        var (authority, certificate, key) = (Path.Combine(folder, "ca.crt"), Path.Combine(folder, "server.crt"), Path.Combine(folder, "server.key"));
        if (!File.Exists(authority) || !File.Exists(certificate) || !File.Exists(key))
        {
            Make(folder, authority, certificate, key, now);
        }

        // Kestrel wants the key in the certificate's own store form.
        using var pem = X509Certificate2.CreateFromPemFile(certificate, key);
        return new Pki(File.ReadAllText(authority), X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null));
    }

    private static void Make(string folder, string authorityFile, string certificateFile, string keyFile, DateTimeOffset now)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=reco-local-ca", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        var (from, to) = (now.AddHours(-1), now.AddYears(10));
        using var authority = authorityRequest.CreateSelfSigned(from, to);

        using var serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=reco-local", serverKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        names.AddDnsName("kubernetes.default.svc");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var server = request.Create(authority, from, to, RandomNumberGenerator.GetBytes(16));
        Write(authorityFile, authority.ExportCertificatePem());
        Write(keyFile, serverKey.ExportPkcs8PrivateKeyPem());
        Write(certificateFile, server.ExportCertificatePem());
    }

    private static void Write(string file, string text)
    {
        using var stream = new FileStream(file, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        stream.Write(System.Text.Encoding.ASCII.GetBytes(text));
    }
}
