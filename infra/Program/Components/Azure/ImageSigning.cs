using Pulumi;
using Reco.Infra.Configuration;

namespace Reco.Infra.Components.Azure;

/// <summary>Arguments of <see cref="ImageSigning"/>.</summary>
internal sealed class ImageSigningArgs : ResourceArgs
{
    /// <summary>The environment.</summary>
    public required AzureEnvironment Environment { get; init; }

    /// <summary>The cluster that checks signatures.</summary>
    public required AzureCluster Cluster { get; init; }

    /// <summary>The registry, which holds signatures beside the images.</summary>
    public required AzureRegistry Registry { get; init; }

    /// <summary>The vault, which holds the certificate and its key.</summary>
    public required AzureVault Vault { get; init; }

    /// <summary>Which certificate, and who signs.</summary>
    public required SigningConfig Signing { get; init; }
}

/// <summary>Who may sign images, and who may check signatures. The signer uses the key in the vault and never sees it; the
/// verifier reads the certificate's chain alone. The certificate itself belongs to no deployment: an administrator makes it once, with
/// a key that cannot be exported (the README says how), so that a stack can be taken down without breaking the images' signatures.</summary>
internal sealed class ImageSigning : ComponentResource
{
    private const string PipelineIssuer = "https://token.actions.githubusercontent.com";

    /// <summary>Makes the identities and their roles, each on the one certificate.</summary>
    public ImageSigning(string name, ImageSigningArgs args, ComponentResourceOptions? options = null)
        : base("reco:azure:ImageSigning", name, options)
    {
        var (environment, certificate) = (args.Environment, args.Signing.Certificate);
        var verifier = WorkloadIdentity.Make("verifier", environment, args.Cluster.OidcIssuer, WorkloadIdentity.ServiceAccount(ImageVerification.NamespaceName, ImageVerification.AccountName), this);
        Roles.Assign("verifier-reads-chain", Roles.KeyVaultSecretsUser, verifier.PrincipalId, Output.Format($"{args.Vault.VaultId}/secrets/{certificate}"), this);
        Roles.Assign("verifier-reads-signatures", Roles.AcrPull, verifier.PrincipalId, args.Registry.RegistryId, this);
        if (args.Signing.Repository is { } repository)
        {
            var signer = WorkloadIdentity.Make("signer", environment, PipelineIssuer, $"repo:{repository}:environment:{Deployment.Instance.StackName}", this);
            Roles.Assign("signer-uses-key", Roles.KeyVaultCryptoUser, signer.PrincipalId, Output.Format($"{args.Vault.VaultId}/keys/{certificate}"), this);
            Roles.Assign("signer-reads-certificate", Roles.KeyVaultCertificateUser, signer.PrincipalId, Output.Format($"{args.Vault.VaultId}/certificates/{certificate}"), this);
            Roles.Assign("signer-adds-signatures", Roles.AcrPush, signer.PrincipalId, args.Registry.RegistryId, this);
        }

        VerifierClientId = verifier.ClientId;
        VaultUrl = Output.Format($"https://{args.Vault.VaultName}.vault.azure.net");
        TenantId = args.Vault.TenantId;
        LoginServer = args.Registry.LoginServer;
        RegisterOutputs(new Dictionary<string, object?> { ["verifierClientId"] = VerifierClientId, ["vaultUrl"] = VaultUrl });
    }

    /// <summary>Client ID of the identity that checks signatures.</summary>
    public Output<string> VerifierClientId { get; }

    /// <summary>Address of the vault.</summary>
    public Output<string> VaultUrl { get; }

    /// <summary>Directory of the identities.</summary>
    public Input<string> TenantId { get; }

    /// <summary>Host name of the registry that the verifier logs in to.</summary>
    public Output<string> LoginServer { get; }
}
