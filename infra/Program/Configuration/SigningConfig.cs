namespace Reco.Infra.Configuration;

/// <summary>What becomes of a pod whose images are not signed.</summary>
internal enum ImageSigning
{
    /// <summary>Nobody looks.</summary>
    Off,

    /// <summary>It runs, and the constraint's status names it.</summary>
    Audit,

    /// <summary>It is refused.</summary>
    Deny,
}

/// <summary>Which signatures of images a cluster trusts.</summary>
internal sealed record SigningConfig
{
    /// <summary><c>reco:imageSigning</c>.</summary>
    public ImageSigning Mode { get; init; } = ImageSigning.Off;

    /// <summary><c>reco:signingCertificate</c>: name of the certificate in the vault.</summary>
    public string Certificate { get; init; } = "image-signing";

    /// <summary><c>reco:signingSubject</c>: subject of the certificate, as Notation's trust policy names it.</summary>
    public string Subject { get; init; } = "C=EU, ST=any, O=reco, CN=image-signing";

    /// <summary><c>reco:signingRepository</c>: <c>OWNER/NAME</c> of the GitHub repository whose workflow signs; null: somebody else signs.</summary>
    public string? Repository { get; init; }
}
