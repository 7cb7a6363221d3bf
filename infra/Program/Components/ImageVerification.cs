using Pulumi;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Reco.Infra.Configuration;
using Reco.Infra.CustomResources;
using static Reco.Infra.Components.HelmValues;
using CustomResource = Pulumi.Kubernetes.ApiExtensions.CustomResource;

namespace Reco.Infra.Components;

/// <summary>Arguments of <see cref="ImageVerification"/>.</summary>
internal sealed class ImageVerificationArgs : ResourceArgs
{
    /// <summary>Namespace whose pods are checked.</summary>
    public required Input<string> Namespace { get; init; }

    /// <summary>What becomes of a pod whose images are not signed, and whose signature counts.</summary>
    public required SigningConfig Signing { get; init; }

    /// <summary>The identity that checks, and where it finds certificate and signatures.</summary>
    public required Azure.ImageSigning Access { get; init; }

    /// <summary>The images that the stack runs.</summary>
    public required IReadOnlyList<string> Images { get; init; }
}

/// <summary>Lets the cluster run signed images only. Gatekeeper (of AKS's policy add-on) asks Ratify, and Ratify looks for a Notation
/// signature beside the image that was made with the key of one certificate in the vault. An image with several signatures needs one
/// that is trusted: each environment signs with a key of its own.</summary>
internal sealed class ImageVerification : ComponentResource
{
    /// <summary>Namespace of Gatekeeper, which the add-on makes.</summary>
    public const string NamespaceName = "gatekeeper-system";

    /// <summary>Service account of Ratify.</summary>
    public const string AccountName = "ratify-admin";

    private const string Provider = "ratify-provider";
    private const string Component = "image-signing";

    /// <summary>An image that is not signed, or whose signature cannot be checked: then nobody knows, and the answer is no.</summary>
    private const string Rule = $$"""
        package recosignedimages

        images[image] { image := input.review.object.spec.containers[_].image }
        images[image] { image := input.review.object.spec.initContainers[_].image }
        images[image] { image := input.review.object.spec.ephemeralContainers[_].image }

        answer := external_data({"provider": "{{Provider}}", "keys": [image | images[image]]})

        violation[{"msg": msg}] {
          answer.system_error != ""
          msg := sprintf("signatures could not be checked: %v", [answer.system_error])
        }

        violation[{"msg": msg}] {
          [image, error] := answer.errors[_]
          msg := sprintf("the signature of %v could not be checked: %v", [image, error])
        }

        violation[{"msg": msg}] {
          [image, result] := answer.responses[_]
          not is_signed(result)
          msg := sprintf("%v has no signature that this cluster trusts", [image])
        }

        violation[{"msg": msg}] {
          answer.system_error == ""
          images[image]
          not answered[image]
          msg := sprintf("nobody said whether %v is signed", [image])
        }

        answered[image] { [image, _] := answer.responses[_] }
        answered[image] { [image, _] := answer.errors[_] }

        is_signed(result) {
          report := result.verifierReports[_]
          report.type == "notation"
          report.isSuccess == true
        }

        """;

    /// <summary>Installs Ratify, the rule, and the constraint that puts it in force.</summary>
    public ImageVerification(string name, ImageVerificationArgs args, ComponentResourceOptions? options = null)
        : base("reco:model:ImageVerification", name, options)
    {
        var release = HelmCharts.Install("ratify", HelmCharts.Ratify, NamespaceName, Values(args), new CustomResourceOptions { Parent = this, DependsOn = { args.Access } });
        var template = new CustomResource($"{name}-rule", new ConstraintTemplateArgs
        {
            // Gatekeeper wants the kind in lower case.
            Metadata = new ObjectMetaArgs { Name = SignedImagesArgs.KindName.ToLowerInvariant(), Labels = Labels.For(Component) },
            Spec = new ConstraintTemplateSpecArgs
            {
                Crd = new ConstraintCrdArgs { Spec = new ConstraintCrdSpecArgs { Names = new ConstraintNamesArgs { Kind = SignedImagesArgs.KindName } } },
                Targets = { new ConstraintTargetArgs { Target = "admission.k8s.gatekeeper.sh", Rego = Rule } },
            },
        }, new CustomResourceOptions { Parent = this });
        _ = new CustomResource(name, new SignedImagesArgs
        {
            Metadata = new ObjectMetaArgs { Name = $"reco-{Deployment.Instance.StackName}-signed-images", Labels = Labels.For(Component) },
            Spec = new SignedImagesSpecArgs
            {
                EnforcementAction = args.Signing.Mode == Configuration.ImageSigning.Deny ? "deny" : "dryrun",
                Match = new ConstraintMatchArgs
                {
                    Kinds = { new ConstraintKindsArgs { ApiGroups = { "" }, Kinds = { "Pod" } } },
                    Namespaces = { args.Namespace },
                },
            },
        }, new CustomResourceOptions { Parent = this, DependsOn = { release, template } });
        RegisterOutputs(new Dictionary<string, object?> { ["version"] = release.Version });
    }

    /// <summary>Values of the chart.</summary>
    private static InputMap<object> Values(ImageVerificationArgs args) => new Dictionary<string, object>
    {
        // The images are named by digest already.
        ["provider"] = Map(("enableMutation", false)),
        ["featureFlags"] = Map(("RATIFY_CERT_ROTATION", true)),
        ["cosign"] = Map(("enabled", false)),
        ["notation"] = Map(("enabled", true), ("trustPolicies", new List<object>
        {
            Map(
                ("name", "reco"),
                ("level", "strict"),
                ("registryScopes", args.Images.Select(RepositoryOf).Distinct().ToList<object>()),
                ("trustStores", new List<object> { "ca:azurekeyvault" }),
                ("trustedIdentities", new List<object> { $"x509.subject: {args.Signing.Subject}" })),
        })),
        ["azureWorkloadIdentity"] = Map(("clientId", args.Access.VerifierClientId)),
        ["azurekeyvault"] = Map(
            ("enabled", true),
            ("vaultURI", args.Access.VaultUrl),
            ("tenantId", args.Access.TenantId),
            // A renewed certificate is found within the hour.
            ("refreshInterval", "1h"),
            ("certificates", new List<object> { Map(("name", args.Signing.Certificate)) })),
        ["oras"] = Map(("authProviders", Map(
            ("azureWorkloadIdentityEnabled", true),
            ("azureContainerRegistryEndpoints", new List<object> { args.Access.LoginServer })))),
    };

    /// <summary>An image's repository: without digest, and without the tag that may stand before it.</summary>
    private static string RepositoryOf(string image)
    {
        var name = image[..image.IndexOf('@', StringComparison.Ordinal)];
        var tag = name.LastIndexOf(':');
        return tag > name.LastIndexOf('/') ? name[..tag] : name;
    }
}
